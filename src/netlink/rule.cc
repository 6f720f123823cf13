// SPDX-License-Identifier: Apache-2.0
#include "netlink/rule.h"

#include <fmt/format.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"
#include "netlink/names.h"

namespace netyard {
namespace {

constexpr NumberName kActions[] = {{"lookup", FR_ACT_TO_TBL},
                                   {"goto", FR_ACT_GOTO},
                                   {"nop", FR_ACT_NOP},
                                   {"blackhole", FR_ACT_BLACKHOLE},
                                   {"unreachable", FR_ACT_UNREACHABLE},
                                   {"prohibit", FR_ACT_PROHIBIT}};

void put_ports(Message& message, std::uint16_t attribute,
               const std::optional<Range<std::uint16_t>>& ports) {
  if (!ports) return;
  const fib_rule_port_range range{ports->first, ports->last};
  message.put_bytes(attribute, &range, sizeof range);
}

void put_selectors(Message& message, const Rule& rule) {
  if (rule.from) message.put(FRA_SRC, rule.from->network().address);
  if (rule.to) message.put(FRA_DST, rule.to->network().address);
  if (!rule.iif.empty()) message.put_string(FRA_IIFNAME, rule.iif);
  if (!rule.oif.empty()) message.put_string(FRA_OIFNAME, rule.oif);
  if (rule.mark != 0 || rule.mask) message.put_u32(FRA_FWMARK, rule.mark);
  if (rule.mask) message.put_u32(FRA_FWMASK, *rule.mask);
  if (rule.ip_protocol != 0) message.put_u8(FRA_IP_PROTO, rule.ip_protocol);
  put_ports(message, FRA_SPORT_RANGE, rule.source_ports);
  put_ports(message, FRA_DPORT_RANGE, rule.destination_ports);
  if (!rule.users) return;
  const fib_rule_uid_range users{rule.users->first, rule.users->last};
  message.put_bytes(FRA_UID_RANGE, &users, sizeof users);
}

Message rule_message(std::uint16_t type, std::uint16_t flags, const Rule& rule) {
  Message message(type, flags);
  const bool table = rule.action == RuleAction::lookup && !rule.l3mdev;
  fib_rule_hdr header{};
  header.family = family_number(rule.family);
  header.action = static_cast<std::uint8_t>(rule.action);
  header.table = table ? short_table(rule.table) : static_cast<std::uint8_t>(RT_TABLE_UNSPEC);
  header.tos = rule.tos;
  header.flags = rule.invert ? FIB_RULE_INVERT : 0;
  if (rule.from) header.src_len = rule.from->length;
  if (rule.to) header.dst_len = rule.to->length;
  message.header(header);
  put_selectors(message, rule);
  if (rule.priority != 0) message.put_u32(FRA_PRIORITY, rule.priority);
  if (table && rule.table > 255) message.put_u32(FRA_TABLE, rule.table);
  if (rule.l3mdev) message.put_u8(FRA_L3MDEV, 1);
  if (rule.action == RuleAction::go_to) message.put_u32(FRA_GOTO, rule.target);
  if (rule.suppress_prefix) message.put_u32(FRA_SUPPRESS_PREFIXLEN, *rule.suppress_prefix);
  if (rule.suppress_group) message.put_u32(FRA_SUPPRESS_IFGROUP, *rule.suppress_group);
  message.put_u8(FRA_PROTOCOL, RTPROT_STATIC);
  return message;
}

template <class T>
std::string range_words(const char* word, const std::optional<Range<T>>& range) {
  if (!range) return {};
  if (range->first == range->last) return fmt::format(" {} {}", word, range->first);
  return fmt::format(" {} {}-{}", word, range->first, range->last);
}

std::string action_words(const Rule& rule) {
  if (rule.l3mdev) return " l3mdev";
  if (rule.action == RuleAction::go_to) return fmt::format(" goto {}", rule.target);
  if (rule.action != RuleAction::lookup) return fmt::format(" {}", to_string(rule.action));
  std::string out = " lookup " + name_of(table_names(), rule.table);
  if (rule.suppress_prefix) out += fmt::format(" suppress_prefixlength {}", *rule.suppress_prefix);
  if (rule.suppress_group) out += fmt::format(" suppress_ifgroup {}", *rule.suppress_group);
  return out;
}

}  // namespace

const char* to_string(RuleAction action) {
  for (const auto& name : kActions) {
    if (name.number == static_cast<std::uint32_t>(action)) return name.word;
  }
  return "unknown";
}

std::optional<RuleAction> parse_rule_action(std::string_view word) {
  for (const auto& name : kActions) {
    if (word == name.word) return static_cast<RuleAction>(name.number);
  }
  return {};
}

std::string to_string(const Rule& rule) {
  std::string out = rule.invert ? "not from " : "from ";
  out += rule.from ? rule.from->to_string() : "all";
  if (rule.to) out += " to " + rule.to->to_string();
  if (rule.tos != 0) out += fmt::format(" tos {:#x}", rule.tos);
  if (rule.mark != 0 || rule.mask) out += fmt::format(" fwmark {:#x}", rule.mark);
  if (rule.mask) out += fmt::format("/{:#x}", *rule.mask);
  if (!rule.iif.empty()) out += " iif " + rule.iif;
  if (!rule.oif.empty()) out += " oif " + rule.oif;
  out += range_words("uidrange", rule.users);
  if (rule.ip_protocol != 0) out += " ipproto " + name_of(ip_protocol_names(), rule.ip_protocol);
  out += range_words("sport", rule.source_ports);
  out += range_words("dport", rule.destination_ports);
  return out + action_words(rule);
}

Message new_rule(const Rule& rule) {
  return rule_message(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule);
}
Message delete_rule(const Rule& rule) {
  return rule_message(RTM_DELRULE, 0, rule);
}

Message get_rules(Family family) {
  Message message(RTM_GETRULE, 0);
  fib_rule_hdr header{};
  header.family = family_number(family);
  message.header(header);
  return message;
}

}  // namespace netyard
