// SPDX-License-Identifier: Apache-2.0
#include "topology/plan.h"

#include <algorithm>
#include <map>
#include <optional>

namespace netyard {
namespace {

class Planner {
 public:
  explicit Planner(const Topology& topology) : topology_(topology) { plan_.lab = topology.name; }

  Plan run() {
    for (NodeId id = 1; id < topology_.nodes.size(); ++id) plan_namespace(id);
    plan_links();
    for (NodeId id = 0; id < topology_.nodes.size(); ++id) configure(id);
    for (NodeId id = 1; id < topology_.nodes.size(); ++id) {
      for (const auto& exec : topology_.nodes[id].exec) step(RunCommand{id, exec.argv}, exec.at);
    }
    plan_services();
    return std::move(plan_);
  }

 private:
  void step(Operation operation, const Location& origin) {
    plan_.steps.push_back({std::move(operation), origin});
  }

  void plan_services() {
    std::map<std::string, NodeId> by_name;
    for (NodeId id = 1; id < topology_.nodes.size(); ++id) by_name[topology_.nodes[id].name] = id;
    for (std::size_t i = 0; i < topology_.services.size(); ++i) {
      const PlannedService& planned = topology_.services[i];
      if (!planned.service.autostart) continue;
      step(StartWorkload{by_name.at(planned.service.node), i}, planned.at);
    }
  }

  void plan_namespace(NodeId id) {
    const Node& node = topology_.nodes[id];
    step(CreateNamespace{id}, node.at);
    for (const auto& sysctl : node.early_sysctls) {
      step(WriteSysctl{id, sysctl.path, sysctl.value}, sysctl.at);
    }
  }

  // Bridges first, for their ports to name them; then, socket by socket, what needs nothing but
  // them; links that stand on others last, in the order of the file.
  void plan_links() {
    std::vector<std::pair<NodeId, Step>> pairs;
    std::vector<const TopologyLink*> stacked;
    for (const auto& link : topology_.links) {
      const bool standalone = link.kind != nullptr && link.kind->ordering == LinkClass::standalone;
      if (standalone) plan_single(link);
      if (link.kind != nullptr && link.kind->ordering == LinkClass::pair)
        pairs.push_back(pair_step(link));
      if (!standalone && (link.kind == nullptr || link.kind->ordering == LinkClass::stacked)) {
        stacked.push_back(&link);
      }
    }
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [socket, pair] : pairs) plan_.steps.push_back(std::move(pair));
    for (const TopologyLink* link : stacked) {
      if (link->kind == nullptr) {
        plan_taken(*link);
      } else {
        plan_single(*link);
      }
    }
  }

  // Up at once goes for the first end only: so that is the port of a bridge, and never the host's.
  std::pair<NodeId, Step> pair_step(const TopologyLink& link) {
    InterfaceRef first = link.end;
    InterfaceRef second = *link.peer;
    const bool second_is_port = topology_.interface(second).master != 0;
    const bool swap = first.node == kHost || (second.node != kHost && second_is_port &&
                                              topology_.interface(first).master == 0);
    if (swap) std::swap(first, second);
    const Interface& end = topology_.interface(first);
    const Interface& peer = topology_.interface(second);
    CreateLink create;
    create.node = create.through = first.node;
    create.peer_node = second.node;
    create.link = new_link(link, end);
    create.link.peer = LinkPeer{peer.name, peer.ifindex, peer.mac};
    return {first.node, {std::move(create), link.at}};
  }

  static NewLink new_link(const TopologyLink& link, const Interface& end) {
    NewLink out;
    out.kind = link.kind;
    out.name = end.name;
    out.ifindex = end.ifindex;
    out.mac = end.mac;
    out.mtu = end.mtu;
    out.master = end.master;
    out.up = true;
    out.settings = link.settings;
    return out;
  }

