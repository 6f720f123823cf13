// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "netlink/names.h"
#include "topology/plan.h"

namespace netyard {
namespace {

std::string hop_words(const Topology& topology, NodeId node, const NextHop& hop) {
  std::string out;
  if (has_encap(hop.encap)) out += " encap " + to_string(hop.encap);
  if (hop.gateway) out += " via " + hop.gateway->to_string();
  if (hop.ifindex != 0) out += " dev " + interface_name(topology, node, hop.ifindex);
  if (hop.onlink) out += " onlink";
  return out;
}

std::string destination_words(const Route& route) {
  const bool six = route.destination.family() == Family::ipv6;
  if (route.destination.length == 0) return six ? "default (IPv6)" : "default";
  return route.destination.to_string();
}

std::string words(const Topology& topology, const AddRoute& add) {
  const Route& route = add.route;
  std::string out = destination_words(route);
  if (route.type != RouteType::unicast) out = to_string(route.type) + (" " + out);
  for (const auto& hop : route.hops) {
    if (route.hops.size() > 1) out += " nexthop";
    out += hop_words(topology, add.node, hop);
    if (route.hops.size() > 1) out += fmt::format(" weight {}", hop.weight);
  }
  if (route.nexthop != 0) out += fmt::format(" nhid {}", route.nexthop);
  if (route.tos != 0) out += fmt::format(" tos {:#x}", route.tos);
  if (route.metric != 0) out += fmt::format(" metric {}", route.metric);
  if (route.table != usual_table(route.type)) {
    out += " table " + name_of(table_names(), route.table);
  }
  if (route.scope) out += " scope " + name_of(scope_names(), *route.scope);
  if (route.source) out += " src " + route.source->to_string();
  if (!route.metrics.empty()) out += " " + to_string(route.metrics);
  if (route.preference) out += fmt::format(" pref {}", preference_name(*route.preference));
  return out;
}

std::string words(const Topology&, const AddAddress& add) {
  const Address& address = add.address;
  // The length belongs to the peer, where there is one.
  std::string out =
      address.details.peer ? address.prefix.address.to_string() : address.prefix.to_string();
  const std::string details = to_string(address.details);
  if (!details.empty()) out += " " + details;
  if (address.dad) out += " dad";
  return out + " to " + add.link;
}

std::string words(const Topology& topology, const AddMplsRoute& add) {
  return fmt::format("label {} dev {}", to_string(add.route),
                     interface_name(topology, add.node, add.route.ifindex));
}

std::string words(const Topology& topology, const AddNextHop& add) {
  const NextHopObject& nexthop = add.nexthop;
  std::string out = std::to_string(nexthop.id);
  if (nexthop.blackhole) out += " blackhole";
  if (nexthop.group.empty()) return out + hop_words(topology, add.node, nexthop.hop);
  out += " group ";
  for (std::size_t i = 0; i < nexthop.group.size(); ++i) {
    out += fmt::format("{}{},{}", i > 0 ? "/" : "", nexthop.group[i].id, nexthop.group[i].weight);
  }
  return nexthop.resilience ? out + " resilient" : out;
}

std::string words(const Topology&, const AddRule& add) {
  const char* family = add.rule.family == Family::ipv6 ? " (IPv6)" : "";
  return fmt::format("{}: {}{}", add.rule.priority, to_string(add.rule), family);
}

std::string words(const Topology& topology, const AddNeighbor& add) {
  const Neighbor& neighbor = add.neighbor;
  std::string out = (neighbor.proxy ? "proxy " : "") + neighbor.address.to_string();
  if (neighbor.mac) out += " lladdr " + neighbor.mac->to_string();
  out += " dev " + interface_name(topology, add.node, neighbor.ifindex);
  if (!neighbor.proxy) out += fmt::format(" nud {}", to_string(neighbor.state));
  if (neighbor.router) out += " router";
  return neighbor.extern_learn ? out + " extern_learn" : out;
}

std::string words(const Topology&, const AwaitAddress& await) {
  return await.address.to_string() + " on " + await.link;
}

template <class T>
std::optional<std::string> words_if(const Topology& topology, const Operation& operation) {
  const auto* one = std::get_if<T>(&operation);
  return one != nullptr ? std::optional(words(topology, *one)) : std::nullopt;
}

}  // namespace

std::optional<std::string> layer3_words(const Topology& topology, const Operation& operation) {
  for (const auto find :
       {words_if<AddRoute>, words_if<AddAddress>, words_if<AddMplsRoute>, words_if<AddNextHop>,
        words_if<AddRule>, words_if<AddNeighbor>, words_if<AwaitAddress>}) {
    if (auto out = find(topology, operation)) return out;
  }
  return {};
}

}  // namespace netyard
