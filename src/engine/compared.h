// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/changes.h"
#include "engine/live_model.h"

namespace netyard {

/// nullptr when there is none of this name.
inline const Node* find_node(const Topology& topology, const std::string& name) {
  for (const auto& node : topology.nodes) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

/// The steps of earlier files, by node and kind of step.
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

  /// Whether a step of a kind is accepted.
  template <class T, class F>
  bool any(const std::string& node, const F& accepts) const {
    const auto found = by_node_.find(node);
    if (found == by_node_.end()) return false;
    return std::any_of(found->second.begin(), found->second.end(), [&](const auto& one) {
      const auto* operation = std::get_if<T>(&one.second->operation);
      return operation != nullptr && accepts(*operation);
    });
  }

  /// Visits each step of a kind, with the file it is of.
  template <class T, class F>
  void each(const std::string& node, const F& visit) const {
    const auto found = by_node_.find(node);
    if (found == by_node_.end()) return;
    for (const auto& [wish, step] : found->second) {
      const auto* operation = std::get_if<T>(&step->operation);
      if (operation != nullptr) visit(*wish, *operation);
    }
  }

  /// As the first that had it had it; nullptr when none did.
  const Node* node(const std::string& name) const {
    for (const Wish& wish : wishes_) {
      if (const Node* found = find_node(*wish.topology, name)) return found;
    }
    return nullptr;
  }
  /// As the very first had it.
  const Node* node_at_first(const std::string& name) const {
    return wishes_.empty() ? nullptr : find_node(*wishes_.front().topology, name);
  }

 private:
  const std::vector<Wish>& wishes_;
  std::unordered_map<std::string, std::vector<std::pair<const Wish*, const Step*>>> by_node_;
};

/// What find_changes() compares, and how its parts look at it.
struct Compared {
  const Topology& topology;  // of the file
  const Plan& plan;
  const Present& present;
  const LiveModel& model;
  const Before& before;

  const std::string& name(NodeId id) const { return topology.nodes[id].name; }
  const LiveNode& live(NodeId id) const { return model.node(name(id)); }
  const LiveRuleset& ruleset(NodeId id) const {
    static const LiveRuleset none;
    const auto found = present.rulesets.find(name(id));
    return found != present.rulesets.end() ? found->second : none;
  }
  bool is_new(NodeId id) const { return id != kHost && !live(id).there; }
  /// nullptr when the file has none of this name.
  const Interface* interface(NodeId id, const std::string& interface_name) const {
    for (const auto& candidate : topology.nodes[id].interfaces) {
      if (candidate.name == interface_name) return &candidate;
    }
    return nullptr;
  }
  /// The link of an interface of the file; nullptr when there is none, or it is to be made.
  const LinkState* link(NodeId id, const std::string& interface_name) const {
    const Interface* found = interface(id, interface_name);
    return found != nullptr ? model.link(topology.nodes[id], *found) : nullptr;
  }
};

/// What of earlier files the file has no more, in an order the kernel accepts.
std::vector<Change> find_removals(const Compared& compared);
/// The steps of the file that are not done, or done otherwise, in its order; `links_end`: behind
/// which of them all links are made.
std::vector<Change> find_additions(const Compared& compared, std::size_t& links_end);
/// What of a wireguard link that is there is not as the file has it, in words; peers that hands
/// added, and endpoints that moved, are. By its place in Topology::links.
std::string wireguard_differences(const Compared& compared, std::size_t link_number);
/// What of links that are there is not as in the file: name, master, MTU, MAC, state, and a qdisc
/// where the file has none.
std::vector<Change> find_link_changes(const Compared& compared);

}  // namespace netyard
