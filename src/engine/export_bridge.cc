// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "engine/export_view.h"
#include "netlink/link_data.h"
#include "netlink/observe_bridge.h"

namespace netyard {
namespace {

constexpr std::uint16_t kUsualVlan = 1;

OrderedJson vlan_words(const BridgeVlan& vlan) {
  const std::string range = vlan.first == vlan.last ? std::to_string(vlan.first)
                                                    : fmt::format("{}-{}", vlan.first, vlan.last);
  if (vlan.tunnel != 0) {
    OrderedJson out = {{"vid", range}, {"tunnel", vlan.tunnel}};
    if (vlan.pvid) out["pvid"] = true;
    if (vlan.untagged) out["untagged"] = true;
    return out;
  }
  if (!vlan.pvid && !vlan.untagged && vlan.first == vlan.last) return vlan.first;
  return range + (vlan.pvid ? " pvid" : "") + (vlan.untagged ? " untagged" : "");
}

/// What the bridges of a namespace, and its vxlans, keep in tables.
class TableExport {
 public:
  TableExport(NamespaceView& view, const Note& note) : view_(view), note_(note) {}

  void run() {
    const bool bridges = std::any_of(view_.links.begin(), view_.links.end(),
                                     [](const auto& link) { return link.kind == "bridge"; });
    if (bridges) {
      vlans_ = observe_bridge_vlans(view_.socket);
      for (const auto& link : view_.links) add_vlans(link);
      for (const auto& entry : observe_mdb(view_.socket)) add_group(entry);
    }
    const auto entries = observe_fdb(view_.socket);
    for (const auto& entry : entries) {
      if (!is_one_of_many(entry, entries)) add_address(entry);
    }
  }

 private:
  bool has(const LinkState* link) const {
    return link != nullptr && !view_.left_out.contains(link->name);
  }
  void tell(const LinkState& link, const std::string& what) const {
    note_(fmt::format("{}:{}: {}", view_.name, link.name, what));
  }

  // Without vlan_filtering the kernel has the VLANs, and does not look at them.
  void add_vlans(const LinkState& link) {
    const LinkState* bridge = link.kind == "bridge" ? &link : view_.find(link.master);
    if (!has(&link) || !has(bridge) || bridge->kind != "bridge") return;
    const Settings settings = kind_settings(*bridge);
    if (number_in(settings, "vlan_filtering") == 0) return;
    const auto usual =
        static_cast<std::uint16_t>(number_in(settings, "vlan_default_pvid", kUsualVlan));
    std::vector<BridgeVlan> unsaid;
    if (usual != 0) unsaid.push_back({usual, usual, true, true, 0});
    const std::vector<BridgeVlan>& now = vlans_[link.ifindex];
    if (now == unsaid) return;
    OrderedJson list = OrderedJson::array();
    for (const auto& vlan : now) list.push_back(vlan_words(vlan));
    view_.interface(link)["vlans"] = std::move(list);
  }

  void add_group(const MdbState& state) {
    const LinkState* bridge = view_.find(state.bridge);
    const LinkState* port = view_.find(state.entry.port);
    if (!state.entry.permanent || !has(bridge) || !has(port)) return;
    const std::string group =
        state.entry.group ? state.entry.group->to_string() : state.entry.mac->to_string();
    if (state.by_source || port == bridge) {
      tell(*bridge,
           fmt::format("the group {} of {} is left out: {}", group, port->name,
                       port == bridge ? "it is the bridge's own" : "it is for certain senders"));
      return;
    }
    OrderedJson out = {{"group", group}, {"port", port->name}};
    if (state.entry.vlan != 0) out["vlan"] = state.entry.vlan;
    view_.interface(*bridge)["mdb"].push_back(std::move(out));
  }

  // What the kernel keeps there without being told.
  bool is_made_by_kernel(const LinkState& link, const FdbState& state) const {
    const FdbEntry& entry = state.entry;
    if (entry.life == FdbEntry::Life::dynamic) return true;
    if (link.kind == "vxlan" && entry.self) {
      const Settings settings = kind_settings(link);
      const FieldValue* to = find_value(settings, "remote");
      if (to == nullptr) to = find_value(settings, "group");
      return entry.mac.is_zero() && entry.remote && to != nullptr &&
             *to == FieldValue(*entry.remote) && entry.port == 0 && !entry.vni;
    }
    if (entry.mac.is_multicast()) return true;
    const LinkState* master = view_.find(link.master);
    const bool own = link.mac == entry.mac || (master != nullptr && master->mac == entry.mac);
    if (own) return true;
    // A macvlan or vlan with an address of its own has it put there.
    return entry.self && std::any_of(view_.links.begin(), view_.links.end(), [&](const auto& l) {
             return l.parent == link.ifindex && l.mac == entry.mac;
           });
  }

  // One without a VLAN is put into all of the port's.
  static bool is_one_of_many(const FdbState& state, const std::vector<FdbState>& all) {
    return state.entry.vlan != 0 && std::any_of(all.begin(), all.end(), [&](const auto& other) {
             return other.entry.vlan == 0 && other.ifindex == state.ifindex &&
                    other.entry.mac == state.entry.mac && other.entry.self == state.entry.self;
           });
  }

  void add_address(const FdbState& state) {
    const LinkState* link = view_.find(state.ifindex);
    if (!has(link) || is_made_by_kernel(*link, state)) return;
    const FdbEntry& entry = state.entry;
    const auto refuse = [&](const char* why) {
      tell(*link,
           fmt::format("the forwarding entry {} is left out: {}", entry.mac.to_string(), why));
    };
    if (state.learned_elsewhere) return refuse("a program keeps it");
    if (state.by_nexthop) return refuse("it leads to a nexthop object");
    if (link->kind == "bridge") return refuse("it is the bridge's own");
    OrderedJson out = {{"mac", entry.mac.to_string()}};
    if (entry.remote) out["dst"] = entry.remote->to_string();
    if (entry.port != 0) out["port"] = entry.port;
    if (entry.vni) out["vni"] = *entry.vni;
    if (entry.source_vni) out["src_vni"] = *entry.source_vni;
    if (const LinkState* via = view_.find(entry.via)) out["via"] = via->name;
    if (entry.vlan != 0) out["vlan"] = entry.vlan;
    const bool tunnel = link->kind == "vxlan" && entry.self;
    if (entry.self && !tunnel) out["self"] = true;
    if (entry.life == FdbEntry::Life::permanent && !entry.self) out["state"] = "permanent";
    view_.interface(*link)["fdb"].push_back(std::move(out));
  }

  NamespaceView& view_;
  const Note& note_;
  std::map<std::uint32_t, std::vector<BridgeVlan>> vlans_;
};

}  // namespace

void export_bridge_tables(NamespaceView& view, const Note& note) {
  TableExport(view, note).run();
}

}  // namespace netyard
