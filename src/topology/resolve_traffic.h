// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/diagnostics.h"
#include "topology/topology.h"

namespace netyard {

/// Puts what is said nearer to an end on top: an endpoint, then the node's `interfaces:`.
void overlay_traffic(spec::Traffic& under, const spec::Traffic& over);

/// The ends of a link or network, as they are called.
struct NamedEnd {
  std::string node;
  std::string interface;
};
/// Puts under `own`, what one of the ends says of itself, what all of them together say.
void join_traffic(const spec::SharedTraffic& shared, std::span<const NamedEnd> ends,
                  std::size_t end, spec::Traffic& own, Diagnostics& diagnostics);
/// Looks for `from:` that is about none of the ends.
void check_from(const spec::SharedTraffic& shared, std::span<const NamedEnd> ends,
                Diagnostics& diagnostics);

/// Makes Interface::shaping of Interface::traffic everywhere, and checks it.
void resolve_traffic(Topology& topology, Diagnostics& diagnostics);

}  // namespace netyard