  void plan_single(const TopologyLink& link) {
    CreateLink create;
    create.node = create.peer_node = link.end.node;
    create.through = link.host_parent.empty() ? link.end.node : kHost;
    create.link = new_link(link, topology_.interface(link.end));
    create.link.parent = link.parent;
    create.host_parent = link.host_parent;
    // The master is looked for in the namespace the message is sent through: later, then.
    if (create.through != create.node) create.link.master = 0;
    step(std::move(create), link.at);
  }

  void plan_taken(const TopologyLink& link) {
    const Interface& end = topology_.interface(link.end);
    step(TakeLink{link.end.node, link.host_link, end.name, end.ifindex}, link.at);
  }

  // What the creation of an end could not do already.
  std::optional<ChangeLink> finish(NodeId id, const Interface& interface) const {
    ChangeLink change{id, {}, interface.name};
    change.change.ifindex = interface.ifindex;
    change.change.gso_max_segs = interface.shaping.gso_max_segs;
    change.change.gso_max_size = interface.shaping.gso_max_size;
    if (interface.kind == "loopback") {
      change.change.up = true;
      return change;
    }
    const Created made = created_.at(key(id, interface));
    if (!made.up) change.change.up = true;
    if (interface.master != 0 && !made.master) change.change.master = interface.master;
    if (interface.mtu != 0 && interface.mtu != made.mtu) change.change.mtu = interface.mtu;
    if (interface.mac && !made.mac) change.change.mac = interface.mac;
    const LinkChange& what = change.change;
    if (!what.up && !what.master && !what.mtu && !what.mac && !what.gso_max_segs &&
        !what.gso_max_size) {
      return {};
    }
    return change;
  }

  struct Created {
    bool up = false;
    bool master = false;
    bool mac = true;
    std::uint32_t mtu = 0;
  };
  using Key = std::pair<NodeId, std::string>;
  static Key key(NodeId id, const Interface& interface) { return {id, interface.name}; }

  void note_created() {
    for (const auto& step : plan_.steps) {
      if (const auto* create = std::get_if<CreateLink>(&step.operation)) {
        const NewLink& link = create->link;
        created_[{create->node, link.name}] = {link.up, link.master != 0, true, link.mtu};
        if (link.peer)
          created_[{create->peer_node, link.peer->name}] = {false, false, true, link.mtu};
      } else if (const auto* take = std::get_if<TakeLink>(&step.operation)) {
        created_[{take->node, take->name}] = {false, false, false, 0};
      }
    }
  }

  void shape(NodeId id, const Interface& interface) {
    const Shaping& shaping = interface.shaping;
    for (const auto& made : shaping.steps) {
      step(ShapeLink{id, interface.name, made.object}, made.at);
    }
    for (const auto& [offload, at] : shaping.offloads) {
      step(SetOffloads{id, interface.name, interface.ifindex, {offload}}, at);
    }
  }

  void configure(NodeId id) {
    if (created_.empty()) note_created();
    const Node& node = topology_.nodes[id];
    for (const auto& interface : node.interfaces) {
      if (auto change = finish(id, interface)) step(std::move(*change), interface.at);
    }
    for (const auto& interface : node.interfaces) shape(id, interface);
    for (const auto& interface : node.interfaces) {
      for (const auto& address : interface.addresses) {
        step(AddAddress{id, {interface.ifindex, address.value, false}, interface.name}, address.at);
      }
    }
    // Routes straight out of an interface first: others may have gateways behind them.
    for (const bool direct : {true, false}) {
      for (const auto& route : node.routes) {
        const bool is_direct = !route.route.hops.front().gateway;
        if (is_direct == direct) step(AddRoute{id, route.route, route.computed}, route.at);
      }
    }
    for (const auto& sysctl : node.late_sysctls) {
      step(WriteSysctl{id, sysctl.path, sysctl.value}, sysctl.at);
    }
  }

  const Topology& topology_;
  Plan plan_;
  std::map<Key, Created> created_;
};

}  // namespace

NodeId node_of(const Operation& operation) {
  return std::visit([](const auto& what) { return what.node; }, operation);
}

Plan make_plan(const Topology& topology) {
  return Planner(topology).run();
}

}  // namespace netyard
