// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "topology/topology.h"

namespace netyard {

// Whether two files say the same of what cannot be read back: keys, and who speaks with whom.

/// "NODE:INTERFACE".
std::string end_name(const Topology& topology, InterfaceRef ref);

/// Of two wireguard links, by their places in Topology::links.
bool same_wireguard(const Topology& one, std::size_t link, const Topology& other,
                    std::size_t other_link);
bool same_associations(const PlannedMacsec& one, const PlannedMacsec& other);

}  // namespace netyard
