// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <linux/rtnetlink.h>

#include <map>
#include <set>

#include "engine/compared.h"
#include "engine/recorded_traffic.h"
#include "engine/same_keys.h"
#include "engine/same_state.h"
#include "netlink/link_data.h"

namespace netyard {
namespace {

using Sign = Change::Sign;

// Adds what is set otherwise, in words; what the kernel does not show is not known to be.
void note_otherwise(const Settings& wanted, const Settings& live, std::string& out) {
  for (const auto& setting : wanted) {
    const FieldSetting* now = find_setting(live, setting.field->key);
    if (now == nullptr || same_setting(setting, *now)) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", setting.field->key,
                       format_field(*now->field, now->value));
  }
}

// What find_link_changes() does not look at.
ChangeLink without_state(ChangeLink change) {
  change.change.up.reset();
  change.change.master.reset();
  change.change.mtu.reset();
  change.change.mac.reset();
  return change;
}

bool makes_link(const Operation& operation) {
  return std::holds_alternative<CreateNamespace>(operation) ||
         std::holds_alternative<CreateLink>(operation) ||
         std::holds_alternative<TakeLink>(operation) ||
         std::holds_alternative<CreateDevice>(operation);
}

class Additions {
 public:
  explicit Additions(const Compared& what) : what_(what) {
    for (const Step& step : what.plan.steps) {
      const auto* write = std::get_if<WriteSysctl>(&step.operation);
      if (write != nullptr) last_[{write->node, write->path}] = &step;
    }
  }

  std::vector<Change> find(std::size_t& links_end) {
    links_end = 0;
    for (const Step& step : what_.plan.steps) {
      std::visit([&](const auto& operation) { consider(step, operation); }, step.operation);
      if (makes_link(step.operation)) links_end = out_.size();
    }
    return std::move(out_);
  }

 private:
  void put(Sign sign, Step step, std::string was = {}) {
    out_.push_back({sign, std::move(step), std::move(was)});
  }
  void remove(Remove what, const Location& origin) { put(Sign::remove, {std::move(what), origin}); }

  void consider(const Step& step, const CreateNamespace& create) {
    if (what_.is_new(create.node)) put(Sign::add, step);
  }

  void consider(const Step& step, const WriteSysctl& write) {
    // Those of links come with them.
    const auto now = what_.live(write.node).sysctls.find(write.path);
    if (what_.is_new(write.node) || now == what_.live(write.node).sysctls.end())
      return put(Sign::add, step);
    const auto last = last_.find({write.node, write.path});
    if (last->second != &step) return;
    if (made_anew(write.node, write.path)) return put(Sign::add, step);
    if (!same_sysctl(write.value, now->second)) put(Sign::change, step, now->second);
  }

  // Whether a sysctl is one of a link that is to be made.
  bool made_anew(NodeId id, const std::string& path) const {
    for (const auto& candidate : what_.topology.nodes[id].interfaces) {
      if (path.find("/" + candidate.name + "/") == std::string::npos) continue;
      if (what_.model.link(what_.topology.nodes[id], candidate) == nullptr) return true;
    }
    return false;
  }

  void consider(const Step& step, const CreateLink& create) {
    const LinkState* there = what_.link(create.node, create.link.name);
    if (there == nullptr) return put(Sign::add, step);
    change_settings(step, create.node, create.link, *there);
  }
  void consider(const Step& step, const CreateDevice& create) {
    if (what_.link(create.node, create.link.name) == nullptr) put(Sign::add, step);
  }
  void consider(const Step& step, const TakeLink& take) {
    if (what_.link(take.node, take.name) == nullptr) put(Sign::add, step);
  }

  // Of a kind that can: settings that are not those of the file before, or not those that are
  // there.
  void change_settings(const Step& step, NodeId id, const NewLink& wanted, const LinkState& there) {
    if (wanted.settings.empty()) return;
    std::string now;
    note_otherwise(as_read_back(*wanted.kind, wanted.settings), kind_settings(there), now);
    const bool same = what_.before.any<CreateLink>(what_.name(id), [&](const auto& had) {
      return had.link.name == wanted.name && had.link.settings == wanted.settings;
    });
    if (same && what_.present.settled && now.empty()) return;
    ChangeLink change{id, {}, wanted.name};
    change.change.ifindex = there.ifindex;
    change.change.kind = wanted.kind;
    change.change.settings = wanted.settings;
    put(Sign::change, {std::move(change), step.origin}, now);
  }

  // What find_link_changes() looks at is left to it, where the link is there.
  void consider(const Step& step, const ChangeLink& change) {
    const LinkState* there = what_.link(change.node, change.name);
    if (there == nullptr) return put(Sign::add, step);
    ChangeLink rest = without_state(change);
    ChangeLink nothing{change.node, {}, change.name};
    nothing.change.ifindex = change.change.ifindex;
    nothing.change.kind = change.change.kind;
    nothing.change.master_kind = change.change.master_kind;
    if (rest == nothing) return;
    const bool same = had_same<ChangeLink>(change.node, [&](const ChangeLink& had) {
      ChangeLink before = without_state(had);
      before.node = rest.node;
      return before == rest;
    });
    std::string now;
    note_otherwise(rest.change.common, common_settings(*there), now);
    if (rest.change.master_kind != nullptr) {
      const Settings port = port_as_read_back(*rest.change.master_kind, rest.change.port);
      note_otherwise(port, port_settings(*there), now);
    }
    if (rest.change.kind != nullptr) {
      const Settings late = as_read_back(*rest.change.kind, rest.change.settings);
      note_otherwise(late, kind_settings(*there), now);
    }
    if (!same || !now.empty()) put(Sign::change, {std::move(rest), step.origin}, now);
  }

