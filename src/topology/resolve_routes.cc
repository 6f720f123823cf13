// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/suggest.h"
#include "topology/resolve_traffic.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

class RouteResolver {
 public:
  RouteResolver(const std::vector<bool>& open, Topology& topology, Diagnostics& diagnostics)
      : open_(open), topology_(topology), diagnostics_(diagnostics) {
    for (const auto& node : topology_.nodes) {
      for (const auto& interface : node.interfaces) {
        for (const auto& address : interface.addresses) {
          owners_.emplace(std::pair{interface.segment, address.value.address}, node.name);
        }
      }
    }
  }

  void add(NodeId id, const spec::Route& route) {
    const std::size_t mistakes = diagnostics_.errors();
    Route out;
    out.destination = route.to.value;
    if (route.metric) out.metric = route.metric->value;
    if (route.table) out.table = route.table->value;
    const auto hop = next_hop(topology_.nodes[id], route);
    if (!hop) return;
    out.hops.push_back(*hop);
    if (route.source) out.source = source(topology_.nodes[id], route);
    if (diagnostics_.errors() == mistakes) keep(id, std::move(out), route.at);
  }

 private:
  void keep(NodeId id, Route route, const Location& at) {
    Node& node = topology_.nodes[id];
    for (const auto& other : node.routes) {
      const Route& known = other.route;
      if (known.destination != route.destination || known.table != route.table ||
          known.metric != route.metric) {
        continue;
      }
      diagnostics_.error(
          at,
          fmt::format("{} has this route already; first at {}", node.name, other.at.to_string()),
          "give one of them another metric or table");
      return;
    }
    node.routes.push_back({std::move(route), false, at});
  }

  std::optional<NextHop> next_hop(const Node& node, const spec::Route& route) {
    if (!route.via && !route.dev) {
      diagnostics_.error(route.at, "the route has neither 'via' nor 'dev'");
      return {};
    }
    const Interface* device = nullptr;
    if (route.dev) {
      device = named(node, *route.dev);
      if (device == nullptr) return {};
    }
    if (!route.via) return NextHop{std::nullopt, device->ifindex, 1};
    const IpAddress& gateway = route.via->value;
    if (route.to.value.family() == Family::ipv6 && gateway.family == Family::ipv4) {
      diagnostics_.error(route.via->at, "an IPv6 route cannot go by way of an IPv4 gateway");
      return {};
    }
    if (gateway.is_link_local()) return link_local(device, gateway, *route.via);
    return connected(node, device, *route.via);
  }

  std::optional<NextHop> link_local(const Interface* device, const IpAddress& gateway,
                                    const Located<IpAddress>& via) {
    if (device != nullptr) return NextHop{gateway, device->ifindex, 1};
    diagnostics_.error(via.at, "a link-local gateway needs 'dev'");
    return {};
  }

  const Interface* named(const Node& node, const Located<std::string>& name) {
    std::vector<std::string> names;
    for (const auto& interface : node.interfaces) {
      if (interface.name == name.value) return &interface;
      names.push_back(interface.name);
    }
    diagnostics_.error(name.at, fmt::format("{} has no interface '{}'", node.name, name.value),
                       did_you_mean(name.value, names));
    return nullptr;
  }

  // The interface whose subnet the gateway is in; the longest prefix decides.
  std::optional<NextHop> connected(const Node& node, const Interface* device,
                                   const Located<IpAddress>& via) {
    const Interface* best = nullptr;
    int length = -1;
    for (const auto& interface : node.interfaces) {
      if (device != nullptr && &interface != device) continue;
      for (const auto& address : interface.addresses) {
        if (address.value.address == via.value) {
          diagnostics_.error(via.at, fmt::format("the gateway {} is {}'s own address",
                                                 via.value.to_string(), node.name));
          return {};
        }
        if (address.value.contains(via.value) && address.value.length > length) {
          best = &interface;
          length = address.value.length;
        }
      }
    }
    if (best == nullptr) {
      const std::string which =
          device == nullptr ? "no interface of " + node.name : device->name + " of " + node.name;
      diagnostics_.error(via.at,
                         fmt::format("{} is{} in a subnet with {}", which,
                                     device == nullptr ? "" : " not", via.value.to_string()),
                         subnets_of(node));
      return {};
    }
    check_owner(*best, via);
    return NextHop{via.value, best->ifindex, 1};
  }

  static std::string subnets_of(const Node& node) {
    std::string out;
    for (const auto& interface : node.interfaces) {
      for (const auto& address : interface.addresses) {
        out += (out.empty() ? "it is in " : ", ") + address.value.network().to_string();
      }
    }
    return out.empty() ? "it has no address at all" : out;
  }

  void check_owner(const Interface& interface, const Located<IpAddress>& via) {
    if (open_[interface.segment] || owners_.contains({interface.segment, via.value})) return;
    std::string others;
    const auto begin = owners_.lower_bound({interface.segment, IpAddress{via.value.family, {}}});
    for (auto owner = begin; owner != owners_.end() && owner->first.first == interface.segment;
         ++owner) {
      if (owner->first.second.family != via.value.family || others.size() > 80) break;
      others += (others.empty() ? "there are " : ", ") + owner->first.second.to_string() + " (" +
                owner->second + ")";
    }
    diagnostics_.error(via.at, fmt::format("nobody on the segment has {}", via.value.to_string()),
                       others);
  }

  std::optional<IpAddress> source(const Node& node, const spec::Route& route) {
    for (const auto& interface : node.interfaces) {
      for (const auto& address : interface.addresses) {
        if (address.value.address == route.source->value) return route.source->value;
      }
    }
    diagnostics_.error(route.source->at, fmt::format("{} has no address {}", node.name,
                                                     route.source->value.to_string()));
    return {};
  }

  const std::vector<bool>& open_;
  Topology& topology_;
  Diagnostics& diagnostics_;
  std::map<std::pair<std::uint32_t, IpAddress>, std::string> owners_;
};

}  // namespace

void resolve_routes(const spec::File& file, const std::vector<bool>& open_segments,
                    Topology& topology, Diagnostics& diagnostics) {
  RouteResolver routes(open_segments, topology, diagnostics);
  // File nodes are nodes 1, 2, …, in the same order.
  NodeId id = 1;
  for (const auto& node : file.nodes) {
    for (const auto& route : node.routes) routes.add(id, route);
    ++id;
  }
}

Topology resolve(const spec::File& file, Diagnostics& diagnostics) {
  const std::size_t mistakes = diagnostics.errors();
  Topology topology = Resolver(file, diagnostics).run();
  const std::vector<bool> open = number_segments(topology);
  deal_addresses(file, topology, diagnostics);
  check_topology(file, topology, diagnostics);
  resolve_routes(file, open, topology, diagnostics);
  resolve_services(file, topology, diagnostics);
  resolve_traffic(topology, diagnostics);
  // Routes over a topology with mistakes in it would only add to the noise.
  if (file.routing == spec::Routing::static_ && diagnostics.errors() == mistakes) {
    add_static_routes(topology);
  }
  return topology;
}

}  // namespace netyard
