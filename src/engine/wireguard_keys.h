// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "netlink/wireguard.h"
#include "topology/topology.h"

namespace netyard {

/// The keys of all wireguard links of a lab: given, read from files, those that their links have
/// already, or made. They are in memory only while the lab is brought up, and never printed.
class WireGuardKeys {
 public:
  /// The private key that a link has, if any.
  using Lookup = std::function<std::optional<WireGuardKey>(InterfaceRef end)>;

  /// Throws Error for a file that cannot be read or holds no key, at its place.
  WireGuardKeys(const Topology& topology, const Lookup& lookup);
  WireGuardKeys(const WireGuardKeys&) = delete;
  WireGuardKeys& operator=(const WireGuardKeys&) = delete;
  ~WireGuardKeys();

  /// The device of Topology::links[number], with the keys of its peers.
  WireGuardDevice device(std::size_t number) const;

 private:
  struct Pair {
    WireGuardKey secret{};
    WireGuardKey shown{};  // the public key
  };
  const Pair& pair_of(InterfaceRef end) const;

  const Topology& topology_;
  std::vector<std::pair<InterfaceRef, Pair>> pairs_;
};

/// The public key of a private one (RFC 7748).
WireGuardKey public_key_of(const WireGuardKey& secret);

/// Looks for keys that cannot be read, and warns of those that others can read.
void check_wireguard_keys(const Topology& topology, Diagnostics& diagnostics);

}  // namespace netyard
