// SPDX-License-Identifier: Apache-2.0
// `uplink:`: a veth between a node and the host.
#include <fmt/format.h>

#include <algorithm>

#include "topology/resolver.h"

namespace netyard {
namespace {

constexpr std::uint32_t kBlocks = 1U << 15;  // of 4 addresses in 198.18.0.0/15

// Of the range for tests between networks (RFC 2544), which no network of its own uses.
IpPrefix subnet_from(const MacAddress& hash) {
  const auto block = static_cast<std::uint32_t>(hash.bytes[4] << 8 | hash.bytes[5]) % kBlocks;
  IpPrefix out = *IpPrefix::parse("198.18.0.0/30");
  out.address = out.address.plus(std::uint64_t{block} * 4);
  return out;
}

IpPrefix address_in(const IpPrefix& subnet, std::uint64_t number) {
  return {subnet.address.plus(number), subnet.length};
}

bool has_default_route(const spec::Node& node) {
  return std::any_of(node.routes.begin(), node.routes.end(), [](const spec::Route& route) {
    return route.to.value.length == 0 && route.to.value.family() == Family::ipv4 && !route.table;
  });
}

}  // namespace

void Resolver::add_uplinks() {
  NodeId id = 1;
  for (const auto& node : file_.nodes) {
    if (node.uplink) add_uplink(id, node);
    ++id;
  }
}

// The name on the host is made from the names, so that two labs have two.
void Resolver::add_uplink(NodeId id, const spec::Node& node) {
  const spec::Uplink& uplink = *node.uplink;
  if (node.kind == spec::NodeKind::switch_) {
    diagnostics_.error(uplink.at, "a switch has no addresses, and so no uplink",
                       "give it to a host or a router");
    return;
  }
  if (has_default_route(node)) {
    diagnostics_.error(uplink.at, fmt::format("{} has a default route already", node.name.value),
                       "an uplink brings one: remove the other");
    return;
  }
  const MacAddress hash =
      mac_from_names(topology_.name + file_.instance, node.name.value, uplink.interface, 0);
  const IpPrefix subnet = uplink.subnet ? uplink.subnet->value : subnet_from(hash);
  spec::Link link;
  link.kind = find_link_kind("veth");
  link.at = uplink.at;
  spec::Endpoint inside;
  inside.node = node.name;
  inside.at = uplink.at;
  inside.interface.name = {uplink.interface, uplink.at};
  inside.interface.addresses.push_back({address_in(subnet, 2), uplink.at});
  spec::Endpoint outside;
  outside.node = {spec::kHostNode, uplink.at};
  outside.at = uplink.at;
  outside.interface.name = {fmt::format("ny{:02x}{:02x}{:02x}{:02x}{:02x}", hash.bytes[1],
                                        hash.bytes[2], hash.bytes[3], hash.bytes[4], hash.bytes[5]),
                            uplink.at};
  outside.interface.addresses.push_back({address_in(subnet, 1), uplink.at});
  link.endpoints = {inside, outside};
  add_pair(link);
  const auto made = interfaces_[id].find(uplink.interface);
  if (made == interfaces_[id].end()) return;
  Node& out = topology_.nodes[id];
  out.uplink = uplink.interface;
  PlannedRoute route;
  route.route.destination = *IpPrefix::parse("0.0.0.0/0");
  route.route.hops.push_back(
      {address_in(subnet, 1).address, out.interfaces[made->second].ifindex, 1});
  route.at = uplink.at;
  out.routes.push_back(std::move(route));
}

}  // namespace netyard
