// SPDX-License-Identifier: Apache-2.0
#include "engine/live_model.h"

#include <algorithm>
#include <array>

#include "base/sysctl_path.h"
#include "engine/same_keys.h"

namespace netyard {
namespace {

// Kinds whose settings the kernel changes in a link that is there.
bool can_change(const LinkKind& kind) {
  static constexpr std::array kKinds = {"bridge", "bond",   "macvlan", "macvtap",  "ipvlan",
                                        "gre",    "gretap", "ip6gre",  "ipip",     "sit",
                                        "ip6tnl", "vti",    "vti6",    "ip6gretap"};
  return std::find(kKinds.begin(), kKinds.end(), std::string_view(kind.name)) != kKinds.end();
}

std::string parent_name(const Topology& topology, const TopologyLink& link) {
  if (!link.host_parent.empty() || link.parent == 0) return link.host_parent;
  return interface_name(topology, link.parent_node, link.parent);
}

// Names of other links in settings are numbers, which only mean something in their topology.
bool same_settings(const TopologyLink& one, const TopologyLink& other) {
  if (one.settings.size() != other.settings.size()) return false;
  return std::equal(one.settings.begin(), one.settings.end(), other.settings.begin(),
                    [](const FieldSetting& a, const FieldSetting& b) {
                      return a.field->late ? a.field == b.field : a == b;
                    });
}

// Or those that are not can go back to what they are in a new link: find_link_changes() does that.
bool has_all_keys(const Settings& now, const Settings& before) {
  return std::all_of(before.begin(), before.end(), [&](const FieldSetting& had) {
    return find_setting(now, had.field->key) != nullptr || usual_setting(*had.field);
  });
}

// What was set, is not asked for any more, and has no value to go back to: only a new link has the
// kernel's own.
bool asks_for_less(const Interface& now, const Interface& before) {
  const InterfaceDetails& is = now.details;
  const InterfaceDetails& was = before.details;
  const auto offload_stays = [&](const Located<OffloadSetting>& had) {
    return std::any_of(now.shaping.offloads.begin(), now.shaping.offloads.end(),
                       [&](const auto& o) { return o.value.word == had.value.word; });
  };
  const auto sysctl_stays = [&](const spec::Sysctl& had) {
    return !default_of_sysctl(had.path).empty() ||
           std::any_of(now.sysctls.begin(), now.sysctls.end(),
                       [&](const spec::Sysctl& s) { return s.path == had.path; });
  };
  const auto& offloads = before.shaping.offloads;
  return !has_all_keys(is.common, was.common) || !has_all_keys(is.port, was.port) ||
         (was.drop_vlan && !is.drop_vlan) ||
         (before.address_generation && !now.address_generation) || (before.token && !now.token) ||
         (before.shaping.gso_max_segs && !now.shaping.gso_max_segs) ||
         (before.shaping.gso_max_size && !now.shaping.gso_max_size) ||
         !std::all_of(before.sysctls.begin(), before.sysctls.end(), sysctl_stays) ||
         !std::all_of(offloads.begin(), offloads.end(), offload_stays);
}

void forget(LiveNode& node, std::uint32_t ifindex) {
  const auto through = [&](const std::vector<NextHop>& hops) {
    return std::any_of(hops.begin(), hops.end(),
                       [&](const NextHop& hop) { return hop.ifindex == ifindex; });
  };
  std::erase_if(node.links, [&](const auto& l) { return l.ifindex == ifindex; });
  std::erase_if(node.addresses, [&](const auto& a) { return a.ifindex == ifindex; });
  std::erase_if(node.routes, [&](const auto& r) { return through(r.route.hops); });
  std::erase_if(node.neighbors, [&](const auto& n) { return n.ifindex == ifindex; });
  std::erase_if(node.nexthops, [&](const auto& n) { return n.nexthop.hop.ifindex == ifindex; });
  std::erase_if(node.mpls_routes, [&](const auto& r) { return r.ifindex == ifindex; });
  node.traffic.forget(ifindex);
  for (auto& link : node.links) {
    if (link.master == ifindex) link.master = 0;
  }
}

}  // namespace

LiveModel::LiveModel(const Wish& next, const Present& present, Snapshot live)
    : next_(*next.topology), present_(present), nodes_(std::move(live)) {
  note_next();
  for (const Wish& wish : present.before) drop_links(*wish.topology);
  drop_broken_links();
  drop_macsec_together();
  find_strangers();
}

void LiveModel::note_next() {
  for (NodeId id = 0; id < next_.nodes.size(); ++id) ids_[next_.nodes[id].name] = id;
  for (const auto& link : next_.links) {
    ends_[end_name(next_, link.end)] = &link;
    if (link.peer) ends_[end_name(next_, *link.peer)] = &link;
  }
}

const LiveNode& LiveModel::node(const std::string& name) const {
  static const LiveNode none;
  const auto found = nodes_.find(name);
  return found != nodes_.end() ? found->second : none;
}

// By the number it was made with, so that one that was renamed is found; on the host by its name.
const LinkState* LiveModel::link(const Node& at, const Interface& interface) const {
  const LiveNode& live = node(at.name);
  if (interface.kind == "loopback") return live.find("lo");
  if (at.name == spec::kHostNode) {
    const auto& pairs = present_.record->host_pairs;
    const bool ours = std::any_of(pairs.begin(), pairs.end(), [&](const HostPair& pair) {
      return pair.host_name == interface.name;
    });
    return ours ? live.find(interface.name) : nullptr;
  }
  const RecordedInterface* recorded = present_.record->find(at.name, interface.name);
  return recorded != nullptr ? live.find(recorded->ifindex) : nullptr;
}

const LinkState* LiveModel::live(const Topology& topology, InterfaceRef ref) const {
  return link(topology.nodes[ref.node], topology.interface(ref));
}

// Whether the file still has a link, so that it need not be made anew.
bool LiveModel::is_kept(const Topology& before, const TopologyLink& link) const {
  const auto found = ends_.find(end_name(before, link.end));
  if (found == ends_.end()) return false;
  const TopologyLink& now = *found->second;
  if (now.kind != link.kind || now.host_link != link.host_link) return false;
  if (now.peer.has_value() != link.peer.has_value()) return false;
  if (link.peer) {
    const auto other = ends_.find(end_name(before, *link.peer));
    if (other == ends_.end() || other->second != &now) return false;
  }
  if (parent_name(before, link) != parent_name(next_, now)) return false;
  // What the kernel would choose itself is only known of these.
  const bool ethernet = link.peer || (link.kind != nullptr && link.kind->takes_ports);
  const bool unsaid = before.interface(link.end).mtu != 0 && next_.interface(now.end).mtu == 0;
  if (unsaid && !ethernet) return false;
  const bool turned = end_name(before, link.end) != end_name(next_, now.end);
  const InterfaceRef end = turned ? *now.peer : now.end;
  if (asks_for_less(next_.interface(end), before.interface(link.end))) return false;
  if (now.peer) {
    const InterfaceRef peer = turned ? now.end : *now.peer;
    if (asks_for_less(next_.interface(peer), before.interface(*link.peer))) return false;
  }
  if (link.kind == nullptr) return true;
  return can_change(*link.kind) ? has_all_keys(now.settings, link.settings)
                                : same_settings(link, now);
}

void LiveModel::drop_links(const Topology& before) {
  for (const auto& link : before.links) {
    if (is_kept(before, link)) continue;
    if (link.kind == nullptr) {
      give_back(before, link);
      continue;
    }
    for (const auto& ref : {std::optional(link.end), link.peer}) {
      const LinkState* found = ref ? live(before, *ref) : nullptr;
      if (found != nullptr) doom(before.nodes[ref->node].name, *found);
    }
  }
}

void LiveModel::give_back(const Topology& before, const TopologyLink& link) {
  const std::string& node = before.nodes[link.end.node].name;
  const LinkState* found = live(before, link.end);
  if (found == nullptr) return;
  for (const auto& taken : present_.record->taken) {
    if (taken.host_name != link.host_link) continue;
    given_back_.push_back(
        {kHost, taken.netns, taken.name, taken.host_name, taken.host_ifindex, taken.was_up});
  }
  forget(nodes_[node], found->ifindex);
}

bool LiveModel::is_broken(const TopologyLink& link, const LinkState& end) const {
  if (link.kind == nullptr) return false;
  if (end.kind != link.kind->name) return true;
  if (!link.peer) {
    const bool shown = link.kind->parent_attribute == 0 && link.parent_node == link.end.node;
    return shown && link.parent != 0 && end.parent != link.parent;
  }
  const LinkState* peer = live(next_, *link.peer);
  return peer == nullptr || end.parent != peer->ifindex;
}

// Half a pair is of no use, nor is one whose other half is another.
void LiveModel::drop_broken_links() {
  for (const auto& link : next_.links) {
    const LinkState* end = live(next_, link.end);
    const LinkState* peer = link.peer ? live(next_, *link.peer) : nullptr;
    if (end == nullptr && peer == nullptr) continue;
    if (end != nullptr && !is_broken(link, *end)) continue;
    if (end != nullptr) doom(next_.nodes[link.end.node].name, *end);
    peer = link.peer ? live(next_, *link.peer) : nullptr;
    if (peer != nullptr) doom(next_.nodes[link.peer->node].name, *peer);
  }
}

// Keys that are made are not kept: when one link needs a new one, all that speak with it do.
void LiveModel::drop_macsec_together() {
  std::map<std::string, const PlannedMacsec*> had;
  for (const Wish& wish : present_.before) {
    for (const auto& link : wish.topology->links) {
      if (link.macsec) had[end_name(*wish.topology, link.end)] = &*link.macsec;
    }
  }
  bool all = false;
  for (const auto& link : next_.links) {
    if (!link.macsec) continue;
    const auto before = had.find(end_name(next_, link.end));
    all |= live(next_, link.end) == nullptr || before == had.end() ||
           !same_associations(*link.macsec, *before->second);
  }
  for (const auto& link : next_.links) {
    const LinkState* there = all && link.macsec ? live(next_, link.end) : nullptr;
    if (there != nullptr) doom(next_.nodes[link.end.node].name, *there);
  }
}

void LiveModel::find_strangers() {
  for (const auto& node : next_.nodes) {
    if (node.name == spec::kHostNode || !this->node(node.name).there) continue;
    for (const auto& interface : node.interfaces) {
      const LinkState* there = this->node(node.name).find(interface.name);
      if (there == nullptr || there == link(node, interface)) continue;
      diagnostics_.error(interface.at,
                         node.name + " has a link called " + interface.name +
                             " that netyard did not make (" +
                             (there->kind.empty() ? "hardware" : there->kind) + ")",
                         "it is left alone: delete or rename it, or choose another name");
    }
  }
}

void LiveModel::doom(const std::string& node, const LinkState& shown) {
  const LinkState link = shown;  // it is forgotten below
  LiveNode& at = nodes_[node];
  if (at.find(link.ifindex) == nullptr) return;
  const auto id = ids_.find(node);
  if (id != ids_.end()) gone_.push_back({id->second, link.name, GoneLink{link.ifindex}});
  forget(at, link.ifindex);
  std::vector<LinkState> standing;
  for (const auto& other : at.links) {
    if (other.parent == link.ifindex && !other.parent_nsid) standing.push_back(other);
  }
  const std::size_t said = gone_.size();
  for (const auto& other : standing) doom(node, other);
  if (link.kind == "veth" || link.kind == "netkit") doom_peer(link);
  // The kernel takes them along; but one end must be named where ours is not to be reached.
  if (id != ids_.end()) gone_.resize(said);
}

void LiveModel::doom_peer(const LinkState& link) {
  for (auto& [name, node] : nodes_) {
    const LinkState* other = node.find(link.parent);
    if (other == nullptr || other->kind != link.kind || other->parent != link.ifindex) continue;
    doom(name, *other);
    return;
  }
}

}  // namespace netyard
