// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/location.h"
#include "netlink/address.h"
#include "netlink/link.h"
#include "netlink/mpls_route.h"
#include "netlink/neighbor.h"
#include "netlink/nexthop.h"
#include "netlink/route.h"
#include "netlink/rule.h"

namespace netyard {

/// An address of an interface. With a peer the length is that of the peer.
struct InterfaceAddress {
  IpPrefix value;
  Location at;
  AddressDetails details = {};
  std::optional<bool> dad = {};  // nullopt: as its interface
  Location label_at = {};

  /// What is reached straight through the interface.
  IpPrefix subnet() const {
    return details.peer ? IpPrefix{*details.peer, value.length}.network() : value.network();
  }
};

namespace spec {

struct Sysctl {
  std::string key;   // as written
  std::string path;  // "net/ipv4/ip_forward"; of an interface "net/ipv4/conf/*/rp_filter"
  std::string value;
  Location at;
};

/// One way out, as the file says it.
struct Hop {
  std::optional<Located<IpAddress>> via;
  std::optional<Located<std::string>> dev;
  std::optional<Located<std::uint32_t>> weight;
  std::optional<Location> onlink;
  Encap encap;
  Location at;
};

struct Route {
  Located<IpPrefix> to;
  RouteType type = RouteType::unicast;
  Hop hop;                // when there is but one
  std::vector<Hop> hops;  // multipath
  std::optional<Location> hops_at;
  std::optional<Located<std::uint32_t>> nexthop;
  std::optional<Located<std::uint32_t>> metric;
  std::optional<Located<std::uint32_t>> table;
  std::optional<Located<std::string>> vrf;
  std::optional<Located<IpAddress>> source;
  std::optional<Located<std::uint32_t>> scope;
  std::optional<Located<std::uint32_t>> tos;
  std::optional<Located<std::uint32_t>> preference;
  RouteMetrics metrics;
  std::optional<Location> mtu_at;
  Location at;
};

struct MplsRoute {
  Located<std::uint32_t> label;
  std::vector<std::uint32_t> swap;
  Hop hop;
  Location at;
};

struct NextHop {
  struct Member {
    Located<std::uint32_t> id;
    std::uint16_t weight = 1;
  };
  Located<std::uint32_t> id;
  Hop hop;
  bool blackhole = false;
  std::optional<Located<Family>> family;
  std::vector<Member> group;
  std::optional<Location> group_at;
  std::optional<Located<Resilience>> resilience;
  Location at;
};

struct Rule {
  enum class Families { unsaid, ipv4, ipv6, both };
  netyard::Rule value;
  std::optional<Located<IpPrefix>> from, to;
  Located<Families> families;
  std::optional<Located<std::uint32_t>> priority;
  std::optional<Located<std::uint32_t>> table;
  std::optional<Located<std::string>> vrf;
  std::optional<Located<std::uint32_t>> target;
  std::optional<Location> action_at;
  std::optional<Location> l3mdev_at;
  std::optional<Location> suppress_at;
  std::optional<Location> ports_at;
  std::optional<Located<std::string>> iif, oif;
  Location at;
};

struct Neighbor {
  Located<IpAddress> address;
  std::optional<Located<MacAddress>> mac;
  std::optional<Located<std::string>> dev;
  std::optional<Located<NeighborState>> state;
  bool proxy = false;
  bool router = false;
  bool extern_learn = false;
  Location at;
};

}  // namespace spec
}  // namespace netyard
