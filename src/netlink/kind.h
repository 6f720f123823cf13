// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ip.h"

namespace netyard {

/// How a field of a link kind is written in a file and laid out in IFLA_INFO_DATA.
enum class FieldType {
  flag,    // bool in the file, a u8 of 0 or 1 on the wire
  flag32,  // bool in the file, a u32 of 0 or 1 on the wire
  u8,      // whole number
  u16,     // whole number, host order
  be16,    // whole number, network order (ports)
  u32,     // whole number, host order
  choice,  // one of `choices`, a u32 on the wire
  address  // IP address; `attribute` for IPv4, `attribute6` for IPv6
};

/// A word that stands for a number.
struct Choice {
  const char* word;
  std::uint64_t number;
};

/// One attribute of a link kind: its key in the file, its place on the wire, its bounds.
struct Field {
  const char* key;
  std::uint16_t attribute;
  const char* attribute_name;  // the kernel's: "IFLA_VXLAN_ID"
  FieldType type;
  std::uint64_t min = 0;
  std::uint64_t max = UINT32_MAX;
  bool required = false;
  const char* help = "";  // half a line; units where there are any
  std::uint16_t attribute6 = 0;
  const char* attribute6_name = nullptr;
  std::span<const Choice> choices = {};
};

/// Where a kind stands in the order of creation.
enum class LinkClass {
  pair,        // two ends made together (veth)
  standalone,  // needs nothing (bridge, ifb)
  stacked      // stands on a parent link (IFLA_LINK); see parent_required (vxlan, macvlan)
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

  const Field* find(std::string_view key) const;
};

/// All kinds, in the order that `netyard kinds` prints.
std::span<const LinkKind* const> link_kinds();
/// nullptr when there is no such kind.
const LinkKind* find_link_kind(std::string_view name);

/// Numbers, flags and choices are std::uint64_t.
using FieldValue = std::variant<std::uint64_t, IpAddress>;

/// A field and its value.
struct FieldSetting {
  const Field* field = nullptr;
  FieldValue value;
  friend bool operator==(const FieldSetting&, const FieldSetting&) = default;
};

/// Reads a file's word for a field; on a mistake returns false and says in `problem` what was
/// expected ("a number from 0 to 16777215").
bool parse_field(const Field& field, std::string_view text, FieldValue& value,
                 std::string& problem);
/// The file's word for a value: parse_field read backwards.
std::string format_field(const Field& field, const FieldValue& value);

}  // namespace netyard
