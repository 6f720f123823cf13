// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ip.h"

namespace netyard {

class Message;

/// NUD_… of include/uapi/linux/neighbour.h.
enum class NeighborState : std::uint16_t {
  none = 0,
  incomplete = 0x01,
  reachable = 0x02,
  stale = 0x04,
  delay = 0x08,
  probe = 0x10,
  failed = 0x20,
  noarp = 0x40,
  permanent = 0x80
};
/// The word of ip-neighbour(8).
const char* to_string(NeighborState state);

/// An entry of the neighbour table, or of the proxy table.
struct Neighbor {
  std::uint32_t ifindex = 0;
  IpAddress address;
  std::optional<MacAddress> mac;  // a proxy entry has none
  NeighborState state = NeighborState::permanent;
  bool proxy = false;         // answers for the address
  bool router = false;        // IPv6: it is a router
  bool extern_learn = false;  // kept out of the garbage collection
  friend bool operator==(const Neighbor&, const Neighbor&) = default;
};

/// RTM_NEWNEIGH, NLM_F_CREATE|NLM_F_REPLACE.
Message new_neighbor(const Neighbor& neighbor);
/// RTM_DELNEIGH.
Message delete_neighbor(const Neighbor& neighbor);
/// RTM_GETNEIGH dump of both families: entries, or proxies.
Message get_neighbors(bool proxies);

}  // namespace netyard
