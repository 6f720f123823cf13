// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"

namespace netyard {

class Message;

/// One way out of a multipath route.
struct NextHop {
  std::optional<IpAddress> gateway;
  std::uint32_t ifindex = 0;  // 0: the kernel finds it from the gateway
  std::uint16_t weight = 1;   // 1 to 256
  friend bool operator==(const NextHop&, const NextHop&) = default;
};

/// A unicast route. One next hop is written as RTA_GATEWAY/RTA_OIF, several as RTA_MULTIPATH.
struct Route {
  IpPrefix destination;  // length 0: default
  std::vector<NextHop> hops;
  std::uint32_t table = 254;        // RT_TABLE_MAIN
  std::uint32_t metric = 0;         // 0: the kernel's default (IPv6: 1024)
  std::optional<IpAddress> source;  // preferred source address
  friend bool operator==(const Route&, const Route&) = default;
};

/// A policy rule. 0 and nullopt mean "any".
struct Rule {
  Family family = Family::ipv4;
  std::uint32_t priority = 0;
  std::optional<IpPrefix> from;
  std::optional<IpPrefix> to;
  std::string iif;
  std::string oif;
  std::uint32_t mark = 0;
  std::uint32_t table = 254;
  friend bool operator==(const Rule&, const Rule&) = default;
};

/// A permanent neighbour entry.
struct Neighbor {
  std::uint32_t ifindex = 0;
  IpAddress address;
  MacAddress mac;
  friend bool operator==(const Neighbor&, const Neighbor&) = default;
};

/// RTM_NEWROUTE, NLM_F_CREATE|NLM_F_EXCL, protocol static; scope link when there is no gateway.
Message new_route(const Route& route);
/// RTM_DELROUTE.
Message delete_route(const Route& route);
/// RTM_GETROUTE dump of both families.
Message get_routes();
/// RTM_NEWRULE / RTM_DELRULE.
Message new_rule(const Rule& rule);
Message delete_rule(const Rule& rule);
/// RTM_NEWNEIGH (NUD_PERMANENT) / RTM_DELNEIGH.
Message new_neighbor(const Neighbor& neighbor);
Message delete_neighbor(const Neighbor& neighbor);

}  // namespace netyard
