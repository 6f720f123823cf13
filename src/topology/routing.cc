// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "topology/topology.h"

namespace netyard {
namespace {

constexpr std::uint32_t kMainTable = 254;

// Where a node stands on a segment: the interface and the address that others reach it by.
struct Attachment {
  NodeId node;
  const Interface* interface;
};

// A subnet of the lab, and who is in it.
struct Target {
  IpPrefix prefix;
  std::set<NodeId> members;
  Location at;
};

/// Shortest paths between the layer-3 nodes of one family.
class Router {
 public:
  Router(Topology& topology, Family family) : topology_(topology), family_(family) {
    for (NodeId id = 1; id < topology_.nodes.size(); ++id) attach(id);
    if (family_ == Family::ipv4) attach_outside();
  }

  void run() {
    for (const auto& [prefix, target] : targets_) route_to(target);
    for (NodeId id = 1; id < topology_.nodes.size(); ++id) write(id);
  }

 private:
  using Hops = std::vector<NextHop>;

  void attach(NodeId id) {
    for (const auto& interface : topology_.nodes[id].interfaces) {
      bool attached = false;
      for (const auto& address : interface.addresses) {
        if (address.value.family() != family_ || address.value.address.is_link_local()) continue;
        const IpPrefix subnet = address.value.network();
        Target& target = targets_[subnet];
        target.prefix = subnet;
        target.members.insert(id);
        if (!target.at) target.at = address.at;
        attached = true;
      }
      if (attached && interface.segment != 0) {
        segments_[interface.segment].push_back({id, &interface});
        places_[id].push_back(interface.segment);
      }
    }
  }

  // A router with an uplink is where everything else is.
  void attach_outside() {
    for (NodeId id = 1; id < topology_.nodes.size(); ++id) {
      if (topology_.nodes[id].uplink.empty() || !forwards(id)) continue;
      Target& outside = targets_[IpPrefix{}];
      outside.members.insert(id);
    }
  }

  bool forwards(NodeId id) const { return topology_.nodes[id].kind == NodeKind::router; }

  // The address of `other` that is in a subnet of `interface`.
  std::optional<IpAddress> reachable(const Interface& interface, const Interface& other) const {
    for (const auto& theirs : other.addresses) {
      if (theirs.value.family() != family_) continue;
      for (const auto& ours : interface.addresses) {
        if (ours.value.contains(theirs.value.address)) return theirs.value.address;
      }
    }
    return {};
  }

  // Breadth first from the members of a subnet; only routers pass on what is not for them.
  void route_to(const Target& target) {
    std::unordered_map<NodeId, std::uint32_t> distance;
    std::vector<NodeId> queue;
    for (const NodeId member : target.members) {
      distance[member] = 0;
      queue.push_back(member);
    }
    for (std::size_t next = 0; next < queue.size(); ++next) {
      const NodeId from = queue[next];
      if (!forwards(from)) continue;
      for (const std::uint32_t segment : places_[from]) {
        for (const auto& there : segments_[segment]) {
          if (distance.emplace(there.node, distance[from] + 1).second) queue.push_back(there.node);
        }
      }
    }
    for (const NodeId id : queue) {
      if (distance[id] == 0) continue;
      Hops hops = best_hops(id, distance);
      if (!hops.empty()) found_[id].push_back({&target, std::move(hops)});
    }
  }

  Hops best_hops(NodeId id, const std::unordered_map<NodeId, std::uint32_t>& distance) const {
    Hops hops;
    std::set<IpAddress> known;
    for (const auto& interface : topology_.nodes[id].interfaces) {
      const auto segment = segments_.find(interface.segment);
      if (interface.segment == 0 || segment == segments_.end()) continue;
      for (const auto& there : segment->second) {
        if (there.node == id || !forwards(there.node)) continue;
        const auto far = distance.find(there.node);
        if (far == distance.end() || far->second + 1 != distance.at(id)) continue;
        const auto gateway = reachable(interface, *there.interface);
        if (gateway && known.insert(*gateway).second)
          hops.push_back({gateway, interface.ifindex, 1});
      }
    }
    return hops;
  }

  bool said_in_file(const Node& node, const IpPrefix& destination) const {
    return std::any_of(node.routes.begin(), node.routes.end(), [&](const PlannedRoute& route) {
      return !route.computed && route.route.destination == destination &&
             route.route.table == kMainTable;
    });
  }

  void write(NodeId id) {
    const auto found = found_.find(id);
    if (found == found_.end()) return;
    Node& node = topology_.nodes[id];
    IpPrefix everything;
    everything.address.family = family_;
    const bool one_way =
        std::all_of(found->second.begin(), found->second.end(),
                    [&](const auto& way) { return way.second == found->second.front().second; });
    const bool uplinked = !node.uplink.empty();
    if (!forwards(id) && !uplinked && said_in_file(node, everything)) return;
    if (!forwards(id) && !uplinked && one_way) {
      add(node, everything, found->second.front().second);
      return;
    }
    for (const auto& [target, hops] : found->second) {
      if (!said_in_file(node, target->prefix)) add(node, target->prefix, hops);
    }
  }

  static void add(Node& node, const IpPrefix& destination, const Hops& hops) {
    PlannedRoute route;
    route.route.destination = destination;
    route.route.hops = hops;
    route.computed = true;
    route.at = node.at;
    node.routes.push_back(std::move(route));
  }

  Topology& topology_;
  Family family_;
  std::map<IpPrefix, Target> targets_;
  std::unordered_map<std::uint32_t, std::vector<Attachment>> segments_;
  std::unordered_map<NodeId, std::vector<std::uint32_t>> places_;
  std::unordered_map<NodeId, std::vector<std::pair<const Target*, Hops>>> found_;
};

}  // namespace

void add_static_routes(Topology& topology) {
  for (const Family family : {Family::ipv4, Family::ipv6}) Router(topology, family).run();
}

}  // namespace netyard
