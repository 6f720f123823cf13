// SPDX-License-Identifier: Apache-2.0
#include "netlink/observe_layer3.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/mpls.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "netlink/attributes.h"
#include "netlink/names.h"

namespace netyard {
namespace {

constexpr std::size_t kViaFamily = 2;  // bytes in front of the address in RTA_VIA

std::optional<Family> family_of(std::uint8_t number) {
  if (number == AF_INET) return Family::ipv4;
  return number == AF_INET6 ? std::optional(Family::ipv6) : std::nullopt;
}

NextHop hop_of(const Attributes& attributes, std::uint32_t ifindex, unsigned flags) {
  NextHop out;
  out.gateway = attributes.address(RTA_GATEWAY);
  if (!out.gateway) out.gateway = attributes.address(RTA_VIA, kViaFamily);
  out.ifindex = ifindex;
  out.onlink = (flags & RTNH_F_ONLINK) != 0;
  out.encap = read_encap(static_cast<std::uint16_t>(attributes.number(RTA_ENCAP_TYPE).value_or(0)),
                         attributes.find(RTA_ENCAP));
  return out;
}

// Of a way out, "" when NextHop says all.
std::string unsaid_in(const Attributes& attributes, std::uint16_t type_attribute,
                      const NextHop& hop) {
  const bool wrapped = attributes.number(type_attribute).value_or(0) != 0;
  return wrapped && !has_encap(hop.encap) ? "its encapsulation" : "";
}

std::vector<NextHop> hops_of(const nlattr* multipath, std::string& unsaid) {
  std::vector<NextHop> out;
  const auto* at = static_cast<const char*>(mnl_attr_get_payload(multipath));
  std::size_t left = mnl_attr_get_payload_len(multipath);
  while (left >= sizeof(rtnexthop)) {
    const auto* hop = reinterpret_cast<const rtnexthop*>(at);
    if (hop->rtnh_len < sizeof(rtnexthop) || hop->rtnh_len > left) break;
    const Attributes attributes(std::string_view(at, hop->rtnh_len).substr(sizeof(rtnexthop)));
    out.push_back(
        hop_of(attributes, static_cast<std::uint32_t>(hop->rtnh_ifindex), hop->rtnh_flags));
    const std::string missing = unsaid_in(attributes, RTA_ENCAP_TYPE, out.back());
    if (!missing.empty()) unsaid = missing;
    out.back().weight = static_cast<std::uint16_t>(hop->rtnh_hops + 1);
    const std::size_t step = std::min<std::size_t>(RTNH_ALIGN(hop->rtnh_len), left);
    at += step;
    left -= step;
  }
  return out;
}

std::optional<RouteState> route_of(const nlmsghdr* message) {
  const auto header = family_header<rtmsg>(message);
  const auto family = family_of(header.rtm_family);
  const Attributes attributes(message, sizeof(rtmsg));
  RouteState out;
  Route& route = out.route;
  route.table = attributes.number(RTA_TABLE).value_or(header.rtm_table);
  out.protocol = header.rtm_protocol;
  const bool of_address = out.protocol == RTPROT_KERNEL && route.table == kLocalTable;
  if (!family || of_address || (header.rtm_flags & RTM_F_CLONED) != 0) return {};
  route.destination.address.family = *family;
  if (const auto to = attributes.address(RTA_DST)) route.destination.address = *to;
  route.destination.length = header.rtm_dst_len;
  route.metric = attributes.number(RTA_PRIORITY).value_or(0);
  route.source = attributes.address(RTA_PREFSRC);
  route.type = static_cast<RouteType>(header.rtm_type);
  route.scope = header.rtm_scope;
  route.tos = header.rtm_tos;
  route.nexthop = attributes.number(RTA_NH_ID).value_or(0);
  if (const nlattr* metrics = attributes.find(RTA_METRICS)) {
    route.metrics = read_metrics(metrics);
  }
  if (const auto preference = attributes.number(RTA_PREF)) {
    route.preference = static_cast<std::uint8_t>(*preference);
  }
  if (const nlattr* multipath = attributes.find(RTA_MULTIPATH)) {
    route.hops = hops_of(multipath, out.unsaid);
  } else if (attributes.has(RTA_OIF) || attributes.has(RTA_GATEWAY)) {
    route.hops.push_back(
        hop_of(attributes, attributes.number(RTA_OIF).value_or(0), header.rtm_flags));
    out.unsaid = unsaid_in(attributes, RTA_ENCAP_TYPE, route.hops.back());
  }
  if (header.rtm_src_len != 0) out.unsaid = "the senders that it is for";
  return out;
}

std::optional<Range<std::uint16_t>> ports(const nlattr* attribute) {
  if (attribute == nullptr) return {};
  const auto range = payload<fib_rule_port_range>(attribute);
  return Range<std::uint16_t>{range.start, range.end};
}

std::optional<IpPrefix> prefix(const Attributes& attributes, std::uint16_t type, Family family,
                               std::uint8_t length) {
  const auto address = attributes.address(type);
  if (!address && length == 0) return {};
  return IpPrefix{address.value_or(IpAddress{family, {}}), length};
}

void read_suppression(const Attributes& attributes, Rule& rule) {
  // The kernel says "none" as -1.
  const auto length = attributes.number(FRA_SUPPRESS_PREFIXLEN);
  const auto group = attributes.number(FRA_SUPPRESS_IFGROUP);
  if (length && *length != UINT32_MAX) rule.suppress_prefix = length;
  if (group && *group != UINT32_MAX) rule.suppress_group = group;
}

std::optional<RuleState> rule_of(const nlmsghdr* message) {
  const auto header = family_header<fib_rule_hdr>(message);
  const auto family = family_of(header.family);
  if (!family) return {};
  const Attributes attributes(message, sizeof(fib_rule_hdr));
  RuleState out;
  Rule& rule = out.rule;
  out.protocol = static_cast<std::uint8_t>(attributes.number(FRA_PROTOCOL).value_or(0));
  rule.family = *family;
  rule.priority = attributes.number(FRA_PRIORITY).value_or(0);
  rule.from = prefix(attributes, FRA_SRC, *family, header.src_len);
  rule.to = prefix(attributes, FRA_DST, *family, header.dst_len);
  rule.iif = attributes.text(FRA_IIFNAME);
  rule.oif = attributes.text(FRA_OIFNAME);
  rule.mark = attributes.number(FRA_FWMARK).value_or(0);
  rule.mask = attributes.number(FRA_FWMASK);
  if (rule.mask == UINT32_MAX) rule.mask.reset();
  rule.action = static_cast<RuleAction>(header.action);
  rule.target = attributes.number(FRA_GOTO).value_or(0);
  rule.invert = (header.flags & FIB_RULE_INVERT) != 0;
  rule.l3mdev = attributes.number(FRA_L3MDEV).value_or(0) != 0;
  if (rule.action == RuleAction::lookup && !rule.l3mdev) {
    rule.table = attributes.number(FRA_TABLE).value_or(header.table);
  }
  rule.tos = header.tos;
  rule.ip_protocol = static_cast<std::uint8_t>(attributes.number(FRA_IP_PROTO).value_or(0));
  rule.source_ports = ports(attributes.find(FRA_SPORT_RANGE));
  rule.destination_ports = ports(attributes.find(FRA_DPORT_RANGE));
  if (const nlattr* users = attributes.find(FRA_UID_RANGE)) {
    const auto range = payload<fib_rule_uid_range>(users);
    rule.users = Range<std::uint32_t>{range.start, range.end};
  }
  read_suppression(attributes, rule);
  return out;
}

std::optional<Neighbor> neighbor_of(const nlmsghdr* message) {
  const auto header = family_header<ndmsg>(message);
  const Attributes attributes(message, sizeof(ndmsg));
  const auto address = attributes.address(NDA_DST);
  if (!family_of(header.ndm_family) || !address) return {};
  Neighbor out;
  out.ifindex = static_cast<std::uint32_t>(header.ndm_ifindex);
  out.address = *address;
  out.state = static_cast<NeighborState>(header.ndm_state);
  out.proxy = (header.ndm_flags & NTF_PROXY) != 0;
  out.router = (header.ndm_flags & NTF_ROUTER) != 0;
  out.extern_learn = (header.ndm_flags & NTF_EXT_LEARNED) != 0;
  const nlattr* mac = attributes.find(NDA_LLADDR);
  if (mac != nullptr && mnl_attr_get_payload_len(mac) == 6) out.mac = payload<MacAddress>(mac);
  const bool made = out.state == NeighborState::noarp &&
                    (address->is_multicast() || address->is_loopback() ||
                     (out.mac && (out.mac->is_multicast() || out.mac->is_zero())));
  if (made) return {};
  return out;
}

std::chrono::milliseconds from_ticks(std::uint32_t ticks) {
  return std::chrono::milliseconds(std::uint64_t{ticks} * 10);
}

void read_group(const Attributes& attributes, NextHopObject& out) {
  const nlattr* group = attributes.find(NHA_GROUP);
  const auto* at = static_cast<const char*>(mnl_attr_get_payload(group));
  for (std::size_t i = 0; i + sizeof(nexthop_grp) <= mnl_attr_get_payload_len(group);
       i += sizeof(nexthop_grp)) {
    nexthop_grp member{};
    std::memcpy(&member, at + i, sizeof member);
    out.group.push_back({member.id, static_cast<std::uint16_t>(member.weight + 1)});
  }
  const nlattr* how = attributes.find(NHA_RES_GROUP);
  if (attributes.number(NHA_GROUP_TYPE) != NEXTHOP_GRP_TYPE_RES || how == nullptr) return;
  const Attributes timers(how);
  out.resilience.emplace();
  out.resilience->buckets =
      static_cast<std::uint16_t>(timers.number(NHA_RES_GROUP_BUCKETS).value_or(0));
  out.resilience->idle_timer = from_ticks(timers.number(NHA_RES_GROUP_IDLE_TIMER).value_or(0));
  out.resilience->unbalanced_timer =
      from_ticks(timers.number(NHA_RES_GROUP_UNBALANCED_TIMER).value_or(0));
}

std::optional<NextHopState> nexthop_of(const nlmsghdr* message) {
  const auto header = family_header<nhmsg>(message);
  const Attributes attributes(message, sizeof(nhmsg));
  NextHopState out;
  NextHopObject& nexthop = out.nexthop;
  out.protocol = header.nh_protocol;
  nexthop.id = attributes.number(NHA_ID).value_or(0);
  nexthop.family = family_of(header.nh_family).value_or(Family::ipv4);
  nexthop.blackhole = attributes.has(NHA_BLACKHOLE);
  if (attributes.has(NHA_GROUP)) {
    read_group(attributes, nexthop);
    return out;
  }
  nexthop.hop.gateway = attributes.address(NHA_GATEWAY);
  nexthop.hop.ifindex = nexthop.blackhole ? 0 : attributes.number(NHA_OIF).value_or(0);
  nexthop.hop.onlink = (header.nh_flags & RTNH_F_ONLINK) != 0;
  nexthop.hop.encap =
      read_encap(static_cast<std::uint16_t>(attributes.number(NHA_ENCAP_TYPE).value_or(0)),
                 attributes.find(NHA_ENCAP));
  out.unsaid = unsaid_in(attributes, NHA_ENCAP_TYPE, nexthop.hop);
  return out;
}

std::vector<std::uint32_t> labels_of(const nlattr* attribute) {
  std::vector<std::uint32_t> out;
  if (attribute == nullptr) return out;
  const auto* at = static_cast<const char*>(mnl_attr_get_payload(attribute));
  for (std::size_t i = 0; i + 4 <= mnl_attr_get_payload_len(attribute); i += 4) {
    std::uint32_t entry = 0;
    std::memcpy(&entry, at + i, sizeof entry);
    out.push_back(ntohl(entry) >> MPLS_LS_LABEL_SHIFT);
  }
  return out;
}

// Without MPLS the kernel answers with the routes of all other families.
std::optional<MplsRoute> mpls_route_of(const nlmsghdr* message) {
  const auto header = family_header<rtmsg>(message);
  const Attributes attributes(message, sizeof(rtmsg));
  const auto labels = labels_of(attributes.find(RTA_DST));
  if (header.rtm_family != AF_MPLS || labels.empty()) return {};
  MplsRoute out;
  out.label = labels.front();
  out.swap = labels_of(attributes.find(RTA_NEWDST));
  out.gateway = attributes.address(RTA_VIA, kViaFamily);
  out.ifindex = attributes.number(RTA_OIF).value_or(0);
  return out;
}

template <class T>
void collect(Socket& socket, Message&& request, std::optional<T> (*decode)(const nlmsghdr*),
             std::vector<T>& out) {
  const std::size_t before = out.size();
  socket.dump(
      std::move(request),
      [&](const nlmsghdr* message) {
        if (auto value = decode(message)) out.push_back(std::move(*value));
      },
      [&] { out.resize(before); });
}

}  // namespace

std::vector<RouteState> observe_routes(Socket& socket) {
  std::vector<RouteState> out;
  collect(socket, get_routes(), route_of, out);
  return out;
}

std::vector<RuleState> observe_rules(Socket& socket) {
  std::vector<RuleState> out;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    collect(socket, get_rules(family), rule_of, out);
  }
  return out;
}

std::vector<Neighbor> observe_neighbors(Socket& socket) {
  std::vector<Neighbor> out;
  for (const bool proxies : {false, true}) {
    collect(socket, get_neighbors(proxies), neighbor_of, out);
  }
  return out;
}

std::vector<NextHopState> observe_nexthops(Socket& socket) {
  std::vector<NextHopState> out;
  try {
    collect(socket, get_nexthops(), nexthop_of, out);
  } catch (const Error& error) {
    if (error.code() != EOPNOTSUPP) throw;
  }
  return out;
}

std::vector<MplsRoute> observe_mpls_routes(Socket& socket) {
  std::vector<MplsRoute> out;
  collect(socket, get_mpls_routes(), mpls_route_of, out);
  return out;
}

}  // namespace netyard
