// SPDX-License-Identifier: Apache-2.0
#include "topology/plan.h"

#include <algorithm>
#include <map>
#include <optional>

#include "topology/link_order.h"

namespace netyard {
namespace {

class Planner {
 public:
  explicit Planner(const Topology& topology) : topology_(topology) { plan_.lab = topology.name; }

  Plan run() {
    for (NodeId id = 1; id < topology_.nodes.size(); ++id) plan_namespace(id);
    plan_links();
    for (NodeId id = 0; id < topology_.nodes.size(); ++id) {
      const auto& ruleset = topology_.nodes[id].ruleset;
      if (ruleset) step(LoadRuleset{id, {}}, ruleset->lines.front().at);
    }
    for (NodeId id = 0; id < topology_.nodes.size(); ++id) configure(id);
    for (NodeId id = 1; id < topology_.nodes.size(); ++id) plan_nexthops(id);
    for (NodeId id = 0; id < topology_.nodes.size(); ++id) await_addresses(id);
    plan_etc();
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

  void plan_etc() {
    const bool any =
        !topology_.etc.empty() || std::any_of(topology_.nodes.begin(), topology_.nodes.end(),
                                              [](const Node& node) { return !node.etc.empty(); });
    if (any) step(WriteEtc{}, topology_.nodes.at(1).at);
  }

  void plan_namespace(NodeId id) {
    const Node& node = topology_.nodes[id];
    step(CreateNamespace{id}, node.at);
    for (const auto& sysctl : node.early_sysctls) {
      step(WriteSysctl{id, sysctl.path, sysctl.value}, sysctl.at);
    }
  }

  void plan_links() {
    for (const std::size_t number : creation_order(topology_).order) {
      const TopologyLink& link = topology_.links[number];
      if (link.kind == nullptr) {
        plan_taken(link);
      } else if (link.kind->ordering == LinkClass::pair) {
        plan_pair(link);
      } else {
        plan_single(link);
      }
    }
  }

  // Up at once goes for the first end only: so that is the port of a bridge, and never the host's.
  void plan_pair(const TopologyLink& link) {
    const auto [first, second] = ends_in_order(topology_, link);
    const Interface& end = topology_.interface(first);
    const Interface& peer = topology_.interface(second);
    CreateLink create;
    create.node = create.through = first.node;
    create.peer_node = second.node;
    create.link = new_link(link, end);
    create.link.peer = LinkPeer{peer.name, peer.ifindex, peer.mac};
    step(std::move(create), link.at);
  }

  // What must hold before an interface makes an address of its own is set while it is down.
  static bool comes_up_later(const Interface& interface) {
    return interface.address_generation || interface.token || !interface.sysctls.empty();
  }

  static NewLink new_link(const TopologyLink& link, const Interface& end) {
    NewLink out;
    out.kind = link.kind;
    out.name = end.name;
    out.ifindex = end.ifindex;
    out.mac = end.mac;
    out.mtu = end.mtu;
    out.master = end.master;
    out.up = end.details.up && !is_port_of_bond(end) && !comes_up_later(end);
    for (const auto& setting : link.settings) {
      const bool now = !setting.field->late && !is_device_field(*link.kind, setting.field);
      if (now) out.settings.push_back(setting);
    }
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
    if (link.kind->by_device) {
      step(CreateDevice{create.node, std::move(create.link)}, link.at);
    } else {
      step(std::move(create), link.at);
    }
  }

  void plan_taken(const TopologyLink& link) {
    const Interface& end = topology_.interface(link.end);
    step(TakeLink{link.end.node, link.host_link, end.name, end.ifindex}, link.at);
  }

  // A bond takes no port that is up.
  static bool is_port_of_bond(const Interface& interface) {
    return interface.master_kind != nullptr &&
           std::string_view(interface.master_kind->name) == "bond";
  }

  // Sent by a message of the kind's own family.
  static bool is_device_field(const LinkKind& kind, const Field* field) {
    return std::any_of(kind.device_fields.begin(), kind.device_fields.end(),
                       [&](const Field& f) { return &f == field; });
  }

  // What the creation of an end could not do already.
  void finish(NodeId id, const Interface& interface) {
    ChangeLink change{id, {}, interface.name};
    LinkChange& what = change.change;
    what.ifindex = interface.ifindex;
    const bool loopback = interface.kind == "loopback";
    const Created made = loopback ? Created{} : created_.at(key(id, interface));
    if (interface.master != 0 && !made.master) what.master = interface.master;
    if (what.master && is_port_of_bond(interface)) {
      step(change, interface.at);
      what.master.reset();
    }
    what.common = interface.details.common;
    if (!made.up && interface.details.up) what.up = true;
    if (made.up && !interface.details.up) what.up = false;
    if (!loopback && interface.mtu != 0 && interface.mtu != made.mtu) what.mtu = interface.mtu;
    if (!loopback && interface.mac && !made.mac) what.mac = interface.mac;
    what.gso_max_segs = interface.shaping.gso_max_segs;
    what.gso_max_size = interface.shaping.gso_max_size;
    const bool nothing = !what.up && !what.master && !what.mtu && !what.mac &&
                         what.common.empty() && !what.gso_max_segs && !what.gso_max_size;
    if (!nothing) step(std::move(change), interface.at);
  }

  // What wants the ports of the node to be there.
  void plan_port(NodeId id, const Interface& interface) {
    const InterfaceDetails& details = interface.details;
    if (!details.port.empty()) {
      ChangeLink change{id, {}, interface.name};
      change.change.ifindex = interface.ifindex;
      change.change.master_kind = interface.master_kind;
      change.change.port = details.port;
      step(std::move(change), details.at);
    }
    const auto fill = [&](auto what) {
      step(FillTable{id, interface.ifindex, interface.name, std::move(what)}, details.at);
    };
    const bool is_bridge = interface.kind == "bridge";
    if (!details.altnames.empty()) fill(AlternativeNames{details.altnames});
    if (details.drop_vlan) fill(RemoveVlan{*details.drop_vlan, is_bridge});
    if (!details.vlans.empty()) fill(AddVlans{details.vlans, is_bridge});
    for (const auto& entry : details.fdb) fill(entry);
    for (const auto& entry : details.mdb) fill(entry);
  }

  void plan_late_settings(NodeId id) {
    for (std::size_t i = 0; i < topology_.links.size(); ++i) {
      const TopologyLink& link = topology_.links[i];
      const Interface& end = topology_.interface(link.end);
      if (link.end.node != id || link.kind == nullptr) continue;
      ChangeLink change{id, {}, end.name};
      change.change.ifindex = end.ifindex;
      change.change.kind = link.kind;
      for (const auto& setting : link.settings) {
        if (setting.field->late) change.change.settings.push_back(setting);
      }
      if (!change.change.settings.empty()) step(std::move(change), link.at);
      if (link.wireguard)
        step(SetWireGuard{id, i, end.name, link.wireguard->peers.size()}, link.at);
      if (link.macsec) step(SetMacsec{id, i, end.name, link.macsec->peers.size()}, link.at);
    }
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
      } else if (const auto* device = std::get_if<CreateDevice>(&step.operation)) {
        created_[{device->node, device->link.name}] = {false, false, false, 0};
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
    if (needs_late_.empty()) note_late();
    const Node& node = topology_.nodes[id];
    for (const auto& interface : node.interfaces) {
      prepare(id, interface);
      finish(id, interface);
    }
    for (const auto& interface : node.interfaces) plan_port(id, interface);
    if (needs_late_[id]) plan_late_settings(id);
    for (const auto& interface : node.interfaces) shape(id, interface);
    for (const auto& interface : node.interfaces) {
      for (const auto& address : interface.addresses) {
        const Address what{interface.ifindex, address.value, address.dad.value_or(false),
                           address.details};
        step(AddAddress{id, what, interface.name}, address.at);
      }
    }
    for (const auto& neighbor : node.neighbors) step(AddNeighbor{id, neighbor.value}, neighbor.at);
    plan_routes(id, false);
    for (const auto& route : node.mpls_routes) step(AddMplsRoute{id, route.value}, route.at);
    for (const auto& rule : node.rules) step(AddRule{id, rule.value}, rule.at);
    for (const auto& sysctl : node.late_sysctls) {
      step(WriteSysctl{id, sysctl.path, sysctl.value}, sysctl.at);
    }
  }

  void prepare(NodeId id, const Interface& interface) {
    for (const auto& sysctl : interface.sysctls) {
      step(WriteSysctl{id, sysctl.path, sysctl.value}, sysctl.at);
    }
    if (!interface.address_generation && !interface.token) return;
    ChangeLink change{id, {}, interface.name};
    change.change.ifindex = interface.ifindex;
    if (interface.address_generation) {
      change.change.address_generation = interface.address_generation->value;
    }
    if (interface.token) change.change.token = interface.token->value;
    step(std::move(change),
         interface.token ? interface.token->at : interface.address_generation->at);
  }

  // Routes straight out of an interface first: others may have gateways behind them. By nexthop
  // objects, or all others.
  void plan_routes(NodeId id, bool by_nexthop) {
    const Node& node = topology_.nodes[id];
    for (const bool direct : {true, false}) {
      for (const auto& route : node.routes) {
        const auto& hops = route.route.hops;
        const bool is_direct = std::none_of(
            hops.begin(), hops.end(), [](const NextHop& hop) { return hop.gateway.has_value(); });
        if (is_direct != direct || (route.route.nexthop != 0) != by_nexthop) continue;
        step(AddRoute{id, route.route, route.computed}, route.at);
      }
    }
  }

  // The kernel wants a carrier for them: when the other ends are up.
  void plan_nexthops(NodeId id) {
    for (const auto& nexthop : topology_.nodes[id].nexthops) {
      step(AddNextHop{id, nexthop.value}, nexthop.at);
    }
    plan_routes(id, true);
  }

  void await_addresses(NodeId id) {
    for (const auto& interface : topology_.nodes[id].interfaces) {
      if (interface.kind == "loopback") continue;
      for (const auto& address : interface.addresses) {
        if (!address.dad.value_or(false)) continue;
        step(AwaitAddress{id, address.value.address, interface.name}, address.at);
      }
    }
  }

  void note_late() {
    needs_late_.resize(topology_.nodes.size());
    for (const auto& link : topology_.links) {
      const bool late = std::any_of(link.settings.begin(), link.settings.end(),
                                    [](const FieldSetting& s) { return s.field->late; });
      if (late || link.wireguard || link.macsec) needs_late_[link.end.node] = true;
    }
  }

  const Topology& topology_;
  Plan plan_;
  std::vector<bool> needs_late_;  // by node
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
