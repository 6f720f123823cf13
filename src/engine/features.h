// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "topology/topology.h"

namespace netyard {

/// Looks for fields that this kernel would not heed: kernels ignore attributes of links that they
/// do not know. Makes a link with each in a scratch namespace, which `scratch` is, and looks
/// whether it is shown.
void check_features(const Topology& topology, int scratch, Diagnostics& diagnostics);

}  // namespace netyard
