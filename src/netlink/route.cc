// SPDX-License-Identifier: Apache-2.0
#include "netlink/route.h"

#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

#include "netlink/message.h"

namespace netyard {
namespace {

std::uint8_t family_number(Family family) {
  return family == Family::ipv4 ? AF_INET : AF_INET6;
}

// One byte in the header; a bigger table goes into an attribute.
std::uint8_t short_table(std::uint32_t table) {
  return static_cast<std::uint8_t>(table < 256 ? table
                                               : static_cast<std::uint32_t>(RT_TABLE_UNSPEC));
}

// IPv4 by way of an IPv6 gateway is written as RTA_VIA: a family and an address.
void put_gateway(Message& message, const IpAddress& gateway, Family family) {
  if (gateway.family == family) return message.put(RTA_GATEWAY, gateway);
  std::uint8_t via[2 + 16] = {};
  const std::uint16_t number = family_number(gateway.family);
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&number), 2, via);
  std::copy_n(gateway.bytes.begin(), gateway.size(), via + 2);
  message.put_bytes(RTA_VIA, via, 2 + gateway.size());
}

void put_hops(Message& message, const Route& route) {
  const Family family = route.destination.family();
  if (route.hops.size() == 1) {
    const NextHop& hop = route.hops.front();
    if (hop.gateway) put_gateway(message, *hop.gateway, family);
    if (hop.ifindex != 0) message.put_u32(RTA_OIF, hop.ifindex);
    return;
  }
  const std::size_t nest = message.open_nest(RTA_MULTIPATH);
  for (const auto& hop : route.hops) {
    rtnexthop header{};
    header.rtnh_ifindex = static_cast<int>(hop.ifindex);
    header.rtnh_hops = static_cast<std::uint8_t>(hop.weight - 1);
    const std::size_t at = message.append_raw(&header, sizeof header);
    if (hop.gateway) put_gateway(message, *hop.gateway, family);
    static_cast<rtnexthop*>(message.at(at))->rtnh_len =
        static_cast<std::uint16_t>(message.size() - at);
  }
  message.close_nest(nest);
}

Message route_message(std::uint16_t type, std::uint16_t flags, const Route& route) {
  Message message(type, flags);
  rtmsg header{};
  const bool direct = route.hops.size() == 1 && !route.hops.front().gateway;
  header.rtm_family = family_number(route.destination.family());
  header.rtm_dst_len = route.destination.length;
  header.rtm_table = short_table(route.table);
  header.rtm_protocol = RTPROT_STATIC;
  header.rtm_scope = direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  header.rtm_type = RTN_UNICAST;
  message.header(header);
  if (route.destination.length > 0) message.put(RTA_DST, route.destination.network().address);
  if (route.table > 255) message.put_u32(RTA_TABLE, route.table);
  if (route.metric != 0) message.put_u32(RTA_PRIORITY, route.metric);
  if (route.source) message.put(RTA_PREFSRC, *route.source);
  put_hops(message, route);
  return message;
}

Message rule_message(std::uint16_t type, std::uint16_t flags, const Rule& rule) {
  Message message(type, flags);
  fib_rule_hdr header{};
  header.family = family_number(rule.family);
  header.action = FR_ACT_TO_TBL;
  header.table = short_table(rule.table);
  if (rule.from) header.src_len = rule.from->length;
  if (rule.to) header.dst_len = rule.to->length;
  message.header(header);
  if (rule.from) message.put(FRA_SRC, rule.from->network().address);
  if (rule.to) message.put(FRA_DST, rule.to->network().address);
  if (rule.priority != 0) message.put_u32(FRA_PRIORITY, rule.priority);
  if (!rule.iif.empty()) message.put_string(FRA_IIFNAME, rule.iif);
  if (!rule.oif.empty()) message.put_string(FRA_OIFNAME, rule.oif);
  if (rule.mark != 0) message.put_u32(FRA_FWMARK, rule.mark);
  if (rule.table > 255) message.put_u32(FRA_TABLE, rule.table);
  return message;
}

Message neighbor_message(std::uint16_t type, std::uint16_t flags, const Neighbor& neighbor) {
  Message message(type, flags);
  ndmsg header{};
  header.ndm_family = family_number(neighbor.address.family);
  header.ndm_ifindex = static_cast<int>(neighbor.ifindex);
  header.ndm_state = NUD_PERMANENT;
  message.header(header);
  message.put(NDA_DST, neighbor.address);
  message.put(NDA_LLADDR, neighbor.mac);
  return message;
}

}  // namespace

Message new_route(const Route& route) {
  return route_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
}
Message delete_route(const Route& route) {
  return route_message(RTM_DELROUTE, 0, route);
}

Message get_routes() {
  Message message(RTM_GETROUTE, 0);
  message.header(rtmsg{});
  return message;
}

Message new_rule(const Rule& rule) {
  return rule_message(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule);
}
Message delete_rule(const Rule& rule) {
  return rule_message(RTM_DELRULE, 0, rule);
}

Message new_neighbor(const Neighbor& neighbor) {
  return neighbor_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, neighbor);
}
Message delete_neighbor(const Neighbor& neighbor) {
  return neighbor_message(RTM_DELNEIGH, 0, neighbor);
}

}  // namespace netyard
