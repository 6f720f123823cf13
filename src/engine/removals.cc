// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/sysctl_path.h"
#include "engine/compared.h"
#include "engine/same_state.h"
#include "netlink/link_data.h"

namespace netyard {
namespace {

class Removals {
 public:
  explicit Removals(const Compared& what) : what_(what), steps_(what.topology.nodes.size()) {
    for (const Step& step : what.plan.steps) steps_[node_of(step.operation)].push_back(&step);
  }

  std::vector<Change> find() {
    remove_workloads();
    for (NodeId id = 0; id < what_.topology.nodes.size(); ++id) remove_from(id);
    for (const auto& gone : what_.model.gone()) remove(gone);
    for (const auto& link : what_.model.given_back()) put(link);
    remove_nodes();
    remove_etc();
    return std::move(out_);
  }

 private:
  void put(Operation operation) {
    out_.push_back({Change::Sign::remove, {std::move(operation), {}}, {}});
  }
  void remove(Remove what) { put(std::move(what)); }

  void remove_workloads() {
    for (const auto& service : what_.present.services) {
      const auto& wanted = what_.present.wanted_services;
      const bool same = std::find(wanted.begin(), wanted.end(), service.placed) != wanted.end();
      const Node* node = find_node(what_.topology, service.placed.service.node);
      const bool stays = same && node != nullptr && what_.model.node(node->name).there;
      if (!stays) put(EndWorkload{kHost, service.placed.service.id()});
    }
  }

  void remove_nodes() {
    for (const auto& node : what_.present.record->nodes) {
      const LiveNode& live = what_.model.node(node.name);
      const bool gone = live.there && find_node(what_.topology, node.name) == nullptr;
      if (!gone && !live.stale) continue;
      put(DeleteNamespace{kHost, node.name, node.netns});
    }
  }

  void remove_etc() {
    const bool had = std::any_of(what_.present.before.begin(), what_.present.before.end(),
                                 [](const Wish& w) { return has_etc(*w.plan); });
    if (had && !has_etc(what_.plan)) put(WriteEtc{});
  }
  static bool has_etc(const Plan& plan) {
    return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
      return std::holds_alternative<WriteEtc>(step.operation);
    });
  }

  // Whether a file had such a step for the node, and this one has not.
  template <class T, class F>
  bool is_dropped(NodeId id, const F& accepts) const {
    return what_.before.any<T>(what_.name(id), accepts) && !wants<T>(id, accepts);
  }
  template <class T, class F>
  bool wants(NodeId id, const F& accepts) const {
    for (const Step* step : steps_[id]) {
      const auto* operation = std::get_if<T>(&step->operation);
      if (operation != nullptr && accepts(*operation)) return true;
    }
    return false;
  }

  void remove_from(NodeId id) {
    if (what_.is_new(id) || what_.present.before.empty()) return;
    remove_ruleset(id);
    remove_routes(id);
    remove_rules(id);
    remove_entries(id);
    remove_tables(id);
    remove_addresses(id);
    restore_sysctls(id);
  }

  void remove_ruleset(NodeId id) {
    const std::string& table = what_.present.record->host_table;
    if (id == kHost) {
      const bool gone = !table.empty() && what_.topology.host_table.empty();
      if (gone) put(DropHostTable{kHost, table});
      return;
    }
    const bool had =
        what_.before.any<LoadRuleset>(what_.name(id), [](const auto&) { return true; });
    const auto& tables = what_.ruleset(id).ours;
    if (had && !what_.topology.nodes[id].ruleset && !tables.empty()) put(LoadRuleset{id, tables});
  }

  void remove_routes(NodeId id) {
    for (const auto& state : what_.live(id).routes) {
      const auto is_this = [&](const auto& add) { return same_place(add.route, state.route); };
      if (!is_dropped<AddRoute>(id, is_this)) continue;
      // One of the same place that somebody else made since is not ours.
      const bool ours = what_.before.any<AddRoute>(
          what_.name(id), [&](const auto& add) { return same_route(add.route, state.route); });
      if (ours) remove({id, "", state.route});
    }
    for (const auto& route : what_.live(id).mpls_routes) {
      const auto is_this = [&](const auto& add) { return add.route == route; };
      if (is_dropped<AddMplsRoute>(id, is_this)) {
        remove({id, "", route});
      }
    }
  }

  void remove_rules(NodeId id) {
    for (const auto& state : what_.live(id).rules) {
      const auto is_this = [&](const auto& add) { return same_rule(add.rule, state.rule); };
      if (is_dropped<AddRule>(id, is_this)) {
        remove({id, "", state.rule});
      }
    }
  }

  void remove_entries(NodeId id) {
    for (const auto& neighbor : what_.live(id).neighbors) {
      const auto is_this = [&](const auto& add) {
        return add.neighbor.ifindex == neighbor.ifindex && add.neighbor.address == neighbor.address;
      };
      if (is_dropped<AddNeighbor>(id, is_this)) {
        remove({id, "", neighbor});
      }
    }
    const auto& nexthops = what_.live(id).nexthops;
    // Groups go before their members.
    for (auto state = nexthops.rbegin(); state != nexthops.rend(); ++state) {
      const auto is_this = [&](const auto& add) { return add.nexthop.id == state->nexthop.id; };
      if (is_dropped<AddNextHop>(id, is_this)) {
        remove({id, "", state->nexthop});
      }
    }
  }

