// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/layer3_reader.h"

namespace netyard::spec {
namespace {

constexpr std::size_t kLongestCongestion = 15;  // TCP_CA_NAME_MAX with its 0 byte

void read_to(Reader& reader, const Tree& value, Route& route) {
  const auto word = reader.text(value, "a destination");
  if (!word) return;
  route.to.at = value.at;
  if (word->value == "default") return;  // the family is the gateway's: see settle
  const auto prefix = IpPrefix::parse(word->value);
  if (!prefix) {
    reader.error(value.at, fmt::format("'{}' is no destination", word->value),
                 "write 'default' or a prefix, as in 10.0.0.0/8");
  } else if (prefix->has_host_bits()) {
    reader.error(value.at, fmt::format("{} has host bits", word->value),
                 fmt::format("the destination is {}", prefix->network().to_string()));
  } else {
    route.to.value = *prefix;
  }
}

void read_type(Reader& reader, const Tree& value, Route& route) {
  static constexpr const char* kTypes[] = {"unicast",     "local",     "broadcast",
                                           "anycast",     "multicast", "blackhole",
                                           "unreachable", "prohibit",  "throw"};
  const auto which = reader.choice(value, "a type of route", kTypes);
  if (which) route.type = *parse_route_type(kTypes[*which]);
}

void read_congestion(Reader& reader, const Tree& value, Route& route) {
  auto word = reader.word(value, "a congestion control");
  if (!word) return;
  route.metrics.congestion_lock = word->value.starts_with("lock ");
  if (route.metrics.congestion_lock) word->value.erase(0, 5);
  if (word->value.size() > kLongestCongestion || word->value.find(' ') != std::string::npos) {
    reader.error(value.at, fmt::format("'{}' is no congestion control", word->value),
                 "as in cubic, reno or 'lock bbr'");
  }
  route.metrics.congestion = word->value;
}

void read_preference(Reader& reader, const Tree& value, Route& route) {
  static constexpr const char* kRouteWords[] = {"low", "medium", "high"};
  const auto which = reader.choice(value, "a preference", kRouteWords);
  if (which) route.preference = {*parse_preference(kRouteWords[*which]), value.at};
}

constexpr Key<Route> kRouteKeys[] = {
    {"to", "string", "destination: default or a prefix", read_to},
    {"type", "routeType", "what becomes of packets; unicast when not given", read_type},
    {"hops", "hops", "several ways out, shared by weight",
     [](Reader& reader, const Tree& value, Route& out) {
       out.hops_at = value.at;
       out.hops = read_hops(reader, value);
     }},
    {"nexthop", "number", "id of an entry of 'nexthops', instead of a way out",
     [](Reader& reader, const Tree& value, Route& out) {
       out.nexthop = reader.number(value, 1, UINT32_MAX);
     }},
    {"metric", "number", "the smaller one wins",
     [](Reader& reader, const Tree& value, Route& out) {
       out.metric = reader.number(value, 0, UINT32_MAX);
     }},
    {"table", "table", "routing table: a number, main, local or default",
     [](Reader& reader, const Tree& value, Route& out) {
       out.table = read_named(reader, value, "table", table_names(), 1, UINT32_MAX);
     }},
    {"vrf", "string", "a VRF of the node, whose table it is",
     [](Reader& reader, const Tree& value, Route& out) { out.vrf = reader.interface_name(value); }},
    {"src", "address", "source address that the route prefers",
     [](Reader& reader, const Tree& value, Route& out) { out.source = reader.address(value); }},
    {"scope", "scope", "how far the destination is: global, link, host or a number",
     [](Reader& reader, const Tree& value, Route& out) {
       out.scope = read_named(reader, value, "scope", scope_names(), 0, 255);
     }},
    {"tos", "number", "IPv4: only packets with this type of service",
     [](Reader& reader, const Tree& value, Route& out) {
       out.tos = read_named(reader, value, "type of service", {}, 0, 255);
     }},
    {"pref", "preference", "IPv6: preference of a router, low, medium or high", read_preference},
    {"congctl", "string", "TCP congestion control", read_congestion},
};

constexpr Word kRouteWords[] = {
    {"unicast", "type", Word::fixed, "unicast"},
    {"local", "type", Word::fixed, "local"},
    {"broadcast", "type", Word::fixed, "broadcast"},
    {"anycast", "type", Word::fixed, "anycast"},
    {"multicast", "type", Word::fixed, "multicast"},
    {"blackhole", "type", Word::fixed, "blackhole"},
    {"unreachable", "type", Word::fixed, "unreachable"},
    {"prohibit", "type", Word::fixed, "prohibit"},
    {"throw", "type", Word::fixed, "throw"},
    {"onlink", "onlink", Word::flag},
    {"encap", "encap", Word::encap},
    {"nhid", "nexthop"},
    {"dsfield", "tos"},
    {"preference", "metric"},
};
constexpr Grammar kRouteGrammar = {"route", "default via 10.0.0.1", kRouteWords, "to", "nexthop",
                                   "hops"};

bool read_metric(Reader& reader, const MetricField& field, const Tree& value, Route& route) {
  const auto text = reader.text(value, "a value");
  if (!text) return true;
  RouteMetric metric;
  std::string problem;
  if (field.attribute == find_metric("mtu")->attribute) route.mtu_at = value.at;
  if (parse_metric(field, text->value, metric, problem)) {
    route.metrics.values.push_back(metric);
  } else {
    reader.error(
        value.at,
        fmt::format("'{}' is not right for {}: expected {}", text->value, field.key, problem),
        field.help);
  }
  return true;
}

bool read_other(Reader& reader, const std::string& key, const Tree& value, Route& route) {
  if (read_hop_key(reader, key, value, route.hop)) return true;
  const MetricField* field = find_metric(key);
  return field != nullptr && read_metric(reader, *field, value, route);
}

std::vector<std::string> other_names() {
  std::vector<std::string> names = hop_key_names();
  for (const auto& field : metric_fields()) names.emplace_back(field.key);
  return names;
}

// The family of a default route is that of its gateway.
void settle(Route& route, bool is_default) {
  if (!is_default) return;
  const auto& via = route.hops.empty() ? route.hop.via : route.hops.front().via;
  if (via) route.to.value.address.family = via->value.family;
}

}  // namespace

std::span<const Key<Route>> route_keys() {
  return kRouteKeys;
}

void read_routes(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::sequence, "a list of routes")) return;
  static const std::vector<std::string> kOthers = other_names();
  for (const auto& item : value.items) {
    const std::size_t mistakes = reader.errors();
    const auto mapping = mapping_of(reader, *item, kRouteGrammar);
    if (!mapping) continue;
    const Tree* to = mapping->find("to");
    if (to == nullptr) {
      reader.error(item->at, "the route has no 'to'");
      continue;
    }
    Route route;
    route.at = route.hop.at = item->at;
    read_mapping<Route>(reader, *mapping, kRouteKeys, route, read_other, kOthers);
    if (reader.errors() != mistakes) continue;
    settle(route, to->is_scalar() && reader.expand(to->text, to->at) == "default");
    node.routes.push_back(std::move(route));
  }
}

}  // namespace netyard::spec
