// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "topology/resolve_hops.h"
#include "topology/resolve_traffic.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

class RouteResolver {
 public:
  RouteResolver(Node& node, HopResolver& hops, Diagnostics& diagnostics)
      : node_(node), hops_(hops), diagnostics_(diagnostics) {}

  void add(const spec::Route& route) {
    const std::size_t mistakes = diagnostics_.errors();
    Route out;
    out.destination = route.to.value;
    out.type = route.type;
    out.metrics = route.metrics;
    if (route.metric) out.metric = route.metric->value;
    const auto table = hops_.table(node_, route.table, route.vrf, usual_table(route.type));
    if (table) out.table = *table;
    check_family(route);
    if (route.scope) out.scope = static_cast<std::uint8_t>(route.scope->value);
    if (route.tos) out.tos = static_cast<std::uint8_t>(route.tos->value);
    if (route.preference) out.preference = static_cast<std::uint8_t>(route.preference->value);
    if (route.source) out.source = source(route);
    add_ways(route, out);
    if (diagnostics_.errors() == mistakes) keep(std::move(out), route.at);
  }

 private:
  void error(const Location& at, std::string message, std::string hint = {}) {
    diagnostics_.error(at, std::move(message), std::move(hint));
  }

  void check_family(const spec::Route& route) {
    const bool six = route.to.value.family() == Family::ipv6;
    if (six && route.scope) error(route.scope->at, "an IPv6 route has no scope");
    if (six && route.tos) error(route.tos->at, "an IPv6 route has no type of service");
    if (!six && route.preference) error(route.preference->at, "an IPv4 route has no preference");
    if (route.tos && (route.tos->value & kEcnBits) != 0) {
      error(route.tos->at, "the lower two bits of a type of service are for ECN, and zero here");
    }
    for (const auto& metric : route.metrics.values) {
      const bool small =
          std::string_view(metric.field->key) == "mtu" && metric.value < kLeastIpv6Mtu && six;
      if (small) error(*route.mtu_at, fmt::format("IPv6 needs an MTU of {}", kLeastIpv6Mtu));
    }
  }

  // A route has one way out, several, an object of them, or none at all.
  void add_ways(const spec::Route& route, Route& out) {
    const spec::Hop& hop = route.hop;
    const bool one = hop.via || hop.dev || hop.onlink || has_encap(hop.encap);
    if (hop.weight) {
      error(hop.weight->at, "'weight' is for one of several ways out", "list them in 'hops'");
    }
    if (!has_hops(route.type)) return check_none(route, one);
    if ((one ? 1 : 0) + (route.hops_at ? 1 : 0) + (route.nexthop ? 1 : 0) > 1) {
      return error(route.at, "of 'via' and 'dev', 'hops', and 'nexthop' a route has but one");
    }
    if (route.nexthop) return add_object(route, out);
    if (route.hops_at) return add_several(route, out);
    if (route.type == RouteType::local && !one) {
      out.hops.push_back({{}, node_.interfaces.front().ifindex});
    } else if (auto resolved = hops_.resolve(node_, hop, route.to.value.family())) {
      out.hops.push_back(std::move(*resolved));
    }
  }

  void check_none(const spec::Route& route, bool one) {
    if (!one && !route.hops_at && !route.nexthop) return;
    const Location& at = route.hop.via   ? route.hop.via->at
                         : route.hop.dev ? route.hop.dev->at
                         : route.hops_at ? *route.hops_at
                         : route.nexthop ? route.nexthop->at
                                         : route.at;
    error(at, fmt::format("a route of type {} leads nowhere: it has no way out",
                          to_string(route.type)));
  }

  void add_several(const spec::Route& route, Route& out) {
    if (route.hops.size() < 2) {
      return error(*route.hops_at,
                   fmt::format("'hops' are several ways out, here is {}",
                               route.hops.empty() ? "none" : "one"),
                   "write 'via' and 'dev' of the route itself");
    }
    if (route.type != RouteType::unicast) {
      return error(*route.hops_at,
                   fmt::format("a route of type {} has one way out", to_string(route.type)));
    }
    for (const auto& hop : route.hops) {
      auto resolved = hops_.resolve(node_, hop, route.to.value.family());
      if (!resolved) continue;
      const bool twice = std::any_of(out.hops.begin(), out.hops.end(), [&](const NextHop& other) {
        return other.gateway == resolved->gateway && other.ifindex == resolved->ifindex &&
               other.encap == resolved->encap;
      });
      if (twice) error(hop.at, "this way out is here twice", "give it a 'weight' instead");
      out.hops.push_back(std::move(*resolved));
    }
  }

