// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "topology/topology.h"

namespace netyard {

/// Adds the table `inet netyard` that does what `nat:` of a node says; mistakes go to diagnostics.
void add_nat_table(const Node& node, std::span<const spec::Nat> nats, Ruleset& ruleset,
                   Diagnostics& diagnostics);

}  // namespace netyard
