// SPDX-License-Identifier: Apache-2.0
#include "engine/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "engine/live_model.h"
#include "engine/recorded_traffic.h"
#include "engine/same_state.h"
#include "netlink/link_data.h"

namespace netyard {
namespace {

using Sign = Change::Sign;

// The steps of earlier files, by node and kind of step.
class Before {
 public:
  explicit Before(const std::vector<Wish>& wishes) : wishes_(wishes) {
    for (const Wish& wish : wishes) {
      for (const Step& step : wish.plan->steps) {
        const std::string& node = wish.topology->nodes[node_of(step.operation)].name;
        by_node_[node].push_back({&wish, &step});
      }
    }
  }

  template <class T, class F>
  bool any(const std::string& node, const F& accepts) const {
    const auto found = by_node_.find(node);
    if (found == by_node_.end()) return false;
    return std::any_of(found->second.begin(), found->second.end(), [&](const auto& one) {
      const auto* operation = std::get_if<T>(&one.second->operation);
      return operation != nullptr && accepts(*operation);
    });
  }

  template <class T, class F>
  void each(const std::string& node, const F& visit) const {
    const auto found = by_node_.find(node);
    if (found == by_node_.end()) return;
    for (const auto& [wish, step] : found->second) {
      const auto* operation = std::get_if<T>(&step->operation);
      if (operation != nullptr) visit(*wish, *operation);
    }
  }

  const Node* node(const std::string& name) const {
    for (const Wish& wish : wishes_) {
      for (const auto& node : wish.topology->nodes) {
        if (node.name == name) return &node;
      }
    }
    return nullptr;
  }

 private:
  const std::vector<Wish>& wishes_;
  std::unordered_map<std::string, std::vector<std::pair<const Wish*, const Step*>>> by_node_;
};

class Comparison {
 public:
  Comparison(const Wish& next, const Present& present)
      : topology_(*next.topology),
        plan_(*next.plan),
        present_(present),
        model_(next, present),
        before_(present.before) {}

  Changes run() {
    out_.diagnostics = model_.diagnostics();
    remove_workloads();
    for (NodeId id = 0; id < topology_.nodes.size(); ++id) remove_from(id);
    for (const auto& gone : model_.gone()) remove(gone, {});
    for (const auto& link : model_.given_back()) put(Sign::remove, {link, {}});
    remove_nodes();
    drop_etc();
    note_sysctls();
    const std::size_t links_end = add_steps();
    change_links(links_end);
    return std::move(out_);
  }

 private:
  void put(Sign sign, Step step, std::string was = {}) {
    out_.list.push_back({sign, std::move(step), std::move(was)});
  }
  void remove(Remove what, const Location& origin) { put(Sign::remove, {std::move(what), origin}); }

  const LiveNode& live(NodeId id) const { return model_.node(topology_.nodes[id].name); }
  bool is_new(NodeId id) const { return id != kHost && !live(id).there; }

  const Interface* interface(NodeId id, const std::string& name) const {
    for (const auto& candidate : topology_.nodes[id].interfaces) {
      if (candidate.name == name) return &candidate;
    }
    return nullptr;
  }
  const LinkState* link(NodeId id, const std::string& name) const {
    const Interface* found = interface(id, name);
    return found != nullptr ? model_.link(topology_.nodes[id], *found) : nullptr;
  }
  const LinkState* link(NodeId id, std::uint32_t ifindex) const { return live(id).find(ifindex); }

  // --- what goes ---

  void remove_workloads() {
    for (const auto& service : present_.services) {
      const auto& wanted = present_.wanted_services;
      const bool same = std::find(wanted.begin(), wanted.end(), service.placed) != wanted.end();
      const Node* node = node_called(service.placed.service.node);
      const bool stays = same && node != nullptr && model_.node(node->name).there;
      if (!stays) put(Sign::remove, {EndWorkload{kHost, service.placed.service.id()}, {}});
    }
  }

  const Node* node_called(const std::string& name) const {
    for (const auto& node : topology_.nodes) {
      if (node.name == name) return &node;
    }
    return nullptr;
  }

  void remove_nodes() {
    for (const auto& node : present_.record->nodes) {
      const LiveNode& live = model_.node(node.name);
      const bool gone = live.there && node_called(node.name) == nullptr;
      if (!gone && !live.stale) continue;
      put(Sign::remove, {DeleteNamespace{kHost, node.name, node.netns}, {}});
    }
  }

