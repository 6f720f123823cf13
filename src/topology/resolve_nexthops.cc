// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "topology/resolve_hops.h"

namespace netyard {
namespace {

class NextHopResolver {
 public:
  NextHopResolver(const spec::Node& from, Node& node, HopResolver& hops, Diagnostics& diagnostics)
      : from_(from), node_(node), hops_(hops), diagnostics_(diagnostics) {}

  void add(const spec::NextHop& nexthop) {
    const std::size_t mistakes = diagnostics_.errors();
    NextHopObject out;
    out.id = nexthop.id.value;
    out.blackhole = nexthop.blackhole;
    if (!check_shape(nexthop)) return;
    if (nexthop.group_at) {
      add_group(nexthop, out);
    } else {
      add_single(nexthop, out);
    }
    if (diagnostics_.errors() == mistakes) node_.nexthops.push_back({std::move(out), nexthop.at});
  }

 private:
  static bool has_way(const spec::NextHop& nexthop) {
    const spec::Hop& hop = nexthop.hop;
    return hop.via || hop.dev || hop.onlink || has_encap(hop.encap);
  }

  bool check_shape(const spec::NextHop& nexthop) {
    const int said =
        (has_way(nexthop) ? 1 : 0) + (nexthop.blackhole ? 1 : 0) + (nexthop.group_at ? 1 : 0);
    if (said != 1) {
      diagnostics_.error(nexthop.at,
                         fmt::format("a nexthop is one of 'via' and 'dev', 'blackhole', and "
                                     "'group'; {} has {}",
                                     nexthop.id.value, said == 0 ? "none" : "several"));
    }
    if (nexthop.resilience && !nexthop.group_at) {
      diagnostics_.error(nexthop.resilience->at, "'resilient' is for groups");
      return false;
    }
    return said == 1;
  }

  void add_single(const spec::NextHop& nexthop, NextHopObject& out) {
    if (nexthop.family) out.family = nexthop.family->value;
    const auto& via = nexthop.hop.via;
    if (via && nexthop.family && nexthop.family->value != via->value.family) {
      diagnostics_.error(nexthop.family->at,
                         fmt::format("the gateway {} is {}", via->value.to_string(),
                                     to_string(via->value.family)));
    }
    if (via) out.family = via->value.family;
    if (nexthop.blackhole) return;
    if (auto hop = hops_.resolve(node_, nexthop.hop, out.family)) out.hop = std::move(*hop);
  }

  const spec::NextHop* find(std::uint32_t id) const {
    const auto found =
        std::find_if(from_.nexthops.begin(), from_.nexthops.end(),
                     [&](const spec::NextHop& nexthop) { return nexthop.id.value == id; });
    return found == from_.nexthops.end() ? nullptr : &*found;
  }

  static Family family_of(const spec::NextHop& nexthop) {
    if (nexthop.hop.via) return nexthop.hop.via->value.family;
    return nexthop.family ? nexthop.family->value : Family::ipv4;
  }

  // What is wrong with a member; "" when nothing is.
  std::string problem(const spec::NextHop& group, std::uint32_t id) const {
    const spec::NextHop* member = find(id);
    if (id == group.id.value) return fmt::format("nexthop {} is a member of itself", id);
    if (member == nullptr) return fmt::format("{} has no nexthop {}", node_.name, id);
    if (member->group_at) return fmt::format("nexthop {} is a group, and cannot be in one", id);
    if (member->blackhole && group.group.size() > 1) {
      return fmt::format("nexthop {} is a blackhole, and cannot be in a group with others", id);
    }
    const spec::NextHop* first = find(group.group.front().id.value);
    if (first != nullptr && family_of(*member) != family_of(*first)) {
      return fmt::format("nexthop {} is {}, nexthop {} is {}", id, to_string(family_of(*member)),
                         first->id.value, to_string(family_of(*first)));
    }
    return {};
  }

  void add_group(const spec::NextHop& nexthop, NextHopObject& out) {
    for (const auto& member : nexthop.group) {
      const std::string wrong = problem(nexthop, member.id.value);
      if (!wrong.empty()) diagnostics_.error(member.id.at, wrong);
      out.group.push_back({member.id.value, member.weight});
      if (const spec::NextHop* known = find(member.id.value)) out.family = family_of(*known);
    }
    if (nexthop.family) {
      diagnostics_.error(nexthop.family->at, "the family of a group is that of its members");
    }
    if (!nexthop.resilience) return;
    out.resilience = nexthop.resilience->value;
    if (out.resilience->buckets == 0 || out.resilience->buckets >= out.group.size()) return;
    diagnostics_.error(nexthop.resilience->at,
                       fmt::format("{} buckets are too few for {} members", out.resilience->buckets,
                                   out.group.size()));
  }

  const spec::Node& from_;
  Node& node_;
  HopResolver& hops_;
  Diagnostics& diagnostics_;
};

}  // namespace

void resolve_nexthops(const spec::Node& from, Node& node, HopResolver& hops,
                      Diagnostics& diagnostics) {
  NextHopResolver resolver(from, node, hops, diagnostics);
  // Groups after their members.
  for (const bool groups : {false, true}) {
    for (const auto& nexthop : from.nexthops) {
      if (nexthop.group_at.has_value() == groups) resolver.add(nexthop);
    }
  }
}

}  // namespace netyard
