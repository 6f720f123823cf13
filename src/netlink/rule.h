// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"

namespace netyard {

class Message;

/// FR_ACT_… of include/uapi/linux/fib_rules.h.
enum class RuleAction : std::uint8_t {
  lookup = 1,
  go_to = 2,
  nop = 3,
  blackhole = 6,
  unreachable = 7,
  prohibit = 8
};
/// The word of ip-rule(8).
const char* to_string(RuleAction action);
std::optional<RuleAction> parse_rule_action(std::string_view word);

template <class T>
struct Range {
  T first = 0;
  T last = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

/// A policy rule. 0, "" and nullopt mean "any".
struct Rule {
  Family family = Family::ipv4;
  std::uint32_t priority = 0;
  std::optional<IpPrefix> from;
  std::optional<IpPrefix> to;
  std::string iif;
  std::string oif;
  std::uint32_t mark = 0;
  std::uint32_t table = 254;
  std::optional<std::uint32_t> mask;  // of the mark; nullopt: all bits. A mark of 0 needs one
  RuleAction action = RuleAction::lookup;
  std::uint32_t target = 0;  // priority that go_to goes to
  bool invert = false;       // what does not match
  bool l3mdev = false;       // the table is that of the VRF of the packet's interface
  std::uint8_t tos = 0;
  std::uint8_t ip_protocol = 0;
  std::optional<Range<std::uint16_t>> source_ports;
  std::optional<Range<std::uint16_t>> destination_ports;
  std::optional<Range<std::uint32_t>> users;
  std::optional<std::uint32_t> suppress_prefix;  // passes over routes of at most this length
  std::optional<std::uint32_t> suppress_group;   // passes over routes out of this group of links
  friend bool operator==(const Rule&, const Rule&) = default;
};

/// Words of ip-rule(8) behind the priority: "from 10.0.0.0/8 fwmark 0x1/0xff lookup 100".
std::string to_string(const Rule& rule);

/// RTM_NEWRULE, NLM_F_CREATE|NLM_F_EXCL, protocol static.
Message new_rule(const Rule& rule);
/// RTM_DELRULE.
Message delete_rule(const Rule& rule);
/// RTM_GETRULE dump of a family.
Message get_rules(Family family);

}  // namespace netyard
