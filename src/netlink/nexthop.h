// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ip.h"
#include "netlink/route.h"

namespace netyard {

struct GroupMember {
  std::uint32_t id = 0;
  std::uint16_t weight = 1;  // 1 to 256
  friend bool operator==(const GroupMember&, const GroupMember&) = default;
};

/// A resilient group keeps flows where they are when members come and go. nullopt and 0: the
/// kernel's.
struct Resilience {
  std::uint16_t buckets = 0;
  std::optional<std::chrono::milliseconds> idle_timer;
  std::optional<std::chrono::milliseconds> unbalanced_timer;
  friend bool operator==(const Resilience&, const Resilience&) = default;
};

/// A nexthop object: a hop, a blackhole or a group of others. net/ipv4/nexthop.c; the device of a
/// hop must have a carrier.
struct NextHopObject {
  std::uint32_t id = 0;
  Family family = Family::ipv4;  // of a hop or blackhole
  NextHop hop;
  bool blackhole = false;
  std::vector<GroupMember> group;
  std::optional<Resilience> resilience;  // of a group
  friend bool operator==(const NextHopObject&, const NextHopObject&) = default;
};

/// RTM_NEWNEXTHOP, NLM_F_CREATE|NLM_F_EXCL, protocol static.
/// replace: NLM_F_REPLACE instead, which routes by it follow at once.
Message new_nexthop(const NextHopObject& nexthop, bool replace = false);
/// RTM_DELNEXTHOP.
Message delete_nexthop(std::uint32_t id);
/// RTM_GETNEXTHOP dump.
Message get_nexthops();

}  // namespace netyard