  void drop_etc() {
    const bool had = std::any_of(present_.before.begin(), present_.before.end(),
                                 [](const Wish& w) { return has_etc(*w.plan); });
    if (had && !has_etc(plan_)) put(Sign::remove, {WriteEtc{}, {}});
  }
  static bool has_etc(const Plan& plan) {
    return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
      return std::holds_alternative<WriteEtc>(step.operation);
    });
  }

  // Whether the file has such a step for the node.
  template <class T, class F>
  bool wants(NodeId id, const F& accepts) {
    for (const Step* step : steps_of(id)) {
      const auto* operation = std::get_if<T>(&step->operation);
      if (operation != nullptr && accepts(*operation)) return true;
    }
    return false;
  }
  const std::vector<const Step*>& steps_of(NodeId id) {
    if (steps_.empty()) {
      steps_.resize(topology_.nodes.size());
      for (const Step& step : plan_.steps) steps_[node_of(step.operation)].push_back(&step);
    }
    return steps_[id];
  }

  void remove_from(NodeId id) {
    const std::string& name = topology_.nodes[id].name;
    if (is_new(id) || present_.before.empty()) return;
    remove_ruleset(id);
    remove_routes(id, name);
    remove_rules(id, name);
    remove_entries(id, name);
    remove_addresses(id, name);
    restore_sysctls(id, name);
  }

  void remove_ruleset(NodeId id) {
    const std::string& table = present_.record->host_table;
    if (id == kHost) {
      const bool gone = !table.empty() && topology_.host_table.empty();
      if (gone) put(Sign::remove, {DropHostTable{kHost, table}, {}});
      return;
    }
    const bool had =
        before_.any<LoadRuleset>(topology_.nodes[id].name, [](const auto&) { return true; });
    if (had && !topology_.nodes[id].ruleset) put(Sign::remove, {LoadRuleset{id, true}, {}});
  }

  void remove_routes(NodeId id, const std::string& name) {
    for (const auto& state : live(id).routes) {
      const auto is_this = [&](const auto& add) { return same_place(add.route, state.route); };
      if (!before_.any<AddRoute>(name, is_this) || wants<AddRoute>(id, is_this)) continue;
      // One of the same place that somebody else made since is not ours.
      const bool ours = before_.any<AddRoute>(
          name, [&](const auto& add) { return same_route(add.route, state.route); });
      if (ours) remove({id, "", state.route}, {});
    }
    for (const auto& route : live(id).mpls_routes) {
      const auto is_this = [&](const auto& add) { return add.route == route; };
      if (before_.any<AddMplsRoute>(name, is_this) && !wants<AddMplsRoute>(id, is_this)) {
        remove({id, "", route}, {});
      }
    }
  }

  void remove_rules(NodeId id, const std::string& name) {
    for (const auto& state : live(id).rules) {
      const auto is_this = [&](const auto& add) { return same_rule(add.rule, state.rule); };
      if (before_.any<AddRule>(name, is_this) && !wants<AddRule>(id, is_this)) {
        remove({id, "", state.rule}, {});
      }
    }
  }

  void remove_entries(NodeId id, const std::string& name) {
    for (const auto& neighbor : live(id).neighbors) {
      const auto is_this = [&](const auto& add) {
        return add.neighbor.ifindex == neighbor.ifindex && add.neighbor.address == neighbor.address;
      };
      if (before_.any<AddNeighbor>(name, is_this) && !wants<AddNeighbor>(id, is_this)) {
        remove({id, "", neighbor}, {});
      }
    }
    const auto& nexthops = live(id).nexthops;
    // Groups go before their members.
    for (auto state = nexthops.rbegin(); state != nexthops.rend(); ++state) {
      const auto is_this = [&](const auto& add) { return add.nexthop.id == state->nexthop.id; };
      if (before_.any<AddNextHop>(name, is_this) && !wants<AddNextHop>(id, is_this)) {
        remove({id, "", state->nexthop}, {});
      }
    }
  }