  // What cannot be read back is there when it was asked for before, and nothing went wrong since.
  template <class T, class F>
  bool had_same(NodeId id, const F& same) const {
    return what_.present.settled && what_.before.any<T>(what_.name(id), same);
  }

  void consider(const Step& step, const FillTable& fill) {
    const LinkState* there = what_.link(fill.node, fill.link);
    if (there == nullptr) return put(Sign::add, step);
    const bool same = had_same<FillTable>(fill.node, [&](const FillTable& had) {
      return had.link == fill.link && had.what == fill.what;
    });
    // Entries that age are not missed.
    const auto* entry = std::get_if<FdbEntry>(&fill.what);
    const bool ages = entry != nullptr && entry->life == FdbEntry::Life::dynamic;
    const bool there_already = ages || is_filled(fill, *there, what_.live(fill.node).tables);
    const bool is_vlans = std::holds_alternative<AddVlans>(fill.what);
    if (there_already && (same || !is_vlans)) return;
    drop_vlans(fill);
    put(is_vlans && !same ? Sign::change : Sign::add, {missing_of(fill, *there), step.origin});
  }

  // The kernel takes no name twice.
  static FillTable missing_of(FillTable fill, const LinkState& there) {
    if (auto* names = std::get_if<AlternativeNames>(&fill.what)) {
      const auto live = alternative_names(there);
      std::erase_if(names->names, [&](const auto& name) {
        return std::find(live.begin(), live.end(), name) != live.end();
      });
    }
    return fill;
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
    what_.before.each<FillTable>(what_.name(fill.node), [&](const Wish&, const auto& had) {
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
    if (what_.link(set.node, set.link) == nullptr) return put(Sign::add, step);
    bool same = false;
    what_.before.each<SetWireGuard>(
        what_.name(set.node), [&](const Wish& wish, const SetWireGuard& had) {
          same |= had.link == set.link &&
                  same_wireguard(what_.topology, set.link_number, *wish.topology, had.link_number);
        });
    const std::string now = wireguard_differences(what_, set.link_number);
    if (!same || !what_.present.settled || !now.empty()) put(Sign::change, step, now);
  }

  void consider(const Step& step, const SetMacsec& set) {
    if (what_.link(set.node, set.link) == nullptr) put(Sign::add, step);
  }

  // All that an interface has, or nothing.
  void consider(const Step& step, const ShapeLink& shape) {
    const LinkState* there = what_.link(shape.node, shape.link);
    if (there == nullptr) return put(Sign::add, step);
    const auto [place, fresh] = shaped_.try_emplace({shape.node, shape.link}, false);
    if (fresh) {
      place->second =
          is_shaped_otherwise(shape.node, *what_.interface(shape.node, shape.link), *there);
      if (place->second && what_.live(shape.node).traffic.root(there->ifindex) != nullptr) {
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
    if (!find_differences(recorded, there, what_.live(id).traffic).empty()) return true;
    if (recorded.filters == 0) return false;
    return !std::all_of(
        wanted.shaping.steps.begin(), wanted.shaping.steps.end(), [&](const auto& one) {
          const auto* filter = std::get_if<TrafficFilter>(&one.object);
          const bool had = had_same<ShapeLink>(id, [&](const ShapeLink& step) {
            return step.link == wanted.name && step.object == one.object;
          });
          return had &&
                 (filter == nullptr || has_filter(*filter, there.ifindex, what_.live(id).tables));
        });
  }

  void consider(const Step& step, const SetOffloads& set) {
    if (what_.link(set.node, set.link) == nullptr) return put(Sign::add, step);
    const bool same = had_same<SetOffloads>(set.node, [&](const SetOffloads& had) {
      return had.link == set.link && had.offloads == set.offloads;
    });
    if (!same) put(Sign::change, step);
  }

  void consider(const Step& step, const AddAddress& add) {
    const LinkState* at = what_.link(add.node, add.link);
    if (at == nullptr) return put(Sign::add, step);
    Address wanted = add.address;
    wanted.ifindex = at->ifindex;
    for (const auto& state : what_.live(add.node).addresses) {
      if (state.ifindex != at->ifindex || !(state.prefix == wanted.prefix)) continue;
      if (same_address(wanted, state)) return;
      remove({add.node, add.link, wanted}, step.origin);
      return put(Sign::change, step, to_string(state.details));
    }
    put(Sign::add, step);
  }

  void consider(const Step& step, const AwaitAddress& await) {
    const bool added = std::any_of(out_.begin(), out_.end(), [&](const Change& change) {
      const auto* add = std::get_if<AddAddress>(&change.step.operation);
      return add != nullptr && add->node == await.node && add->link == await.link;
    });
    if (added) put(Sign::add, step);
  }

  void consider(const Step& step, const AddRoute& add) {
    for (const auto& state : what_.live(add.node).routes) {
      if (!same_place(add.route, state.route)) continue;
      if (same_route(add.route, state.route)) return;
      if (state.protocol == RTPROT_KERNEL) continue;
      AddRoute replacing = add;
      replacing.replace = true;
      const Operation was = AddRoute{add.node, state.route};
      return put(Sign::change, {std::move(replacing), step.origin},
                 layer3_words(what_.topology, was).value_or(""));
    }
    // Of one with several ways some may still be there, dead.
    AddRoute adding = add;
    adding.replace = !what_.is_new(add.node) && add.route.hops.size() > 1;
    put(Sign::add, {std::move(adding), step.origin});
  }

  void consider(const Step& step, const AddMplsRoute& add) {
    for (const auto& route : what_.live(add.node).mpls_routes) {
      if (route.label != add.route.label) continue;
      if (route == add.route) return;
      remove({add.node, "", route}, step.origin);
    }
    put(Sign::add, step);
  }

  void consider(const Step& step, const AddNextHop& add) {
    for (const auto& state : what_.live(add.node).nexthops) {
      if (state.nexthop.id != add.nexthop.id) continue;
      if (same_nexthop(add.nexthop, state.nexthop)) return;
      AddNextHop replacing = add;
      replacing.replace = true;
      return put(Sign::change, {std::move(replacing), step.origin});
    }
    put(Sign::add, step);
  }

  void consider(const Step& step, const AddRule& add) {
    const auto& rules = what_.live(add.node).rules;
    const bool there = std::any_of(rules.begin(), rules.end(), [&](const RuleState& state) {
      return same_rule(add.rule, state.rule);
    });
    if (!there) put(Sign::add, step);
  }

  void consider(const Step& step, const AddNeighbor& add) {
    const auto& neighbors = what_.live(add.node).neighbors;
    const bool there = std::any_of(neighbors.begin(), neighbors.end(), [&](const auto& live) {
      return same_neighbor(add.neighbor, live);
    });
    if (!there) put(Sign::add, step);
  }

  void consider(const Step& step, const LoadRuleset& load) {
    const Node& node = what_.topology.nodes[load.node];
    if (what_.is_new(load.node)) return put(Sign::add, step);
    const Node* had = what_.before.node(node.name);
    const bool before = had != nullptr && had->ruleset;
    const LiveRuleset& live = what_.ruleset(load.node);
    const bool same = before && what_.present.settled && live.otherwise.empty() &&
                      had->ruleset->text() == node.ruleset->text();
    if (same) return;
    put(before ? Sign::change : Sign::add, {LoadRuleset{load.node, live.ours}, step.origin},
        live.otherwise);
  }

  void consider(const Step& step, const WriteEtc&) {
    const auto same = [&](const Topology& had) {
      if (had.etc != what_.topology.etc || had.nodes.size() != what_.topology.nodes.size())
        return false;
      return std::equal(had.nodes.begin(), had.nodes.end(), what_.topology.nodes.begin(),
                        [](const Node& a, const Node& b) {
                          return a.name == b.name && a.etc == b.etc &&
                                 a.sees_lab_hosts == b.sees_lab_hosts;
                        });
    };
    const bool done = what_.present.settled && same(*what_.present.before.back().topology);
    if (!done) put(what_.present.before.empty() ? Sign::add : Sign::change, step);
  }

  // Once for a namespace.
  void consider(const Step& step, const RunCommand& run) {
    const Node* had = what_.before.node_at_first(what_.name(run.node));
    const bool ran = !what_.is_new(run.node) && what_.present.commands_ran && had != nullptr &&
                     std::any_of(had->exec.begin(), had->exec.end(),
                                 [&](const spec::Exec& exec) { return exec.argv == run.argv; });
    if (!ran) put(Sign::add, step);
  }

  void consider(const Step& step, const StartWorkload& start) {
    const PlacedService& wanted = what_.present.wanted_services.at(start.service);
    for (const auto& service : what_.present.services) {
      if (!(service.placed == wanted) || what_.is_new(start.node)) continue;
      if (!service.state || !is_idle(*service.state)) return;
    }
    put(Sign::add, step);
  }

  void consider(const Step&, const Remove&) {}
  void consider(const Step&, const DeleteNamespace&) {}
  void consider(const Step&, const GiveBackLink&) {}
  void consider(const Step&, const DropHostTable&) {}
  void consider(const Step&, const EndWorkload&) {}

  const Compared& what_;
  std::map<std::pair<NodeId, std::string>, const Step*> last_;  // of each sysctl
  std::map<std::pair<NodeId, std::string>, bool> shaped_;       // otherwise than the file says
  std::vector<Change> out_;
};

}  // namespace

std::vector<Change> find_additions(const Compared& compared, std::size_t& links_end) {
  return Additions(compared).find(links_end);
}

}  // namespace netyard
