// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netlink/field.h"

namespace netyard {

/// Where a kind stands in the order of creation.
enum class LinkClass {
  pair,        // two ends made together (veth)
  standalone,  // needs nothing (bridge, ifb)
  stacked      // may stand on a parent link (IFLA_LINK); see parent_required (vxlan, macvlan)
};

/// How one field bears on another of the same link.
enum class Relation { needs, excludes, same_family };

/// When `key` is given, and is one of `words`, then `other` must be (needs), or must not be
/// (excludes), one of `other_words`. Words have '|' between; "" is any; '!' in front is none of.
struct FieldRule {
  const char* key;
  const char* words;
  Relation relation;
  const char* other;
  const char* other_words;
  const char* why;
};

/// A key of a kind that is no single value: read by code of its own, in load_*.cc.
struct StructuredKey {
  const char* key;
  const char* values;
  const char* help;
  bool secret = false;  // never printed, and not asked of the kernel
};

/// A kind of link as one const table. src/netlink/kinds/NAME.cc holds one each.
struct LinkKind {
  const char* name;  // the kernel's and the file's word: "vxlan"
  LinkClass ordering;
  std::span<const Field> fields;
  const char* help;
  const char* kernel_option;  // "CONFIG_VXLAN"
  bool parent_required = false;
  std::uint16_t parent_attribute = 0;  // in IFLA_INFO_DATA, where it is not IFLA_LINK
  std::uint16_t peer_attribute = 0;    // of a pair: holds what there is to say of the peer
  const char* example = "";            // a link of it in a file that has nodes a and b
  std::span<const FieldRule> rules = {};
  std::span<const Field> port_fields = {};  // of links whose master it is (IFLA_INFO_SLAVE_DATA)
  bool takes_ports = false;                 // may be a master
  bool own_mac = true;                      // an Ethernet address of its own, that we choose
  bool by_device = false;                   // made by ioctl(2) on /dev/net/tun, not by netlink
  std::uint16_t overhead = 0;               // bytes of a tunnel's headers with IPv4 outside
  const char* overhead_words = "";          // how they add up
  /// Adds or replaces settings that follow from those of the file.
  void (*complete)(std::vector<FieldSetting>& settings) = nullptr;
  std::span<const Field> device_fields = {};  // sent by a message of its own family
  std::span<const StructuredKey> structured = {};

  const Field* find(std::string_view key) const;
  const Field* find_port_field(std::string_view key) const;
};

/// All kinds, in the order that `netyard kinds` prints.
std::span<const LinkKind* const> link_kinds();
/// nullptr when there is no such kind.
const LinkKind* find_link_kind(std::string_view name);

/// What breaks a rule of the kind: the rule, or nullptr.
const FieldRule* broken_rule(const LinkKind& kind, std::span<const FieldSetting> settings);

}  // namespace netyard
