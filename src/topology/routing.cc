// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>

#include "netlink/names.h"
#include "topology/resolve_hops.h"

namespace netyard {
namespace {

/// A node, or one VRF of it: what has a routing table of its own.
struct Place {
  NodeId node = 0;
  std::uint32_t vrf = 0;  // ifindex of the VRF; 0: outside of all
  auto operator<=>(const Place&) const = default;
};

// Where a place stands on a segment: the interface, and the address that others reach it by.
struct Attachment {
  Place place;
  const Interface* interface;
};

// A subnet of the lab, and who is in it.
struct Target {
  IpPrefix prefix;
  std::set<Place> members;
};

/// The last word of the file on a sysctl.
const spec::Sysctl* last_word(const Node& node, std::string_view path) {
  const auto found = std::find_if(node.early_sysctls.rbegin(), node.early_sysctls.rend(),
                                  [&](const spec::Sysctl& sysctl) { return sysctl.path == path; });
  return found == node.early_sysctls.rend() ? nullptr : &*found;
}

// A router forwards, but for what its sysctls say; the file's stand behind those of the kind.
bool forwards_family(const Node& node, Family family) {
  const std::vector<const char*> paths =
      family == Family::ipv4
          ? std::vector<const char*>{"net/ipv4/ip_forward", "net/ipv4/conf/all/forwarding"}
          : std::vector<const char*>{"net/ipv6/conf/all/forwarding"};
  const spec::Sysctl* last = nullptr;
  for (const char* path : paths) {
    const spec::Sysctl* said = last_word(node, path);
    if (said != nullptr && (last == nullptr || said > last)) last = said;
  }
  return last != nullptr && last->value != "0";
}

/// Cheapest ways between the layer-3 places of one family.
class Router {
 public:
  Router(Topology& topology, Family family) : topology_(topology), family_(family) {
    for (NodeId id = 1; id < topology_.nodes.size(); ++id) attach(id);
    if (family_ == Family::ipv4) attach_outside();
  }

  void run() {
    for (const auto& [prefix, target] : targets_) route_to(target);
    for (const auto& [place, ways] : found_) write(place, ways);
  }

 private:
  using Hops = std::vector<NextHop>;
  using Ways = std::vector<std::pair<const Target*, Hops>>;
  using Distances = std::map<Place, std::uint64_t>;

  static std::uint32_t cost_of(const Interface& interface) {
    return std::max<std::uint32_t>(interface.cost, 1);
  }

  // Ports of a VRF belong to it, and so does its own interface.
  std::uint32_t vrf_of(NodeId id, const Interface& interface) const {
    for (const auto& other : topology_.nodes[id].interfaces) {
      const bool own = other.ifindex == interface.ifindex || other.ifindex == interface.master;
      if (own && vrf_table_of(topology_, id, other)) return other.ifindex;
    }
    return 0;
  }

  void join(const IpPrefix& subnet, const Place& place) {
    Target& target = targets_[subnet];
    target.prefix = subnet;
    target.members.insert(place);
  }

  void attach(NodeId id) {
    forwards_[id] = forwards_family(topology_.nodes[id], family_);
    for (const auto& interface : topology_.nodes[id].interfaces) {
      const Place place{id, vrf_of(id, interface)};
      bool attached = false;
      for (const auto& address : interface.addresses) {
        const IpAddress& own = address.value.address;
        if (own.family != family_ || own.is_link_local() || own.is_multicast()) continue;
        join(address.subnet(), place);
        // The far end of a point to point link knows the way here by itself.
        if (address.details.peer) {
          join({own, static_cast<std::uint8_t>(own.bits())}, place);
        }
        attached = true;
      }
      if (attached && interface.segment != 0) {
        segments_[interface.segment].push_back({place, &interface});
        interfaces_[place].push_back(&interface);
      }
    }
  }

  // A router with an uplink is where everything else is.
  void attach_outside() {
    for (NodeId id = 1; id < topology_.nodes.size(); ++id) {
      if (!topology_.nodes[id].uplink.empty() && forwards({id, 0})) join(IpPrefix{}, {id, 0});
    }
  }

  bool forwards(const Place& place) const { return forwards_.at(place.node); }

  // The address of `other` that is straight behind `interface`.
  std::optional<IpAddress> reachable(const Interface& interface, const Interface& other) const {
    for (const auto& theirs : other.addresses) {
      if (theirs.value.family() != family_) continue;
      for (const auto& ours : interface.addresses) {
        if (ours.subnet().contains(theirs.value.address)) return theirs.value.address;
      }
    }
    return {};
  }

