// SPDX-License-Identifier: Apache-2.0
#include "engine/state_words.h"

#include <fmt/format.h>

#include "base/units.h"
#include "netlink/names.h"
#include "netlink/observe_layer3.h"

namespace netyard {
namespace {

using nlohmann::json;

std::string name_of_link(const InterfaceNames& names, std::uint32_t ifindex) {
  const auto found = names.find(ifindex);
  return found != names.end() ? found->second : fmt::format("if{}", ifindex);
}

json table_word(std::uint32_t table) {
  const std::string word = name_of(table_names(), table);
  return word == std::to_string(table) ? json(table) : json(word);
}

json hop_words(const NextHop& hop, const InterfaceNames& names) {
  json out = json::object();
  if (hop.gateway) out["via"] = hop.gateway->to_string();
  if (hop.ifindex != 0) out["dev"] = name_of_link(names, hop.ifindex);
  if (hop.onlink) out["onlink"] = true;
  if (has_encap(hop.encap)) out["encap"] = to_string(hop.encap);
  return out;
}

void add_metrics(const RouteMetrics& metrics, json& out) {
  for (const auto& metric : metrics.values) {
    const bool number = metric.field->unit == MetricUnit::number && !metric.lock;
    out[metric.field->key] = number ? json(metric.value) : json(format_metric(metric));
  }
  if (metrics.congestion.empty()) return;
  out["congctl"] = (metrics.congestion_lock ? "lock " : "") + metrics.congestion;
}

json route_words(const RouteState& state, const InterfaceNames& names) {
  const Route& route = state.route;
  json out = {{"to", route.destination.to_string()},
              {"type", to_string(route.type)},
              {"table", table_word(route.table)},
              {"protocol", name_of(protocol_names(), state.protocol)}};
  if (route.metric != 0) out["metric"] = route.metric;
  if (route.tos != 0) out["tos"] = route.tos;
  if (route.source) out["src"] = route.source->to_string();
  if (route.nexthop != 0) out["nexthop"] = route.nexthop;
  if (route.destination.family() == Family::ipv4) {
    out["scope"] = name_of(scope_names(), *route.scope);
  } else if (route.preference) {
    out["pref"] = preference_name(*route.preference);
  }
  add_metrics(route.metrics, out);
  if (!state.unsaid.empty()) out["unsaid"] = state.unsaid;
  // Behind an object the kernel shows its ways out too; they stand with the object.
  if (route.nexthop == 0 && route.hops.size() == 1 && has_hops(route.type)) {
    out.update(hop_words(route.hops.front(), names));
  } else if (route.nexthop == 0 && route.hops.size() > 1) {
    for (const auto& hop : route.hops) {
      out["hops"].push_back(hop_words(hop, names));
      out["hops"].back()["weight"] = hop.weight;
    }
  }
  return out;
}

json nexthop_words(const NextHopState& state, const InterfaceNames& names) {
  const NextHopObject& nexthop = state.nexthop;
  json out = hop_words(nexthop.hop, names);
  out["id"] = nexthop.id;
  out["protocol"] = name_of(protocol_names(), state.protocol);
  if (nexthop.group.empty()) out["family"] = nexthop.family == Family::ipv4 ? "ipv4" : "ipv6";
  if (nexthop.blackhole) out["blackhole"] = true;
  if (!state.unsaid.empty()) out["unsaid"] = state.unsaid;
  for (const auto& member : nexthop.group) {
    out["group"][std::to_string(member.id)] = member.weight;
  }
  if (nexthop.resilience) {
    out["resilient"] = {
        {"buckets", nexthop.resilience->buckets},
        {"idle_timer", format_duration(*nexthop.resilience->idle_timer)},
        {"unbalanced_timer", format_duration(*nexthop.resilience->unbalanced_timer)}};
  }
  return out;
}

template <class T>
std::string range_words(const Range<T>& range) {
  if (range.first == range.last) return std::to_string(range.first);
  return fmt::format("{}-{}", range.first, range.last);
}

void add_selectors(const Rule& rule, json& out) {
  if (rule.invert) out["not"] = true;
  if (rule.from) out["from"] = rule.from->to_string();
  if (rule.to) out["to"] = rule.to->to_string();
  if (!rule.iif.empty()) out["iif"] = rule.iif;
  if (!rule.oif.empty()) out["oif"] = rule.oif;
  if (rule.mark != 0 || rule.mask) {
    out["fwmark"] = rule.mask ? fmt::format("{:#x}/{:#x}", rule.mark, *rule.mask)
                              : fmt::format("{:#x}", rule.mark);
  }
  if (rule.tos != 0) out["tos"] = rule.tos;
  if (rule.ip_protocol != 0) out["ipproto"] = name_of(ip_protocol_names(), rule.ip_protocol);
  if (rule.source_ports) out["sport"] = range_words(*rule.source_ports);
  if (rule.destination_ports) out["dport"] = range_words(*rule.destination_ports);
  if (rule.users) out["uidrange"] = range_words(*rule.users);
}

json rule_words(const RuleState& state) {
  const Rule& rule = state.rule;
  json out = {{"priority", rule.priority},
              {"family", rule.family == Family::ipv4 ? "ipv4" : "ipv6"},
              {"protocol", name_of(protocol_names(), state.protocol)}};
  add_selectors(rule, out);
  if (rule.l3mdev) {
    out["l3mdev"] = true;
  } else if (rule.action == RuleAction::lookup) {
    out["table"] = table_word(rule.table);
  } else if (rule.action == RuleAction::go_to) {
    out["goto"] = rule.target;
  } else {
    out["action"] = to_string(rule.action);
  }
  if (rule.suppress_prefix) out["suppress_prefixlength"] = *rule.suppress_prefix;
  if (rule.suppress_group) out["suppress_ifgroup"] = *rule.suppress_group;
  return out;
}

json neighbor_words(const Neighbor& neighbor, const InterfaceNames& names) {
  json out = {{"address", neighbor.address.to_string()},
              {"dev", name_of_link(names, neighbor.ifindex)}};
  if (neighbor.proxy) {
    out["proxy"] = true;
  } else {
    out["state"] = to_string(neighbor.state);
  }
  if (neighbor.mac) out["mac"] = neighbor.mac->to_string();
  if (neighbor.router) out["router"] = true;
  if (neighbor.extern_learn) out["extern_learn"] = true;
  return out;
}

json mpls_words(const MplsRoute& route, const InterfaceNames& names) {
  json out = {{"label", route.label}};
  if (!route.swap.empty()) out["as"] = labels_to_string(route.swap);
  if (route.gateway) out["via"] = route.gateway->to_string();
  if (route.ifindex != 0) out["dev"] = name_of_link(names, route.ifindex);
  return out;
}

json lifetime(std::uint32_t seconds) {
  return seconds == kForever ? json("forever") : json(fmt::format("{}s", seconds));
}

}  // namespace

json address_words(const AddressState& address) {
  const AddressDetails& details = address.details;
  const bool six = address.prefix.family() == Family::ipv6;
  json out = {{"address", address.prefix.to_string()},
              {"tentative", address.tentative},
              {"link_local", address.link_local},
              {"valid", lifetime(details.valid)},
              {"preferred", lifetime(details.preferred)}};
  // With a peer the length is the peer's.
  if (details.peer) {
    out["address"] = address.prefix.address.to_string();
    out["peer"] = IpPrefix{*details.peer, address.prefix.length}.to_string();
  }
  if (six) out["dad"] = !address.nodad;
  if (address.duplicate) out["duplicate"] = true;
  if (details.broadcast) out["broadcast"] = details.broadcast->to_string();
  if (!details.label.empty()) out["label"] = details.label;
  if (!six && details.scope) out["scope"] = name_of(scope_names(), *details.scope);
  if (details.metric != 0) out["metric"] = details.metric;
  if (details.noprefixroute) out["noprefixroute"] = true;
  if (details.home) out["home"] = true;
  if (details.mngtmpaddr) out["mngtmpaddr"] = true;
  if (details.autojoin) out["autojoin"] = true;
  return out;
}

json layer3_words(Socket& socket, const InterfaceNames& names) {
  json out = {{"routes", json::array()},
              {"mpls", json::array()},
              {"nexthops", json::array()},
              {"rules", json::array()},
              {"neighbors", json::array()}};
  for (const auto& route : observe_routes(socket)) {
    out["routes"].push_back(route_words(route, names));
  }
  for (const auto& route : observe_mpls_routes(socket)) {
    out["mpls"].push_back(mpls_words(route, names));
  }
  for (const auto& nexthop : observe_nexthops(socket)) {
    out["nexthops"].push_back(nexthop_words(nexthop, names));
  }
  for (const auto& rule : observe_rules(socket)) out["rules"].push_back(rule_words(rule));
  for (const auto& neighbor : observe_neighbors(socket)) {
    out["neighbors"].push_back(neighbor_words(neighbor, names));
  }
  return out;
}

}  // namespace netyard
