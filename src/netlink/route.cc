// SPDX-License-Identifier: Apache-2.0
#include "netlink/route.h"

#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>

#include <algorithm>

#include "netlink/message.h"
#include "netlink/names.h"

namespace netyard {
namespace {

constexpr const char* kTypes[] = {"unspec",    "unicast",   "local",       "broadcast", "anycast",
                                  "multicast", "blackhole", "unreachable", "prohibit",  "throw"};

constexpr NumberName kPreferences[] = {{"medium", ICMPV6_ROUTER_PREF_MEDIUM},
                                       {"high", ICMPV6_ROUTER_PREF_HIGH},
                                       {"low", ICMPV6_ROUTER_PREF_LOW}};

// IPv4 by way of an IPv6 gateway is written as RTA_VIA: a family and an address.
void put_gateway(Message& message, const IpAddress& gateway, Family family) {
  if (gateway.family == family) return message.put(RTA_GATEWAY, gateway);
  std::uint8_t via[2 + 16] = {};
  const std::uint16_t number = family_number(gateway.family);
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&number), 2, via);
  std::copy_n(gateway.bytes.begin(), gateway.size(), via + 2);
  message.put_bytes(RTA_VIA, via, 2 + gateway.size());
}

void put_one_hop(Message& message, const NextHop& hop, Family family) {
  if (hop.gateway) put_gateway(message, *hop.gateway, family);
  if (hop.ifindex != 0) message.put_u32(RTA_OIF, hop.ifindex);
  put_encap(message, hop.encap, RTA_ENCAP_TYPE, RTA_ENCAP);
}

void put_multipath(Message& message, const Route& route) {
  const std::size_t nest = message.open_nest(RTA_MULTIPATH);
  for (const auto& hop : route.hops) {
    rtnexthop header{};
    header.rtnh_ifindex = static_cast<int>(hop.ifindex);
    header.rtnh_hops = static_cast<std::uint8_t>(hop.weight - 1);
    header.rtnh_flags = hop.onlink ? RTNH_F_ONLINK : 0;
    const std::size_t at = message.append_raw(&header, sizeof header);
    if (hop.gateway) put_gateway(message, *hop.gateway, route.destination.family());
    put_encap(message, hop.encap, RTA_ENCAP_TYPE, RTA_ENCAP);
    static_cast<rtnexthop*>(message.at(at))->rtnh_len =
        static_cast<std::uint16_t>(message.size() - at);
  }
  message.close_nest(nest);
}

// As ip-route(8) finds it: how far away the destination can be.
std::uint8_t scope_of(const Route& route) {
  if (route.scope) return *route.scope;
  if (route.type == RouteType::local) return RT_SCOPE_HOST;
  const bool link_types = route.type == RouteType::broadcast ||
                          route.type == RouteType::multicast || route.type == RouteType::anycast;
  const bool direct = route.type == RouteType::unicast && !route.hops.empty() &&
                      std::none_of(route.hops.begin(), route.hops.end(),
                                   [](const NextHop& hop) { return hop.gateway.has_value(); });
  return link_types || direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

Message route_message(std::uint16_t type, std::uint16_t flags, const Route& route) {
  Message message(type, flags);
  rtmsg header{};
  const bool one = route.hops.size() == 1;
  header.rtm_family = family_number(route.destination.family());
  header.rtm_dst_len = route.destination.length;
  header.rtm_tos = route.tos;
  header.rtm_table = short_table(route.table);
  header.rtm_protocol = RTPROT_STATIC;
  header.rtm_scope = scope_of(route);
  header.rtm_type = static_cast<std::uint8_t>(route.type);
  header.rtm_flags = one && route.hops.front().onlink ? RTNH_F_ONLINK : 0;
  message.header(header);
  if (route.destination.length > 0) message.put(RTA_DST, route.destination.network().address);
  if (route.table > 255) message.put_u32(RTA_TABLE, route.table);
  if (route.metric != 0) message.put_u32(RTA_PRIORITY, route.metric);
  if (route.source) message.put(RTA_PREFSRC, *route.source);
  put_metrics(message, route.metrics);
  if (route.preference) message.put_u8(RTA_PREF, *route.preference);
  if (route.nexthop != 0) message.put_u32(RTA_NH_ID, route.nexthop);
  if (one) put_one_hop(message, route.hops.front(), route.destination.family());
  if (route.hops.size() > 1) put_multipath(message, route);
  return message;
}

}  // namespace

const char* to_string(RouteType type) {
  const auto number = static_cast<std::size_t>(type);
  return number < std::size(kTypes) ? kTypes[number] : kTypes[0];
}

std::optional<RouteType> parse_route_type(std::string_view word) {
  const auto* const found = std::find(std::begin(kTypes) + 1, std::end(kTypes), word);
  if (found == std::end(kTypes)) return {};
  return static_cast<RouteType>(found - std::begin(kTypes));
}

bool has_hops(RouteType type) {
  return type < RouteType::blackhole;
}

std::uint32_t usual_table(RouteType type) {
  const bool local =
      type == RouteType::local || type == RouteType::broadcast || type == RouteType::anycast;
  return local ? kLocalTable : kMainTable;
}

const char* preference_name(std::uint8_t preference) {
  for (const auto& name : kPreferences) {
    if (name.number == preference) return name.word;
  }
  return "invalid";
}

std::optional<std::uint8_t> parse_preference(std::string_view word) {
  for (const auto& name : kPreferences) {
    if (word == name.word) return static_cast<std::uint8_t>(name.number);
  }
  return {};
}

Message new_route(const Route& route) {
  return route_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
}
Message replace_route(const Route& route) {
  return route_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
}
Message delete_route(const Route& route) {
  return route_message(RTM_DELROUTE, 0, route);
}

Message get_routes() {
  Message message(RTM_GETROUTE, 0);
  message.header(rtmsg{});
  return message;
}

}  // namespace netyard