  // Dijkstra's algorithm from the members of a subnet outwards; a way costs what its sender says,
  // and only what forwards passes on what is not for it.
  Distances distances_to(const Target& target) const {
    using Entry = std::pair<std::uint64_t, Place>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
    Distances distance;
    for (const Place& member : target.members) {
      distance[member] = 0;
      queue.push({0, member});
    }
    while (!queue.empty()) {
      const auto [far, from] = queue.top();
      queue.pop();
      const auto ports = interfaces_.find(from);
      if (far != distance.at(from) || !forwards(from) || ports == interfaces_.end()) continue;
      for (const Interface* port : ports->second) {
        for (const auto& there : segments_.at(port->segment)) {
          const std::uint64_t sum = far + cost_of(*there.interface);
          const auto [known, fresh] = distance.emplace(there.place, sum);
          if (!fresh && known->second <= sum) continue;
          known->second = sum;
          queue.push({sum, there.place});
        }
      }
    }
    return distance;
  }

  void route_to(const Target& target) {
    const Distances distance = distances_to(target);
    for (const auto& [place, far] : distance) {
      if (far == 0) continue;
      Hops hops = best_hops(place, distance);
      if (!hops.empty()) found_[place].push_back({&target, std::move(hops)});
    }
  }

  Hops best_hops(const Place& place, const Distances& distance) const {
    Hops hops;
    std::set<IpAddress> known;
    for (const Interface* interface : interfaces_.at(place)) {
      for (const auto& there : segments_.at(interface->segment)) {
        if (there.place == place || !forwards(there.place)) continue;
        const auto far = distance.find(there.place);
        if (far == distance.end() || far->second + cost_of(*interface) != distance.at(place)) {
          continue;
        }
        const auto gateway = reachable(*interface, *there.interface);
        if (gateway && known.insert(*gateway).second) hops.push_back({gateway, interface->ifindex});
      }
    }
    return hops;
  }

  std::uint32_t table_of(const Place& place) const {
    for (const auto& interface : topology_.nodes[place.node].interfaces) {
      if (place.vrf == 0 || interface.ifindex != place.vrf) continue;
      return vrf_table_of(topology_, place.node, interface).value_or(kMainTable);
    }
    return kMainTable;
  }

  bool said_in_file(const Place& place, const IpPrefix& destination) const {
    const auto& routes = topology_.nodes[place.node].routes;
    const std::uint32_t table = table_of(place);
    return std::any_of(routes.begin(), routes.end(), [&](const PlannedRoute& route) {
      return !route.computed && route.route.destination == destination &&
             route.route.table == table && route.route.tos == 0;
    });
  }

  void write(const Place& place, const Ways& ways) {
    IpPrefix everything;
    everything.address.family = family_;
    const bool one_way = std::all_of(ways.begin(), ways.end(), [&](const auto& way) {
      return way.second == ways.front().second;
    });
    // An uplink is a default route, but not the way to the lab's own subnets.
    const bool uplinked = !topology_.nodes[place.node].uplink.empty();
    if (!forwards(place) && !uplinked) {
      if (said_in_file(place, everything)) return;
      if (one_way) return add(place, everything, ways.front().second);
    }
    for (const auto& [target, hops] : ways) {
      if (!said_in_file(place, target->prefix)) add(place, target->prefix, hops);
    }
  }

  void add(const Place& place, const IpPrefix& destination, const Hops& hops) {
    Node& node = topology_.nodes[place.node];
    PlannedRoute route;
    route.route.destination = destination;
    route.route.hops = hops;
    route.route.table = table_of(place);
    route.computed = true;
    route.at = node.at;
    node.routes.push_back(std::move(route));
  }

  Topology& topology_;
  Family family_;
  std::map<IpPrefix, Target> targets_;
  std::unordered_map<NodeId, bool> forwards_;
  std::unordered_map<std::uint32_t, std::vector<Attachment>> segments_;
  std::map<Place, std::vector<const Interface*>> interfaces_;
  std::map<Place, Ways> found_;
};

}  // namespace

void add_static_routes(Topology& topology) {
  for (const Family family : {Family::ipv4, Family::ipv6}) Router(topology, family).run();
}

}  // namespace netyard
