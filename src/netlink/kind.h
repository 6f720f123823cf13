// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "netlink/field.h"

namespace netyard {

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

}  // namespace netyard