  void remove_addresses(NodeId id) {
    std::set<std::string> seen;
    what_.before.each<AddAddress>(what_.name(id), [&](const Wish&, const AddAddress& had) {
      const LinkState* at = what_.link(id, had.link);
      if (at == nullptr) return;
      if (!seen.insert(had.link + " " + had.address.prefix.to_string()).second) return;
      const auto is_this = [&](const AddAddress& add) {
        return add.link == had.link && add.address.prefix == had.address.prefix;
      };
      if (wants<AddAddress>(id, is_this)) return;
      for (const auto& state : what_.live(id).addresses) {
        if (state.ifindex != at->ifindex || !(state.prefix == had.address.prefix)) continue;
        Address gone = had.address;
        gone.ifindex = at->ifindex;
        remove({id, had.link, gone});
        return;
      }
    });
  }

  void remove_tables(NodeId id) {
    std::vector<GoneEntry> seen;
    what_.before.each<FillTable>(what_.name(id), [&](const Wish&, const FillTable& had) {
      const LinkState* at = what_.link(id, had.link);
      if (at == nullptr) return;
      std::optional<GoneEntry> gone;
      if (const auto* names = std::get_if<AlternativeNames>(&had.what)) {
        gone = dropped_names(id, had.link, *names, *at);
      } else if (const auto* fdb = std::get_if<FdbEntry>(&had.what)) {
        gone = dropped_entry(id, had, *fdb, *at);
      } else if (const auto* mdb = std::get_if<MdbEntry>(&had.what)) {
        gone = dropped_entry(id, had, *mdb, *at);
      }
      if (!gone || std::find(seen.begin(), seen.end(), *gone) != seen.end()) return;
      seen.push_back(*gone);
      remove({id, had.link, *gone});
    });
  }

  template <class T>
  std::optional<GoneEntry> dropped_entry(NodeId id, const FillTable& had, const T& entry,
                                         const LinkState& at) const {
    const auto is_this = [&](const FillTable& fill) {
      return fill.link == had.link && fill.what == had.what;
    };
    if (wants<FillTable>(id, is_this)) return {};
    if (!is_filled(had, at, what_.live(id).tables)) return {};
    return GoneEntry{at.ifindex, entry};
  }

  std::optional<GoneEntry> dropped_names(NodeId id, const std::string& link,
                                         const AlternativeNames& had, const LinkState& at) const {
    const auto live = alternative_names(at);
    AlternativeNames gone;
    for (const auto& name : had.names) {
      const bool wanted = wants<FillTable>(id, [&](const FillTable& fill) {
        const auto* names = std::get_if<AlternativeNames>(&fill.what);
        return fill.link == link && names != nullptr &&
               std::find(names->names.begin(), names->names.end(), name) != names->names.end();
      });
      const bool there = std::find(live.begin(), live.end(), name) != live.end();
      if (!wanted && there) gone.names.push_back(name);
    }
    if (gone.names.empty()) return {};
    return GoneEntry{at.ifindex, std::move(gone)};
  }

  // To what a new namespace, or a new link in it, has, where that is known.
  void restore_sysctls(NodeId id) {
    std::set<std::string> seen;
    what_.before.each<WriteSysctl>(what_.name(id), [&](const Wish&, const WriteSysctl& had) {
      if (!seen.insert(had.path).second) return;
      if (wants<WriteSysctl>(id, [&](const auto& write) { return write.path == had.path; })) return;
      if (is_of_lost_link(id, had.path)) return;
      const auto now = what_.live(id).sysctls.find(had.path);
      const auto usual = usual_value(id, had.path);
      if (now == what_.live(id).sysctls.end() || !usual || same_sysctl(*usual, now->second)) return;
      out_.push_back({Change::Sign::change, {WriteSysctl{id, had.path, *usual}, {}}, now->second});
    });
  }

  bool is_of_lost_link(NodeId id, const std::string& path) const {
    const std::string link = link_of_sysctl(path);
    return !link.empty() && what_.link(id, link) == nullptr;
  }

  // A new link has what `default` of its namespace has, which the file may set.
  std::optional<std::string> usual_value(NodeId id, const std::string& path) const {
    std::optional<std::string> set;
    const std::string of_default = default_of_sysctl(path);
    for (const Step* step : steps_[id]) {
      const auto* write = std::get_if<WriteSysctl>(&step->operation);
      if (write != nullptr && write->path == of_default) set = write->value;
    }
    return set ? set : what_.present.usual_sysctl(of_default);
  }

  const Compared& what_;
  std::vector<std::vector<const Step*>> steps_;  // of the file, by node
  std::vector<Change> out_;
};

}  // namespace

std::vector<Change> find_removals(const Compared& compared) {
  return Removals(compared).find();
}

}  // namespace netyard
