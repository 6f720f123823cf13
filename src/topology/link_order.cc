// SPDX-License-Identifier: Apache-2.0
#include "topology/link_order.h"

#include <algorithm>
#include <unordered_map>

namespace netyard {
namespace {

constexpr int kUnknown = -1;
constexpr int kOpen = -2;

class Orderer {
 public:
  explicit Orderer(const Topology& topology) : topology_(topology) {
    levels_.assign(topology.links.size(), kUnknown);
    for (std::size_t i = 0; i < topology.links.size(); ++i) {
      const TopologyLink& link = topology.links[i];
      note(link.end, i);
      if (link.peer) note(*link.peer, i);
    }
  }

  CreationOrder run() {
    CreationOrder out;
    for (std::size_t i = 0; i < levels_.size(); ++i) level(i);
    out.circle = circle_;
    for (std::size_t i = 0; i < levels_.size(); ++i) out.order.push_back(i);
    std::stable_sort(out.order.begin(), out.order.end(),
                     [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
    return out;
  }

 private:
  using Key = std::uint64_t;
  static Key key(NodeId node, std::uint32_t ifindex) { return Key{node} << 32 | ifindex; }

  void note(InterfaceRef ref, std::size_t link) {
    const std::uint32_t ifindex = topology_.interface(ref).ifindex;
    if (ifindex != 0) links_[key(ref.node, ifindex)] = link;
  }

  static int rank(const TopologyLink& link) {
    if (link.kind == nullptr) return 2;
    static constexpr int kRanks[] = {1, 0, 2};  // pair, standalone, stacked
    return kRanks[static_cast<std::size_t>(link.kind->ordering)];
  }

  int after(NodeId node, std::uint32_t ifindex) {
    const auto found = links_.find(key(node, ifindex));
    return ifindex == 0 || found == links_.end() ? 0 : level(found->second) + 1;
  }

  int level(std::size_t number) {
    int& known = levels_[number];
    if (known == kOpen && circle_.empty()) {
      const auto begin = std::find(open_.begin(), open_.end(), number);
      circle_.assign(begin, open_.end());
    }
    if (known != kUnknown) return std::max(known, 0);
    known = kOpen;
    open_.push_back(number);
    const TopologyLink& link = topology_.links[number];
    int out = rank(link);
    out = std::max(out, after(link.end.node, topology_.interface(link.end).master));
    out = std::max(out, after(link.parent_node, link.parent));
    if (link.peer)
      out = std::max(out, after(link.peer->node, topology_.interface(*link.peer).master));
    open_.pop_back();
    return levels_[number] = out;
  }

  std::tuple<int, int, NodeId> place(std::size_t number) const {
    const TopologyLink& link = topology_.links[number];
    const bool pair = link.kind != nullptr && link.kind->ordering == LinkClass::pair;
    const NodeId node = pair ? ends_in_order(topology_, link).first.node : 0;
    return {levels_[number], rank(link), node};
  }

  const Topology& topology_;
  std::unordered_map<Key, std::size_t> links_;
  std::vector<int> levels_;
  std::vector<std::size_t> open_;
  std::vector<std::size_t> circle_;
};

}  // namespace

CreationOrder creation_order(const Topology& topology) {
  return Orderer(topology).run();
}

std::pair<InterfaceRef, InterfaceRef> ends_in_order(const Topology& topology,
                                                    const TopologyLink& link) {
  const InterfaceRef first = link.end;
  const InterfaceRef second = *link.peer;
  const bool second_is_port = topology.interface(second).master != 0;
  const bool swap = first.node == kHost || (second.node != kHost && second_is_port &&
                                            topology.interface(first).master == 0);
  return swap ? std::pair{second, first} : std::pair{first, second};
}

}  // namespace netyard
