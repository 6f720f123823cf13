// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>

#include "engine/compared.h"
#include "netlink/link_data.h"
#include "netlink/qdisc.h"

namespace netyard {
namespace {

class LinkChanges {
 public:
  explicit LinkChanges(const Compared& what) : what_(what) {}

  std::vector<Change> find() {
    for (NodeId id = 0; id < what_.topology.nodes.size(); ++id) {
      const Node& node = what_.topology.nodes[id];
      const auto before = settings_before(id);
      for (const auto& wanted : node.interfaces) {
        const LinkState* there = what_.model.link(node, wanted);
        if (there == nullptr) continue;
        change(id, wanted, *there);
        const auto had = before.find(wanted.name);
        if (had != before.end()) drop_settings(id, wanted, *there, had->second);
        drop_shape(id, wanted, *there);
      }
    }
    return std::move(out_);
  }

 private:
  // Where the file does not say; 0: the kernel's to choose. A bridge follows its ports as long as
  // nobody says otherwise.
  std::uint32_t usual_mtu(NodeId id, const Interface& wanted) const {
    constexpr std::uint32_t kEthernet = 1500;
    if (wanted.kind == "veth") return kEthernet;
    const Node* had = what_.before.node(what_.name(id));
    if (had == nullptr || wanted.kind != "bridge") return 0;
    const bool said =
        std::any_of(had->interfaces.begin(), had->interfaces.end(),
                    [&](const auto& i) { return i.name == wanted.name && i.mtu != 0; });
    return said ? kEthernet : 0;
  }

  void change(NodeId id, const Interface& wanted, const LinkState& there) {
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
      const LinkState* master = what_.live(id).find(there.master);
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
    out_.push_back({Change::Sign::change, {std::move(change), wanted.at}, std::move(was)});
  }

  /// What files of before set of one link.
  struct Had {
    Settings common, settings, port;
    const LinkKind* master_kind = nullptr;  // of `port`
  };

  std::map<std::string, Had> settings_before(NodeId id) const {
    std::map<std::string, Had> out;
    what_.before.each<ChangeLink>(what_.name(id), [&](const Wish&, const ChangeLink& step) {
      const LinkChange& set = step.change;
      if (set.common.empty() && set.settings.empty() && set.port.empty()) return;
      Had& had = out[step.name];
      add(set.common, had.common);
      add(set.settings, had.settings);
      add(set.port, had.port);
      if (!set.port.empty()) had.master_kind = set.master_kind;
    });
    what_.before.each<CreateLink>(what_.name(id), [&](const Wish&, const CreateLink& step) {
      if (!step.link.settings.empty()) add(step.link.settings, out[step.link.name].settings);
    });
    return out;
  }

  // What this file does not set goes back to what it is in a new link.
  void drop_settings(NodeId id, const Interface& wanted, const LinkState& there, Had had) {
    if (had.master_kind != wanted.master_kind) had.port.clear();
    ChangeLink reset{id, {}, wanted.name};
    reset.change.ifindex = there.ifindex;
    std::string was;
    reset.change.common = dropped(had.common, wanted.details.common, common_settings(there), was);
    reset.change.port = dropped(had.port, wanted.details.port, port_settings(there), was);
    reset.change.settings =
        dropped(had.settings, settings_of(id, wanted), kind_settings(there), was);
    if (was.empty()) return;
    if (!reset.change.port.empty()) reset.change.master_kind = wanted.master_kind;
    if (!reset.change.settings.empty()) reset.change.kind = find_link_kind(there.kind);
    out_.push_back({Change::Sign::change, {std::move(reset), wanted.at}, std::move(was)});
  }

  static void add(const Settings& from, Settings& to) {
    for (const auto& setting : from) {
      if (find_setting(to, setting.field->key) == nullptr) to.push_back(setting);
    }
  }

  static Settings dropped(const Settings& had, const Settings& wanted, const Settings& live,
                          std::string& was) {
    Settings out;
    for (const auto& setting : had) {
      const FieldSetting* now = find_setting(live, setting.field->key);
      const auto usual = usual_setting(*setting.field);
      if (find_setting(wanted, setting.field->key) != nullptr || now == nullptr || !usual) continue;
      if (same_setting(*usual, *now)) continue;
      out.push_back(*usual);
      was += fmt::format("{}{} {}", was.empty() ? "" : ", ", setting.field->key,
                         format_field(*now->field, now->value));
    }
    return out;
  }

  // Of its kind, in the file.
  Settings settings_of(NodeId id, const Interface& wanted) const {
    Settings out;
    for (const auto& link : what_.topology.links) {
      for (const auto& end : {std::optional(link.end), link.peer}) {
        if (end && end->node == id && what_.topology.interface(*end).name == wanted.name) {
          add(link.settings, out);
        }
      }
    }
    return out;
  }

  // What the file does not say a link has: made by a file before, by `link set`, or by hand.
  void drop_shape(NodeId id, const Interface& wanted, const LinkState& there) {
    if (!wanted.shaping.steps.empty()) return;
    const QdiscState* root = what_.live(id).traffic.root(there.ifindex);
    if (root == nullptr) return;
    out_.push_back({Change::Sign::remove,
                    {Remove{id, wanted.name, GoneQdisc{there.ifindex}}, wanted.at},
                    root->name});
  }

  const Compared& what_;
  std::vector<Change> out_;
};

}  // namespace

std::vector<Change> find_link_changes(const Compared& compared) {
  return LinkChanges(compared).find();
}

}  // namespace netyard
