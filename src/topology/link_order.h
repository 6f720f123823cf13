// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "topology/topology.h"

namespace netyard {

/// An order in which links can be made, as indexes into Topology::links: parents and masters before
/// what names them; else bridges and their like, pairs by the node they are made in, and what may
/// stand on others in the order of the file.
struct CreationOrder {
  std::vector<std::size_t> order;
  std::vector<std::size_t> circle;  // links that stand on each other; then `order` lacks some
};
CreationOrder creation_order(const Topology& topology);

/// The ends of a pair, first the one whose message makes both: it can be up and a port at once, so
/// that is the port of a master where there is one, and never the host's.
std::pair<InterfaceRef, InterfaceRef> ends_in_order(const Topology& topology,
                                                    const TopologyLink& link);

}  // namespace netyard
