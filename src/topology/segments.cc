// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <numeric>

#include "topology/resolver.h"

namespace netyard {
namespace {

class UnionFind {
 public:
  explicit UnionFind(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), 0U);
  }
  std::uint32_t find(std::uint32_t item) {
    while (parent_[item] != item) item = parent_[item] = parent_[parent_[item]];
    return item;
  }
  void join(std::uint32_t a, std::uint32_t b) { parent_[find(b)] = find(a); }

 private:
  std::vector<std::uint32_t> parent_;
};

// Interfaces of all nodes in one row.
class Flat {
 public:
  explicit Flat(const Topology& topology) {
    std::uint32_t next = 0;
    for (const auto& node : topology.nodes) {
      starts_.push_back(next);
      next += static_cast<std::uint32_t>(node.interfaces.size());
    }
    size_ = next;
  }
  std::uint32_t at(InterfaceRef ref) const { return starts_[ref.node] + ref.index; }
  std::size_t size() const { return size_; }

 private:
  std::vector<std::uint32_t> starts_;
  std::size_t size_ = 0;
};

std::uint32_t index_of(const Node& node, std::uint32_t ifindex) {
  std::uint32_t index = 0;
  while (node.interfaces[index].ifindex != ifindex) ++index;
  return index;
}

// Overlays of one VNI are one segment, wherever their ends are.
const FieldValue* vni_of(const TopologyLink& link) {
  for (const auto& setting : link.settings) {
    if (std::string_view(setting.field->key) == "vni") return &setting.value;
  }
  return nullptr;
}

void join_ports(const Topology& topology, const Flat& flat, UnionFind& sets) {
  for (NodeId id = 0; id < topology.nodes.size(); ++id) {
    const Node& node = topology.nodes[id];
    std::unordered_map<std::uint32_t, std::uint32_t> bridges;
    for (std::uint32_t i = 0; i < node.interfaces.size(); ++i) {
      const std::uint32_t master = node.interfaces[i].master;
      const LinkKind* kind = node.interfaces[i].master_kind;
      if (kind == nullptr || std::string_view(kind->name) == "vrf") continue;
      const auto [known, fresh] = bridges.emplace(master, 0);
      if (fresh) known->second = index_of(node, master);
      sets.join(flat.at({id, known->second}), flat.at({id, i}));
    }
  }
}

// Kinds that are on the segment of the link they stand on.
bool is_beside_parent(const TopologyLink& link) {
  static constexpr std::string_view kKinds[] = {"macvlan", "macvtap", "ipvlan", "ipvtap"};
  return link.kind != nullptr &&
         std::find(std::begin(kKinds), std::end(kKinds), link.kind->name) != std::end(kKinds);
}

// VLANs of one number on one segment are one segment. Parents may be VLANs themselves: each round
// settles one more tag.
void join_vlans(const Topology& topology, const Flat& flat, UnionFind& sets) {
  for (int tags = 0; tags < 2; ++tags) {
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> first;
    for (const auto& link : topology.links) {
      const bool vlan = link.kind != nullptr && std::string_view(link.kind->name) == "vlan";
      const FieldValue* id = vlan ? find_value(link.settings, "id") : nullptr;
      if (id == nullptr || link.parent == 0) continue;
      const auto parent =
          flat.at({link.parent_node, index_of(topology.nodes[link.parent_node], link.parent)});
      const auto [known, fresh] = first.emplace(
          std::pair{sets.find(parent), std::get<std::uint64_t>(*id)}, flat.at(link.end));
      if (!fresh) sets.join(known->second, flat.at(link.end));
    }
  }
}

void join_links(const Topology& topology, const Flat& flat, UnionFind& sets) {
  std::unordered_map<std::uint64_t, InterfaceRef> overlays;
  for (const auto& link : topology.links) {
    if (link.peer) sets.join(flat.at(link.end), flat.at(*link.peer));
    if (is_beside_parent(link) && link.parent != 0) {
      const Node& node = topology.nodes[link.parent_node];
      sets.join(flat.at({link.parent_node, index_of(node, link.parent)}), flat.at(link.end));
    }
    for (const auto& peer : link.wireguard ? link.wireguard->peers : std::vector<PlannedPeer>()) {
      if (peer.link) sets.join(flat.at(link.end), flat.at(*peer.link));
    }
    for (const auto& peer : link.macsec ? link.macsec->peers : std::vector<PlannedMacsecPeer>()) {
      if (peer.link) sets.join(flat.at(link.end), flat.at(*peer.link));
    }
    if (const FieldValue* vni = vni_of(link)) {
      const auto [first, fresh] = overlays.emplace(std::get<std::uint64_t>(*vni), link.end);
      if (!fresh) sets.join(flat.at(first->second), flat.at(link.end));
    }
  }
}

// Behind them are programs, or what they stand for.
constexpr std::string_view kOfPrograms[] = {"dummy", "tap", "tun"};

bool leads_outside(const TopologyLink& link) {
  const bool host_end = link.end.node == kHost || (link.peer && link.peer->node == kHost);
  const bool overlay = link.kind != nullptr && link.kind->ordering == LinkClass::stacked;
  if (link.kind == nullptr || host_end || overlay || !link.host_parent.empty()) return true;
  return std::find(std::begin(kOfPrograms), std::end(kOfPrograms), link.kind->name) !=
         std::end(kOfPrograms);
}

}  // namespace

std::vector<bool> number_segments(Topology& topology) {
  const Flat flat(topology);
  UnionFind sets(flat.size());
  join_ports(topology, flat, sets);
  join_links(topology, flat, sets);
  join_vlans(topology, flat, sets);
  std::unordered_map<std::uint32_t, std::uint32_t> numbers;
  for (NodeId id = 0; id < topology.nodes.size(); ++id) {
    auto& interfaces = topology.nodes[id].interfaces;
    for (std::uint32_t i = 0; i < interfaces.size(); ++i) {
      if (interfaces[i].kind == "loopback") continue;
      const auto next = static_cast<std::uint32_t>(numbers.size() + 1);
      interfaces[i].segment = numbers.emplace(sets.find(flat.at({id, i})), next).first->second;
    }
  }
  std::vector<bool> open(numbers.size() + 1, false);
  for (const auto& link : topology.links) {
    if (leads_outside(link)) open[topology.interface(link.end).segment] = true;
  }
  return open;
}

}  // namespace netyard