  void remove_addresses(NodeId id, const std::string& name) {
    std::set<std::string> seen;
    before_.each<AddAddress>(name, [&](const Wish&, const AddAddress& had) {
      const LinkState* at = link(id, had.link);
      if (at == nullptr) return;
      if (!seen.insert(had.link + " " + had.address.prefix.to_string()).second) return;
      const auto is_this = [&](const AddAddress& add) {
        return add.link == had.link && add.address.prefix == had.address.prefix;
      };
      if (wants<AddAddress>(id, is_this)) return;
      for (const auto& state : live(id).addresses) {
        if (state.ifindex != at->ifindex || !(state.prefix == had.address.prefix)) continue;
        Address gone = had.address;
        gone.ifindex = at->ifindex;
        remove({id, had.link, gone}, {});
        return;
      }
    });
  }

  // To what a new namespace has, where that is known.
  void restore_sysctls(NodeId id, const std::string& name) {
    std::set<std::string> seen;
    before_.each<WriteSysctl>(name, [&](const Wish&, const WriteSysctl& had) {
      if (!seen.insert(had.path).second) return;
      if (wants<WriteSysctl>(id, [&](const auto& write) { return write.path == had.path; })) return;
      const auto now = live(id).sysctls.find(had.path);
      const auto usual = present_.usual_sysctl(had.path);
      if (now == live(id).sysctls.end() || !usual || same_sysctl(*usual, now->second)) return;
      put(Sign::change, {WriteSysctl{id, had.path, *usual}, {}}, now->second);
    });
  }

  // --- what comes, or changes ---

  void note_sysctls() {
    for (const Step& step : plan_.steps) {
      const auto* write = std::get_if<WriteSysctl>(&step.operation);
      if (write != nullptr) last_[{write->node, write->path}] = &step;
    }
  }

  // Where the changes of links belong: behind the last link that is made.
  std::size_t add_steps() {
    std::size_t links_end = out_.list.size();
    for (const Step& step : plan_.steps) {
      std::visit([&](const auto& operation) { consider(step, operation); }, step.operation);
      const bool makes = std::holds_alternative<CreateLink>(step.operation) ||
                         std::holds_alternative<TakeLink>(step.operation) ||
                         std::holds_alternative<CreateDevice>(step.operation) ||
                         std::holds_alternative<CreateNamespace>(step.operation);
      if (makes) links_end = out_.list.size();
    }
    return links_end;
  }

  void consider(const Step& step, const CreateNamespace& create) {
    if (is_new(create.node)) put(Sign::add, step);
  }

  void consider(const Step& step, const WriteSysctl& write) {
    // Those of links come with them.
    const auto now = live(write.node).sysctls.find(write.path);
    if (is_new(write.node) || now == live(write.node).sysctls.end()) return put(Sign::add, step);
    const auto last = last_.find({write.node, write.path});
    if (last->second != &step) return;
    if (made_anew(write.node, write.path)) return put(Sign::add, step);
    if (!same_sysctl(write.value, now->second)) put(Sign::change, step, now->second);
  }

  // Whether a sysctl is one of a link that is to be made.
  bool made_anew(NodeId id, const std::string& path) const {
    for (const auto& candidate : topology_.nodes[id].interfaces) {
      if (path.find("/" + candidate.name + "/") == std::string::npos) continue;
      if (model_.link(topology_.nodes[id], candidate) == nullptr) return true;
    }
    return false;
  }

  void consider(const Step& step, const CreateLink& create) {
    const LinkState* there = link(create.node, create.link.name);
    if (there == nullptr) return put(Sign::add, step);
    change_settings(step, create.node, create.link, *there);
  }
  void consider(const Step& step, const CreateDevice& create) {
    if (link(create.node, create.link.name) == nullptr) put(Sign::add, step);
  }
  void consider(const Step& step, const TakeLink& take) {
    if (link(take.node, take.name) == nullptr) put(Sign::add, step);
  }

  // Of a kind that can: settings that are not those of the file before, or not those that are
  // there.
  void change_settings(const Step& step, NodeId id, const NewLink& wanted, const LinkState& there) {
    if (wanted.settings.empty()) return;
    const std::string now =
        otherwise(as_read_back(*wanted.kind, wanted.settings), kind_settings(there));
    const bool same = before_.any<CreateLink>(topology_.nodes[id].name, [&](const auto& had) {
      return had.link.name == wanted.name && had.link.settings == wanted.settings;
    });
    if (same && present_.settled && now.empty()) return;
    ChangeLink change{id, {}, wanted.name};
    change.change.ifindex = there.ifindex;
    change.change.kind = wanted.kind;
    change.change.settings = wanted.settings;
    put(Sign::change, {std::move(change), step.origin}, now);
  }

