// SPDX-License-Identifier: Apache-2.0
#include "netlink/link_fields.h"

#include <linux/if.h>

#include "netlink/kinds/table.h"

namespace netyard {
namespace {

constexpr Field flag(const char* key, std::uint64_t bit, const char* help, const char* fallback) {
  return {.key = key,
          .attribute = 0,
          .attribute_name = "",
          .syntax = Syntax::flag,
          .wire = Wire::own,
          .help = help,
          .fallback = fallback,
          .bit = bit};
}

constexpr Field kFields[] = {
    {.key = "txqlen",
     NETYARD_ATTRIBUTE(IFLA_TXQLEN),
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .help = "packets that its queue holds",
     .fallback = "the kind's"},
    {.key = "alias",
     NETYARD_ATTRIBUTE(IFLA_IFALIAS),
     .syntax = Syntax::text,
     .wire = Wire::text,
     .max = 255,
     .help = "a description that ip(8) shows",
     .fallback = "none"},
    {.key = "group",
     NETYARD_ATTRIBUTE(IFLA_GROUP),
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .max = INT32_MAX,
     .help = "number of a group of interfaces",
     .fallback = "0"},
    flag("multicast", IFF_MULTICAST, "take part in multicast", "true"),
    flag("allmulticast", IFF_ALLMULTI, "take all multicast", "false"),
    flag("promisc", IFF_PROMISC, "take frames for others too", "false"),
    flag("arp", IFF_NOARP, "speak ARP and neighbour discovery", "the kind's"),
};

}  // namespace

std::span<const Field> link_fields() {
  return kFields;
}

const Field* find_link_field(std::string_view key) {
  for (const auto& field : kFields) {
    if (key == field.key) return &field;
  }
  return nullptr;
}

bool is_link_flag(const Field& field) {
  return field.bit != 0 && field.attribute == 0;
}

}  // namespace netyard
