// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "topology/topology.h"

namespace netyard {

/// The part of preflight() about qdiscs, filters and offloads: makes them all in a scratch
/// namespace, which is empty again afterwards.
void check_traffic(const Topology& topology, int scratch, Diagnostics& diagnostics);
bool kernel_has(const QdiscKind& kind, int scratch);

}  // namespace netyard
