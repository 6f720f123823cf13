// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/diagnostics.h"
#include "netlink/macsec.h"
#include "topology/topology.h"

namespace netyard {

/// The keys of all macsec links of a lab: given, read from files, or made. They are in memory only
/// while the lab is brought up, and never printed.
class MacsecKeys {
 public:
  /// Throws Error for a file that cannot be read or holds no key.
  explicit MacsecKeys(const Topology& topology);
  MacsecKeys(const MacsecKeys&) = delete;
  MacsecKeys& operator=(const MacsecKeys&) = delete;
  ~MacsecKeys();

  /// The device of Topology::links[number], with the keys of its peers.
  MacsecDevice device(std::size_t number) const;

 private:
  const MacsecAssociation& association_of(InterfaceRef end) const;

  const Topology& topology_;
  std::vector<std::pair<InterfaceRef, MacsecAssociation>> associations_;
};

/// Looks for keys that cannot be read or do not fit, warns of those that others can read, and tries
/// in a scratch namespace whether the kernel has the ciphers.
void check_macsec(const Topology& topology, int scratch, Diagnostics& diagnostics);

}  // namespace netyard
