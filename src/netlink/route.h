// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "netlink/encap.h"
#include "netlink/route_metrics.h"

namespace netyard {

class Message;

/// RTN_… of include/uapi/linux/rtnetlink.h.
enum class RouteType : std::uint8_t {
  unicast = 1,
  local,
  broadcast,
  anycast,
  multicast,
  blackhole,
  unreachable,
  prohibit,
  throw_
};
/// Bits of a type of service that the kernel wants zero in routes and rules.
constexpr std::uint8_t kEcnBits = 3;

/// The word of ip-route(8).
const char* to_string(RouteType type);
std::optional<RouteType> parse_route_type(std::string_view word);
/// False for the types that lead nowhere: blackhole, unreachable, prohibit, throw.
bool has_hops(RouteType type);
/// The table that a route of a type stands in when none is said: local ones in "local".
std::uint32_t usual_table(RouteType type);

/// One way out of a route.
struct NextHop {
  std::optional<IpAddress> gateway;
  std::uint32_t ifindex = 0;  // 0: the kernel finds it from the gateway
  std::uint16_t weight = 1;   // 1 to 256
  bool onlink = false;        // the gateway need not be in a subnet of the link
  Encap encap;
  friend bool operator==(const NextHop&, const NextHop&) = default;
};

/// One next hop is written as RTA_GATEWAY/RTA_OIF, several as RTA_MULTIPATH, a nexthop object as
/// RTA_NH_ID.
struct Route {
  IpPrefix destination;  // length 0: default
  std::vector<NextHop> hops;
  std::uint32_t table = 254;        // RT_TABLE_MAIN
  std::uint32_t metric = 0;         // 0: the kernel's default (IPv6: 1024)
  std::optional<IpAddress> source;  // preferred source address
  RouteType type = RouteType::unicast;
  std::optional<std::uint8_t> scope;  // nullopt: as ip-route(8) finds it
  std::uint8_t tos = 0;
  std::uint32_t nexthop = 0;  // id of an object, instead of hops; 0: none
  RouteMetrics metrics;
  std::optional<std::uint8_t> preference;  // RTA_PREF: 0 medium, 1 high, 3 low
  friend bool operator==(const Route&, const Route&) = default;
};

/// Words of ip-route(8) for a preference: "low"; nullopt for a word that is none.
const char* preference_name(std::uint8_t preference);
std::optional<std::uint8_t> parse_preference(std::string_view word);

/// RTM_NEWROUTE, NLM_F_CREATE|NLM_F_EXCL, protocol static; scope link when there is no gateway.
Message new_route(const Route& route);
/// The same with NLM_F_REPLACE: takes the place of the one with its destination and metric.
Message replace_route(const Route& route);
/// RTM_DELROUTE.
Message delete_route(const Route& route);
/// RTM_GETROUTE dump of both families.
Message get_routes();

}  // namespace netyard
