// SPDX-License-Identifier: Apache-2.0
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
      if (master == 0) continue;
      const auto [known, fresh] = bridges.emplace(master, 0);
      if (fresh) known->second = index_of(node, master);
      sets.join(flat.at({id, known->second}), flat.at({id, i}));
    }
  }
}

void join_links(const Topology& topology, const Flat& flat, UnionFind& sets) {
  std::unordered_map<std::uint64_t, InterfaceRef> overlays;
  for (const auto& link : topology.links) {
    if (link.peer) sets.join(flat.at(link.end), flat.at(*link.peer));
    const bool macvlan = link.kind != nullptr && std::string_view(link.kind->name) == "macvlan";
    if (macvlan && link.parent != 0) {
      const Node& node = topology.nodes[link.parent_node];
      sets.join(flat.at({link.parent_node, index_of(node, link.parent)}), flat.at(link.end));
    }
    if (const FieldValue* vni = vni_of(link)) {
      const auto [first, fresh] = overlays.emplace(std::get<std::uint64_t>(*vni), link.end);
      if (!fresh) sets.join(flat.at(first->second), flat.at(link.end));
    }
  }
}

bool leads_outside(const TopologyLink& link) {
  const bool host_end = link.end.node == kHost || (link.peer && link.peer->node == kHost);
  const bool overlay = link.kind != nullptr && link.kind->ordering == LinkClass::stacked;
  return link.kind == nullptr || host_end || overlay || !link.host_parent.empty();
}

}  // namespace

std::vector<bool> number_segments(Topology& topology) {
  const Flat flat(topology);
  UnionFind sets(flat.size());
  join_ports(topology, flat, sets);
  join_links(topology, flat, sets);
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