  // What is set otherwise, in words; what the kernel does not show is not known to be.
  static std::string otherwise(const Settings& wanted, const Settings& live) {
    std::string out;
    for (const auto& setting : wanted) {
      const FieldSetting* now = find_setting(live, setting.field->key);
      if (now == nullptr || same_setting(setting, *now)) continue;
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", setting.field->key,
                         format_field(*now->field, now->value));
    }
    return out;
  }

  // What change_links() looks at is left to it, where the link is there.
  void consider(const Step& step, const ChangeLink& change) {
    const LinkState* there = link(change.node, change.name);
    if (there == nullptr) return put(Sign::add, step);
    ChangeLink rest = change;
    rest.change.up.reset();
    rest.change.master.reset();
    rest.change.mtu.reset();
    rest.change.mac.reset();
    ChangeLink nothing{change.node, {}, change.name};
    nothing.change.ifindex = change.change.ifindex;
    nothing.change.kind = change.change.kind;
    nothing.change.master_kind = change.change.master_kind;
    if (rest == nothing) return;
    const bool same = had_same<ChangeLink>(change.node, [&](ChangeLink had) {
      had.node = rest.node;
      had.change.up.reset();
      had.change.master.reset();
      had.change.mtu.reset();
      had.change.mac.reset();
      return had == rest;
    });
    std::string now = otherwise(rest.change.common, common_settings(*there));
    if (rest.change.master_kind != nullptr) {
      const Settings port = port_as_read_back(*rest.change.master_kind, rest.change.port);
      now += otherwise(port, port_settings(*there));
    }
    if (rest.change.kind != nullptr) {
      const Settings late = as_read_back(*rest.change.kind, rest.change.settings);
      now += otherwise(late, kind_settings(*there));
    }
    if (!same || !now.empty()) put(Sign::change, {std::move(rest), step.origin}, now);
  }

  // What cannot be read back is there when it was asked for before, and nothing went wrong since.
  template <class T, class F>
  bool had_same(NodeId id, const F& same) const {
    return present_.settled && before_.any<T>(topology_.nodes[id].name, same);
  }

  void consider(const Step& step, const FillTable& fill) {
    if (link(fill.node, fill.link) == nullptr) return put(Sign::add, step);
    const bool same = had_same<FillTable>(fill.node, [&](const FillTable& had) {
      return had.link == fill.link && had.what == fill.what;
    });
    if (same) return;
    drop_vlans(fill);
    put(Sign::change, step);
  }

  // Those of before that are in the new ones no more.
  void drop_vlans(const FillTable& fill) {
    const auto* wanted = std::get_if<AddVlans>(&fill.what);
    if (wanted == nullptr) return;
    const auto has = [&](std::uint16_t number) {
      return std::any_of(wanted->vlans.begin(), wanted->vlans.end(), [&](const BridgeVlan& vlan) {
        return vlan.first <= number && number <= vlan.last;
      });
    };
    std::set<std::uint16_t> gone;
    before_.each<FillTable>(topology_.nodes[fill.node].name, [&](const Wish&, const auto& had) {
      const auto* vlans = std::get_if<AddVlans>(&had.what);
      if (vlans == nullptr || had.link != fill.link) return;
      for (const auto& range : vlans->vlans) {
        for (std::uint16_t number = range.first; number <= range.last; ++number) {
          if (!has(number)) gone.insert(number);
        }
      }
    });
    for (const std::uint16_t number : gone) {
      const RemoveVlan what{number, wanted->is_bridge};
      put(Sign::remove, {FillTable{fill.node, fill.ifindex, fill.link, what}, {}});
    }
  }

  void consider(const Step& step, const SetWireGuard& set) {
    if (link(set.node, set.link) == nullptr) return put(Sign::add, step);
    const auto& wanted = topology_.links[set.link_number].wireguard;
    bool same = false;
    before_.each<SetWireGuard>(
        topology_.nodes[set.node].name, [&](const Wish& wish, const SetWireGuard& had) {
          same |= had.link == set.link &&
                  same_peers(*wanted, *wish.topology->links[had.link_number].wireguard);
        });
    if (!same || !present_.settled || any_new_wireguard()) put(Sign::change, step);
  }

  // Keys that are made are not kept: with a new link all get new ones.
  bool any_new_wireguard() const {
    return std::any_of(topology_.links.begin(), topology_.links.end(), [&](const auto& one) {
      return one.wireguard && link(one.end.node, topology_.interface(one.end).name) == nullptr;
    });
  }

  void consider(const Step& step, const SetMacsec& set) {
    if (link(set.node, set.link) == nullptr) put(Sign::add, step);
  }

  static bool same_peers(const PlannedWireGuard& one, const PlannedWireGuard& other) {
    return one.private_key == other.private_key && one.private_key_file == other.private_key_file &&
           one.listen_port == other.listen_port && one.fwmark == other.fwmark &&
           std::equal(one.peers.begin(), one.peers.end(), other.peers.begin(), other.peers.end(),
                      [](const PlannedPeer& a, const PlannedPeer& b) {
                        return a.link == b.link && a.public_key == b.public_key &&
                               a.preshared_key == b.preshared_key && a.endpoint == b.endpoint &&
                               a.allowed_ips == b.allowed_ips && a.keepalive == b.keepalive;
                      });
  }

  // All that an interface has, or nothing.
  void consider(const Step& step, const ShapeLink& shape) {
    const LinkState* there = link(shape.node, shape.link);
    if (there == nullptr) return put(Sign::add, step);
    const auto [place, fresh] = shaped_.try_emplace({shape.node, shape.link}, false);
    if (fresh) {
      place->second = is_shaped_otherwise(shape.node, *interface(shape.node, shape.link), *there);
      if (place->second && live(shape.node).traffic.root(there->ifindex) != nullptr) {
        remove({shape.node, shape.link, GoneQdisc{there->ifindex}}, step.origin);
      }
    }
    if (place->second) put(Sign::change, step);
  }

  bool is_shaped_otherwise(NodeId id, const Interface& wanted, const LinkState& there) const {
    RecordedInterface recorded;
    record_shaping(wanted.shaping, recorded);
    recorded.up = there.up;
    recorded.name = wanted.name;
    if (!find_differences(recorded, there, live(id).traffic).empty()) return true;
    const bool plain = recorded.filters == 0;
    if (plain) return false;
    std::vector<const ShapeLink*> now;
    std::size_t same = 0;
    for (const auto& one : wanted.shaping.steps) {
      same += had_same<ShapeLink>(id, [&](const ShapeLink& had) {
        return had.link == wanted.name && had.object == one.object;
      });
    }
    return same != wanted.shaping.steps.size();
  }

  void consider(const Step& step, const SetOffloads& set) {
    if (link(set.node, set.link) == nullptr) return put(Sign::add, step);
    const bool same = had_same<SetOffloads>(set.node, [&](const SetOffloads& had) {
      return had.link == set.link && had.offloads == set.offloads;
    });
    if (!same) put(Sign::change, step);
  }

  void consider(const Step& step, const AddAddress& add) {
    const LinkState* at = link(add.node, add.link);
    if (at == nullptr) return put(Sign::add, step);
    Address wanted = add.address;
    wanted.ifindex = at->ifindex;
    for (const auto& state : live(add.node).addresses) {
      if (state.ifindex != at->ifindex || !(state.prefix == wanted.prefix)) continue;
      if (same_address(wanted, state)) return;
      remove({add.node, add.link, wanted}, step.origin);
      return put(Sign::change, step, to_string(state.details));
    }
    put(Sign::add, step);
  }

  void consider(const Step& step, const AwaitAddress& await) {
    const bool added = std::any_of(out_.list.begin(), out_.list.end(), [&](const Change& change) {
      const auto* add = std::get_if<AddAddress>(&change.step.operation);
      return add != nullptr && add->node == await.node && add->link == await.link;
    });
    if (added) put(Sign::add, step);
  }

  void consider(const Step& step, const AddRoute& add) {
    for (const auto& state : live(add.node).routes) {
      if (!same_place(add.route, state.route)) continue;
      if (same_route(add.route, state.route)) return;
      if (state.protocol == kKernelProtocol) continue;
      AddRoute replacing = add;
      replacing.replace = true;
      const Operation was = AddRoute{add.node, state.route};
      return put(Sign::change, {std::move(replacing), step.origin},
                 layer3_words(topology_, was).value_or(""));
    }
    // Of one with several ways some may still be there, dead.
    AddRoute adding = add;
    adding.replace = !is_new(add.node) && add.route.hops.size() > 1;
    put(Sign::add, {std::move(adding), step.origin});
  }

  void consider(const Step& step, const AddMplsRoute& add) {
    for (const auto& route : live(add.node).mpls_routes) {
      if (route.label != add.route.label) continue;
      if (route == add.route) return;
      remove({add.node, "", route}, step.origin);
    }
    put(Sign::add, step);
  }

  void consider(const Step& step, const AddNextHop& add) {
    for (const auto& state : live(add.node).nexthops) {
      if (state.nexthop.id != add.nexthop.id) continue;
      if (same_nexthop(add.nexthop, state.nexthop)) return;
      AddNextHop replacing = add;
      replacing.replace = true;
      return put(Sign::change, {std::move(replacing), step.origin});
    }
    put(Sign::add, step);
  }

  void consider(const Step& step, const AddRule& add) {
    const auto& rules = live(add.node).rules;
    const bool there = std::any_of(rules.begin(), rules.end(), [&](const RuleState& state) {
      return same_rule(add.rule, state.rule);
    });
    if (!there) put(Sign::add, step);
  }

  void consider(const Step& step, const AddNeighbor& add) {
    const auto& neighbors = live(add.node).neighbors;
    const bool there = std::any_of(neighbors.begin(), neighbors.end(), [&](const auto& live) {
      return same_neighbor(add.neighbor, live);
    });
    if (!there) put(Sign::add, step);
  }

  void consider(const Step& step, const LoadRuleset& load) {
    const Node& node = topology_.nodes[load.node];
    if (is_new(load.node)) return put(Sign::add, step);
    const Node* had = before_.node(node.name);
    const bool before = had != nullptr && had->ruleset;
    if (before && present_.settled && had->ruleset->text() == node.ruleset->text()) return;
    put(before ? Sign::change : Sign::add, {LoadRuleset{load.node, before}, step.origin});
  }

  void consider(const Step& step, const WriteEtc&) {
    const auto same = [&](const Topology& had) {
      if (had.etc != topology_.etc || had.nodes.size() != topology_.nodes.size()) return false;
      return std::equal(had.nodes.begin(), had.nodes.end(), topology_.nodes.begin(),
                        [](const Node& a, const Node& b) {
                          return a.name == b.name && a.etc == b.etc &&
                                 a.sees_lab_hosts == b.sees_lab_hosts;
                        });
    };
    const bool done = present_.settled && same(*present_.before.back().topology);
    if (!done) put(present_.before.empty() ? Sign::add : Sign::change, step);
  }

  const Node* first_of(const std::string& name) const {
    if (present_.before.empty()) return nullptr;
    for (const auto& node : present_.before.front().topology->nodes) {
      if (node.name == name) return &node;
    }
    return nullptr;
  }

  // Once for a namespace.
  void consider(const Step& step, const RunCommand& run) {
    const Node* had = first_of(topology_.nodes[run.node].name);
    const bool ran = !is_new(run.node) && present_.commands_ran && had != nullptr &&
                     std::any_of(had->exec.begin(), had->exec.end(),
                                 [&](const spec::Exec& exec) { return exec.argv == run.argv; });
    if (!ran) put(Sign::add, step);
  }

  void consider(const Step& step, const StartWorkload& start) {
    const PlacedService& wanted = present_.wanted_services.at(start.service);
    for (const auto& service : present_.services) {
      if (!(service.placed == wanted) || is_new(start.node)) continue;
      const bool idle = service.state && (service.state->phase == ServicePhase::stopped ||
                                          service.state->phase == ServicePhase::failed);
      if (!idle) return;
    }
    put(Sign::add, step);
  }

  void consider(const Step&, const Remove&) {}
  void consider(const Step&, const DeleteNamespace&) {}
  void consider(const Step&, const GiveBackLink&) {}
  void consider(const Step&, const DropHostTable&) {}
  void consider(const Step&, const EndWorkload&) {}

  // --- links that are there ---

  void change_links(std::size_t at) {
    std::vector<Change> changes;
    for (NodeId id = 0; id < topology_.nodes.size(); ++id) {
      const Node& node = topology_.nodes[id];
      for (const auto& wanted : node.interfaces) {
        const LinkState* there = model_.link(node, wanted);
        if (there == nullptr) continue;
        change_link(id, wanted, *there, changes);
        drop_shape(id, wanted, *there, changes);
      }
    }
    out_.list.insert(out_.list.begin() + static_cast<std::ptrdiff_t>(at), changes.begin(),
                     changes.end());
  }

  // Where the file does not say; 0: the kernel's to choose. A bridge follows its ports as long as
  // nobody says otherwise.
  std::uint32_t usual_mtu(NodeId id, const Interface& wanted) const {
    constexpr std::uint32_t kEthernet = 1500;
    if (wanted.kind == "veth") return kEthernet;
    const Node* had = before_.node(topology_.nodes[id].name);
    if (had == nullptr || wanted.kind != "bridge") return 0;
    const bool said =
        std::any_of(had->interfaces.begin(), had->interfaces.end(),
                    [&](const auto& i) { return i.name == wanted.name && i.mtu != 0; });
    return said ? kEthernet : 0;
  }

  void change_link(NodeId id, const Interface& wanted, const LinkState& there,
                   std::vector<Change>& out) const {
    ChangeLink change{id, {}, wanted.name};
    LinkChange& what = change.change;
    what.ifindex = there.ifindex;
    std::string was;
    const auto note = [&](const std::string& words) { was += (was.empty() ? "" : ", ") + words; };
    const bool made = wanted.kind != "loopback";
    if (there.name != wanted.name) {
      what.name = wanted.name;
      note(there.name);
    }
    if (id != kHost && there.master != wanted.master) {
      what.master = wanted.master;
      const LinkState* master = live(id).find(there.master);
      note(master != nullptr ? "on " + master->name : "on nothing");
    }
    const std::uint32_t mtu = wanted.mtu != 0 ? wanted.mtu : usual_mtu(id, wanted);
    if (made && mtu != 0 && there.mtu != mtu) {
      what.mtu = mtu;
      note("mtu " + std::to_string(there.mtu));
    }
    if (made && wanted.mac && there.mac && *there.mac != *wanted.mac) {
      what.mac = wanted.mac;
      note(there.mac->to_string());
    }
    if (there.up != wanted.details.up) {
      what.up = wanted.details.up;
      note(there.up ? "up" : "down");
    }
    if (was.empty()) return;
    // A bond takes no port that is up, and the kernel renames none; it is set up again by itself.
    if (what.master || what.name) what.up = wanted.details.up;
    out.push_back({Sign::change, {std::move(change), wanted.at}, std::move(was)});
  }

  // What the file does not say a link has: made by a file before, by `link set`, or by hand.
  void drop_shape(NodeId id, const Interface& wanted, const LinkState& there,
                  std::vector<Change>& out) const {
    if (!wanted.shaping.steps.empty()) return;
    const QdiscState* root = live(id).traffic.root(there.ifindex);
    if (root == nullptr) return;
    out.push_back(
        {Sign::remove, {Remove{id, wanted.name, GoneQdisc{there.ifindex}}, wanted.at}, root->name});
  }

  static constexpr std::uint8_t kKernelProtocol = 2;  // RTPROT_KERNEL

  const Topology& topology_;
  const Plan& plan_;
  const Present& present_;
  LiveModel model_;
  Before before_;
  Changes out_;
  std::vector<std::vector<const Step*>> steps_;  // by node
  std::map<std::pair<NodeId, std::string>, const Step*> last_;
  std::map<std::pair<NodeId, std::string>, bool> shaped_;
};

}  // namespace

Plan Changes::plan(const std::string& lab) const {
  Plan out;
  out.lab = lab;
  out.again = true;
  for (const auto& change : list) out.steps.push_back(change.step);
  return out;
}

Changes find_changes(const Wish& next, const Present& present) {
  return Comparison(next, present).run();
}

std::string render_changes(const Topology& topology, const Changes& changes) {
  static constexpr char kSigns[] = {'+', '~', '-'};
  std::string out;
  for (const auto& change : changes.list) {
    out += kSigns[static_cast<std::size_t>(change.sign)];
    out += " " + describe(topology, change.step.operation);
    if (!change.was.empty()) out += " (was: " + change.was + ")";
    out += "\n";
  }
  return out;
}

}  // namespace netyard
