// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "topology/resolve_traffic.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

std::uint32_t value_or_zero(const std::optional<Located<std::uint32_t>>& number) {
  return number ? number->value : 0;
}

}  // namespace

void Resolver::add_links() {
  for (const auto& link : file_.links) {
    if (link.physical) {
      add_physical(link);
    } else if (link.kind->ordering == LinkClass::pair) {
      add_pair(link);
    } else {
      add_single(link);
    }
  }
}

void Resolver::add_pair(const spec::Link& link) {
  const auto a = find_end(link.endpoints[0]);
  const auto b = find_end(link.endpoints[1]);
  if (!a || !b) return;
  if (a->node == kHost && b->node == kHost) {
    diagnostics_.error(link.at, "both ends are on the host", "one end belongs to a node");
    return;
  }
  const auto first = add_end(*a, link.kind->name, value_or_zero(link.mtu));
  const auto second = add_end(*b, link.kind->name, value_or_zero(link.mtu));
  if (!first || !second) return;
  for (const InterfaceRef end : {*first, *second}) {
    Interface& interface = topology_.interface(end);
    if (link.cost && interface.cost == 0) interface.cost = link.cost->value;
  }
  join(*first, *second, link);
  share_traffic(link.traffic, std::array{*first, *second});
}

void Resolver::share_traffic(const spec::SharedTraffic& shared,
                             std::span<const InterfaceRef> ends) {
  std::vector<NamedEnd> names;
  for (const InterfaceRef end : ends) {
    names.push_back({topology_.nodes[end.node].name, topology_.interface(end).name});
  }
  check_from(shared, names, diagnostics_);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    join_traffic(shared, names, i, topology_.interface(ends[i]).traffic, diagnostics_);
  }
}

void Resolver::join(InterfaceRef a, InterfaceRef b, const spec::Link& link) {
  topology_.interface(a).peer = b;
  topology_.interface(b).peer = a;
  TopologyLink out;
  out.kind = link.kind;
  out.end = a;
  out.peer = b;
  out.at = link.at;
  for (const auto& setting : link.settings) out.settings.push_back(setting.setting);
  topology_.links.push_back(std::move(out));
}

void Resolver::add_single(const spec::Link& link) {
  const auto end = find_end(link.endpoints[0]);
  if (!end) return;
  if (end->node == kHost) {
    diagnostics_.error(link.at,
                       fmt::format("a {} on the host is not netyard's to make", link.kind->name),
                       "give it to a node");
    return;
  }
  TopologyLink out;
  out.kind = link.kind;
  out.at = link.at;
  for (const auto& setting : link.settings) out.settings.push_back(setting.setting);
  if (std::string_view(link.kind->name) == "wireguard") out.wireguard.emplace();
  const auto ref = add_end(*end, link.kind->name, value_or_zero(link.mtu));
  if (!ref) return;
  out.end = *ref;
  Interface& interface = topology_.interface(*ref);
  if (link.cost && interface.cost == 0) interface.cost = link.cost->value;
  if (link.parent && !set_parent(link, out)) return;
  topology_.links.push_back(std::move(out));
  share_traffic(link.traffic, std::array{*ref});
}

bool Resolver::set_parent(const spec::Link& link, TopologyLink& out) {
  const std::string& node = link.endpoints[0].node.value;
  const spec::Endpoint& parent = *link.parent;
  if (parent.node.value == spec::kHostNode) {
    out.host_parent = parent.interface.name.value;
    return true;
  }
  if (!parent.node.value.empty() && parent.node.value != node) {
    diagnostics_.error(parent.at,
                       fmt::format("the parent is in {}, the link in {}", parent.node.value, node),
                       "a parent is an interface of the same node, or host:IF");
    return false;
  }
  // It may stand later in the file.
  out.parent_node = by_name_.at(node);
  parents_.push_back({topology_.links.size(), {parent.interface.name.value, parent.at}});
  return true;
}

void Resolver::add_physical(const spec::Link& link) {
  const auto end = find_end(link.endpoints[0]);
  if (!end) return;
  if (end->node == kHost) {
    diagnostics_.error(link.at, "a physical link goes into a node, not to the host");
    return;
  }
  const auto [first, fresh] = taken_.emplace(link.host_link.value, link.host_link.at);
  if (!fresh) {
    diagnostics_.error(link.host_link.at,
                       fmt::format("link {} of the host is taken twice; first at {}",
                                   link.host_link.value, first->second.to_string()));
    return;
  }
  const auto ref = add_end(*end, "physical", value_or_zero(link.mtu));
  if (!ref) return;
  TopologyLink out;
  out.end = *ref;
  out.host_link = link.host_link.value;
  out.at = link.at;
  topology_.links.push_back(std::move(out));
  share_traffic(link.traffic, std::array{*ref});
}

NodeId Resolver::segments_node(const Location& at) {
  if (segments_) return *segments_;
  spec::Node node;
  node.name = {kSegmentsNode, at};
  node.at = at;
  segments_ = add_node(node);
  topology_.nodes[*segments_].kind = NodeKind::segments;
  return *segments_;
}

void Resolver::add_networks() {
  for (const auto& network : file_.networks) add_network(network);
}

void Resolver::add_network(const spec::Network& network) {
  // Two ends need no switch between them.
  if (network.endpoints.size() == 2 && network.bridge.empty()) {
    spec::Link link;
    link.kind = find_link_kind("veth");
    link.endpoints = network.endpoints;
    link.mtu = network.mtu;
    link.traffic = network.traffic;
    link.at = network.at;
    add_pair(link);
    return;
  }
  const NodeId node = segments_node(network.at);
  const std::uint32_t bridge = add_bridge(node, network.name.value, network.bridge, network.at);
  std::vector<InterfaceRef> ends;
  for (const auto& endpoint : network.endpoints) {
    if (const auto end = add_segment_port(network, endpoint, bridge)) ends.push_back(*end);
  }
  share_traffic(network.traffic, ends);
}

std::optional<InterfaceRef> Resolver::add_segment_port(const spec::Network& network,
                                                       const spec::Endpoint& endpoint,
                                                       std::uint32_t bridge) {
  const auto end = find_end(endpoint);
  if (!end) return {};
  const auto ref = add_end(*end, "veth", value_or_zero(network.mtu));
  if (!ref) return {};
  spec::Endpoint port;
  do {
    port.interface.name.value = fmt::format("p{}", next_port_++);
  } while (interfaces_[*segments_].contains(port.interface.name.value));
  port.at = endpoint.at;
  const auto port_ref = add_end({*segments_, &port}, "veth", value_or_zero(network.mtu));
  if (!port_ref) return {};
  topology_.interface(*port_ref).master = bridge;
  spec::Link cable;
  cable.kind = find_link_kind("veth");
  cable.at = endpoint.at;
  join(*port_ref, *ref, cable);
  return ref;
}

}  // namespace netyard
