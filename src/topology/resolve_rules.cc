// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "netlink/names.h"
#include "topology/resolve_hops.h"

namespace netyard {
namespace {

using Families = spec::Rule::Families;

constexpr std::uint32_t kFirstPriority = 10000;
constexpr std::uint32_t kKernelRules[] = {32766, 32767};  // main, default

class RuleResolver {
 public:
  RuleResolver(const spec::Node& from, Node& node, HopResolver& hops, Diagnostics& diagnostics)
      : node_(node), hops_(hops), diagnostics_(diagnostics) {
    for (const auto& rule : from.rules) {
      if (rule.priority) said_.insert(rule.priority->value);
    }
  }

  void add(const spec::Rule& rule) {
    const std::size_t mistakes = diagnostics_.errors();
    netyard::Rule out = rule.value;
    if (rule.from) out.from = rule.from->value;
    if (rule.to) out.to = rule.to->value;
    out.priority = rule.priority ? rule.priority->value : next_priority();
    check_families(rule);
    check_interfaces(rule, out);
    set_action(rule, out);
    if ((out.tos & kEcnBits) != 0) {
      error(rule.at, "the lower two bits of a type of service are for ECN, and zero here");
    }
    if (diagnostics_.errors() != mistakes) return;
    for (const Family family : families_of(rule)) {
      out.family = family;
      keep(out, rule);
    }
  }

  // When all are known: a rule can only go on.
  void check_targets() {
    for (const auto& [found, at] : targets_) {
      const auto& rule = found;  // for the lambda: clang 14 captures no structured bindings
      const std::uint32_t target = rule.target;
      const bool kernels = std::find(std::begin(kKernelRules), std::end(kKernelRules), target) !=
                           std::end(kKernelRules);
      const bool there = std::any_of(node_.rules.begin(), node_.rules.end(), [&](const auto& r) {
        return r.value.family == rule.family && r.value.priority == target;
      });
      if (target <= rule.priority) {
        error(at, fmt::format("a rule cannot go back: it has priority {}, its target {}",
                              rule.priority, target));
      } else if (!kernels && !there) {
        error(at, fmt::format("{} has no {} rule of priority {}", node_.name,
                              to_string(rule.family), target));
      }
    }
  }

 private:
  void error(const Location& at, std::string message, std::string hint = {}) {
    diagnostics_.error(at, std::move(message), std::move(hint));
  }

  std::uint32_t next_priority() {
    while (said_.contains(next_)) ++next_;
    return next_++;
  }

  static std::vector<Family> families_of(const spec::Rule& rule) {
    if (rule.from) return {rule.from->value.family()};
    if (rule.to) return {rule.to->value.family()};
    if (rule.families.value == Families::both) return {Family::ipv4, Family::ipv6};
    return {rule.families.value == Families::ipv6 ? Family::ipv6 : Family::ipv4};
  }

  void check_families(const spec::Rule& rule) {
    if (rule.from && rule.to && rule.from->value.family() != rule.to->value.family()) {
      return error(rule.to->at,
                   fmt::format("'from' is {}, 'to' is {}", to_string(rule.from->value.family()),
                               to_string(rule.to->value.family())));
    }
    const bool prefixed = rule.from || rule.to;
    const Family found = families_of(rule).front();
    const Families same = found == Family::ipv4 ? Families::ipv4 : Families::ipv6;
    if (prefixed && rule.families.value != Families::unsaid && rule.families.value != same) {
      error(rule.families.at, fmt::format("the rule is for {}, by its prefix", to_string(found)));
    }
    const bool four = families_of(rule).front() == Family::ipv4;
    if (four && rule.value.suppress_prefix.value_or(0) > 32) {
      error(*rule.suppress_at, "no IPv4 prefix is longer than 32");
    }
  }

  void check_interfaces(const spec::Rule& rule, netyard::Rule& out) {
    if (rule.iif && hops_.named(node_, *rule.iif) != nullptr) out.iif = rule.iif->value;
    if (rule.oif && hops_.named(node_, *rule.oif) != nullptr) out.oif = rule.oif->value;
  }

  void set_action(const spec::Rule& rule, netyard::Rule& out) {
    const bool lookup = rule.value.action == RuleAction::lookup;
    const bool table = rule.table || rule.vrf;
    const int said =
        (table ? 1 : 0) + (rule.target ? 1 : 0) + (rule.l3mdev_at ? 1 : 0) + (lookup ? 0 : 1);
    if (said != 1) {
      return error(
          rule.at,
          said == 0 ? "the rule does not say what to do" : "the rule says several things to do",
          "one of 'table', 'vrf', 'l3mdev', 'goto', and 'action' other than lookup");
    }
    if (rule.suppress_at && !table && !rule.l3mdev_at) {
      return error(*rule.suppress_at, "routes are passed over only where they are looked up");
    }
    const auto found = hops_.table(node_, rule.table, rule.vrf, kMainTable);
    if (found) out.table = *found;
    if (!rule.target) return;
    out.action = RuleAction::go_to;
    out.target = rule.target->value;
  }

  static netyard::Rule selectors(netyard::Rule rule) {
    rule.action = RuleAction::lookup;
    rule.table = rule.target = 0;
    rule.l3mdev = false;
    rule.suppress_prefix.reset();
    rule.suppress_group.reset();
    return rule;
  }

  void keep(const netyard::Rule& rule, const spec::Rule& from) {
    for (const auto& other : node_.rules) {
      if (selectors(other.value) != selectors(rule)) continue;
      return error(from.at,
                   fmt::format("{} has a rule of priority {} for the same packets already; first "
                               "at {}",
                               node_.name, rule.priority, other.at.to_string()));
    }
    node_.rules.push_back({rule, from.at});
    if (rule.action == RuleAction::go_to) targets_.push_back({rule, from.target->at});
  }

  Node& node_;
  HopResolver& hops_;
  Diagnostics& diagnostics_;
  std::set<std::uint32_t> said_;
  std::uint32_t next_ = kFirstPriority;
  std::vector<Located<netyard::Rule>> targets_;
};

}  // namespace

void resolve_rules(const spec::Node& from, Node& node, HopResolver& hops,
                   Diagnostics& diagnostics) {
  RuleResolver rules(from, node, hops, diagnostics);
  for (const auto& rule : from.rules) rules.add(rule);
  rules.check_targets();
}

}  // namespace netyard
