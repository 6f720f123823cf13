// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "topology/topology.h"

namespace netyard {

/// Tries in a scratch namespace what this kernel may lack and a topology uses: encapsulations,
/// nexthop objects, MPLS, rules, tables, congestion controls, sysctls and their values. `scratch`
/// is made use of up. Mistakes go to diagnostics, at the first place that asks.
void check_layer3(const Topology& topology, int scratch, Diagnostics& diagnostics);

}  // namespace netyard