  void add_object(const spec::Route& route, Route& out) {
    const std::uint32_t id = route.nexthop->value;
    const auto found = std::find_if(node_.nexthops.begin(), node_.nexthops.end(),
                                    [&](const auto& nexthop) { return nexthop.value.id == id; });
    if (found == node_.nexthops.end()) {
      std::string known;
      for (const auto& nexthop : node_.nexthops) {
        known += fmt::format("{}{}", known.empty() ? "there are " : ", ", nexthop.value.id);
      }
      return error(route.nexthop->at, fmt::format("{} has no nexthop {}", node_.name, id), known);
    }
    if (route.type != RouteType::unicast) {
      return error(route.nexthop->at, "only a unicast route goes by a nexthop");
    }
    if (route.to.value.family() == Family::ipv6 && found->value.family == Family::ipv4) {
      return error(route.nexthop->at,
                   fmt::format("an IPv6 route cannot go by nexthop {}, which is IPv4", id));
    }
    out.nexthop = id;
  }

  std::optional<IpAddress> source(const spec::Route& route) {
    const IpAddress& wanted = route.source->value;
    if (wanted.family != route.to.value.family()) {
      error(route.source->at, fmt::format("the source {} is {}, the destination {}",
                                          wanted.to_string(), netyard::to_string(wanted.family),
                                          netyard::to_string(route.to.value.family())));
      return {};
    }
    for (const auto& interface : node_.interfaces) {
      for (const auto& address : interface.addresses) {
        if (address.value.address == wanted) return wanted;
      }
    }
    error(route.source->at, fmt::format("{} has no address {}", node_.name, wanted.to_string()));
    return {};
  }

  void keep(Route route, const Location& at) {
    for (const auto& other : node_.routes) {
      const Route& known = other.route;
      if (known.destination != route.destination || known.table != route.table ||
          known.metric != route.metric || known.tos != route.tos) {
        continue;
      }
      return error(
          at,
          fmt::format("{} has this route already; first at {}", node_.name, other.at.to_string()),
          "give one of them another metric or table");
    }
    node_.routes.push_back({std::move(route), false, at});
  }

  Node& node_;
  HopResolver& hops_;
  Diagnostics& diagnostics_;
};

void add_mpls(const spec::MplsRoute& route, Node& node, HopResolver& hops,
              Diagnostics& diagnostics) {
  // Both families go by either gateway: the labels hide what is inside.
  const Family family = route.hop.via ? route.hop.via->value.family : Family::ipv4;
  const auto hop = hops.resolve(node, route.hop, family);
  if (!hop) return;
  for (const auto& other : node.mpls_routes) {
    if (other.value.label != route.label.value) continue;
    diagnostics.error(route.label.at,
                      fmt::format("{} has a route for label {} already; first at {}", node.name,
                                  route.label.value, other.at.to_string()));
    return;
  }
  if (!route.swap.empty() && !hop->gateway) {
    diagnostics.error(route.at, "packets that get new labels need a gateway, 'via'");
    return;
  }
  node.mpls_routes.push_back(
      {{route.label.value, route.swap, hop->gateway, hop->ifindex}, route.at});
}

void resolve_layer3(const spec::File& file, const std::vector<bool>& open, Topology& topology,
                    Diagnostics& diagnostics) {
  HopResolver hops(open, topology, diagnostics);
  // File nodes are nodes 1, 2, …, in the same order.
  NodeId id = 1;
  for (const auto& from : file.nodes) {
    Node& node = topology.nodes[id++];
    resolve_nexthops(from, node, hops, diagnostics);
    resolve_routes(from, node, hops, diagnostics);
    resolve_rules(from, node, hops, diagnostics);
    resolve_neighbors(from, node, hops, diagnostics);
  }
}

}  // namespace

void resolve_routes(const spec::Node& from, Node& node, HopResolver& hops,
                    Diagnostics& diagnostics) {
  RouteResolver routes(node, hops, diagnostics);
  for (const auto& route : from.routes) routes.add(route);
  for (const auto& route : from.mpls_routes) add_mpls(route, node, hops, diagnostics);
}

Topology resolve(const spec::File& file, Diagnostics& diagnostics,
                 const InterfaceNumbers& numbers) {
  const std::size_t mistakes = diagnostics.errors();
  Topology topology = Resolver(file, diagnostics, numbers).run();
  join_wireguard(file, topology, diagnostics);
  join_macsec(file, topology, diagnostics);
  const std::vector<bool> open = number_segments(topology);
  deal_addresses(file, topology, diagnostics);
  resolve_interfaces(file, topology, diagnostics);
  resolve_wireguard(file, topology, diagnostics);
  resolve_macsec(file, topology, diagnostics);
  settle_mtus(topology, diagnostics);
  check_links(topology, diagnostics);
  settle_segment_sizes(topology, diagnostics);
  check_topology(file, topology, diagnostics);
  resolve_layer3(file, open, topology, diagnostics);
  resolve_services(file, topology, diagnostics);
  resolve_names(file, topology, diagnostics);
  resolve_rulesets(file, topology, diagnostics);
  resolve_traffic(topology, diagnostics);
  // Routes over a topology with mistakes in it would only add to the noise.
  if (file.routing == spec::Routing::static_ && diagnostics.errors() == mistakes) {
    add_static_routes(topology);
  }
  return topology;
}

}  // namespace netyard
