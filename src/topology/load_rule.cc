// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <limits>

#include "topology/layer3_reader.h"

namespace netyard::spec {
namespace {

// A selector of packets; "all" is none.
std::optional<Located<IpPrefix>> read_prefix(Reader& reader, const Tree& value) {
  const auto word = reader.text(value, "a prefix");
  if (!word || word->value == "all" || word->value == "default") return {};
  const auto prefix = IpPrefix::parse(word->value);
  if (!prefix) {
    reader.error(value.at, fmt::format("'{}' is no prefix", word->value),
                 "write 'all' or a prefix, as in 10.0.0.0/8");
  } else if (prefix->has_host_bits()) {
    reader.error(value.at, fmt::format("{} has host bits", word->value),
                 fmt::format("the prefix is {}", prefix->network().to_string()));
  } else {
    return Located<IpPrefix>{*prefix, value.at};
  }
  return {};
}

template <class T>
std::optional<Range<T>> read_range(Reader& reader, const Tree& value, const char* what,
                                   std::uint32_t min) {
  const auto said = reader.text(value, what);
  if (!said) return {};
  const std::size_t dash = said->value.find('-');
  const auto first = parse_number(std::string_view(said->value).substr(0, dash));
  const auto last = dash == std::string::npos
                        ? first
                        : parse_number(std::string_view(said->value).substr(dash + 1));
  constexpr std::uint32_t kMost = std::numeric_limits<T>::max() - (sizeof(T) == 2 ? 1 : 0);
  if (first && last && *first >= min && *first <= *last && *last <= kMost) {
    return Range<T>{static_cast<T>(*first), static_cast<T>(*last)};
  }
  reader.error(value.at,
               fmt::format("'{}' is no {}: expected FIRST-LAST or one number, from {} to {}",
                           said->value, what, min, kMost));
  return {};
}

void read_mark(Reader& reader, const Tree& value, Rule& rule) {
  const auto said = reader.text(value, "a mark");
  if (!said) return;
  const std::size_t slash = said->value.find('/');
  const auto mark = parse_number(std::string_view(said->value).substr(0, slash));
  std::optional<std::uint32_t> mask;
  if (slash != std::string::npos) {
    mask = parse_number(std::string_view(said->value).substr(slash + 1));
  }
  if (!mark || (slash != std::string::npos && !mask)) {
    reader.error(value.at, fmt::format("'{}' is no mark", said->value),
                 "MARK or MARK/MASK, as in 0x1/0xff");
  } else if ((*mark & ~mask.value_or(UINT32_MAX)) != 0) {
    reader.error(value.at,
                 fmt::format("mark {:#x} has bits outside of its mask {:#x}", *mark, *mask),
                 "it would never match");
  } else {
    rule.value.mark = *mark;
    rule.value.mask = mask == UINT32_MAX ? std::nullopt : mask;
    if (*mark == 0 && !mask) rule.value.mask = UINT32_MAX;
  }
}

void read_action(Reader& reader, const Tree& value, Rule& rule) {
  static constexpr const char* kRuleWords[] = {"lookup", "nop", "blackhole", "unreachable",
                                               "prohibit"};
  const auto which = reader.choice(value, "an action", kRuleWords);
  if (which) rule.value.action = *parse_rule_action(kRuleWords[*which]);
  rule.action_at = value.at;
}

void read_families(Reader& reader, const Tree& value, Rule& rule) {
  static constexpr const char* kRuleWords[] = {"ipv4", "ipv6", "both"};
  const auto which = reader.choice(value, "a family", kRuleWords);
  if (which) rule.families = {static_cast<Rule::Families>(*which + 1), value.at};
}

template <std::optional<std::uint32_t> netyard::Rule::*Member, std::uint32_t Max>
void read_suppressed(Reader& reader, const Tree& value, Rule& rule) {
  if (const auto number = reader.number(value, 0, Max)) rule.value.*Member = number->value;
  rule.suppress_at = value.at;
}

template <std::optional<Range<std::uint16_t>> netyard::Rule::*Member>
void read_ports(Reader& reader, const Tree& value, Rule& rule) {
  rule.value.*Member = read_range<std::uint16_t>(reader, value, "port range", 1);
  rule.ports_at = value.at;
}

constexpr Key<Rule> kRuleKeys[] = {
    {"priority", "number", "rules of small numbers come first; 10000 and up in order",
     [](Reader& reader, const Tree& value, Rule& out) {
       out.priority = reader.number(value, 1, UINT32_MAX);
     }},
    {"not", "boolean", "what does not match",
     [](Reader& reader, const Tree& value, Rule& out) {
       out.value.invert = reader.boolean(value).value_or(false);
     }},
    {"from", "string", "prefix of the source, or all",
     [](Reader& reader, const Tree& value, Rule& out) { out.from = read_prefix(reader, value); }},
    {"to", "string", "prefix of the destination, or all",
     [](Reader& reader, const Tree& value, Rule& out) { out.to = read_prefix(reader, value); }},
    {"iif", "string", "interface that packets come from; lo: this node",
     [](Reader& reader, const Tree& value, Rule& out) { out.iif = reader.interface_name(value); }},
    {"oif", "string", "interface that a socket is bound to",
     [](Reader& reader, const Tree& value, Rule& out) { out.oif = reader.interface_name(value); }},
    {"fwmark", "string", "MARK or MARK/MASK", read_mark},
    {"tos", "number", "type of service",
     [](Reader& reader, const Tree& value, Rule& out) {
       const auto tos = read_named(reader, value, "type of service", {}, 1, 255);
       if (tos) out.value.tos = static_cast<std::uint8_t>(tos->value);
     }},
    {"ipproto", "string", "protocol: tcp, udp, icmp, … or a number",
     [](Reader& reader, const Tree& value, Rule& out) {
       const auto protocol = read_named(reader, value, "protocol", ip_protocol_names(), 1, 255);
       if (protocol) out.value.ip_protocol = static_cast<std::uint8_t>(protocol->value);
     }},
    {"sport", "string", "source port or FIRST-LAST", read_ports<&netyard::Rule::source_ports>},
    {"dport", "string", "destination port or FIRST-LAST",
     read_ports<&netyard::Rule::destination_ports>},
    {"uidrange", "string", "users FIRST-LAST whose sockets send",
     [](Reader& reader, const Tree& value, Rule& out) {
       out.value.users = read_range<std::uint32_t>(reader, value, "range of users", 0);
     }},
    {"family", "families", "without a prefix: ipv4, ipv6 or both; ipv4 when not given",
     read_families},
    {"table", "table", "table to look in: a number, main, local or default",
     [](Reader& reader, const Tree& value, Rule& out) {
       out.table = read_named(reader, value, "table", table_names(), 1, UINT32_MAX);
     }},
    {"vrf", "string", "a VRF of the node, whose table it is",
     [](Reader& reader, const Tree& value, Rule& out) { out.vrf = reader.interface_name(value); }},
    {"l3mdev", "boolean", "look in the table of the VRF that packets belong to",
     [](Reader& reader, const Tree& value, Rule& out) {
       out.value.l3mdev = reader.boolean(value).value_or(false);
       if (out.value.l3mdev) out.l3mdev_at = value.at;
     }},
    {"goto", "number", "priority of a later rule to go on with",
     [](Reader& reader, const Tree& value, Rule& out) {
       out.target = reader.number(value, 1, UINT32_MAX);
     }},
    {"action", "ruleAction", "lookup, nop, blackhole, unreachable or prohibit", read_action},
    {"suppress_prefixlength", "number", "passes over routes of at most this length",
     read_suppressed<&netyard::Rule::suppress_prefix, 128>},
    {"suppress_ifgroup", "number", "passes over routes out of links of this group",
     read_suppressed<&netyard::Rule::suppress_group, INT32_MAX>},
};

constexpr Word kRuleWords[] = {
    {"not", "not", Word::flag},
    {"l3mdev", "l3mdev", Word::flag},
    {"nop", "action", Word::fixed, "nop"},
    {"blackhole", "action", Word::fixed, "blackhole"},
    {"unreachable", "action", Word::fixed, "unreachable"},
    {"prohibit", "action", Word::fixed, "prohibit"},
    {"lookup", "table"},
    {"pref", "priority"},
    {"preference", "priority"},
    {"order", "priority"},
    {"dsfield", "tos"},
    {"dev", "iif"},
    {"suppress_prefixlen", "suppress_prefixlength"},
};
constexpr Grammar kRuleGrammar = {"rule", "from 10.0.0.0/8 lookup 100", kRuleWords};

}  // namespace

std::span<const Key<Rule>> rule_keys() {
  return kRuleKeys;
}

void read_rules(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::sequence, "a list of rules")) return;
  for (const auto& item : value.items) {
    const std::size_t mistakes = reader.errors();
    const auto mapping = mapping_of(reader, *item, kRuleGrammar);
    if (!mapping) continue;
    Rule rule;
    rule.at = item->at;
    read_mapping<Rule>(reader, *mapping, kRuleKeys, rule);
    if (reader.errors() == mistakes) node.rules.push_back(std::move(rule));
  }
}

}  // namespace netyard::spec
