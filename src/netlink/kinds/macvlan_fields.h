// SPDX-License-Identifier: Apache-2.0
// Fields of macvlan and macvtap.
#pragma once

#include <algorithm>

#include "netlink/attributes.h"
#include "netlink/kinds/table.h"
#include "netlink/message.h"

namespace netyard::kinds {

inline constexpr Choice kMacvlanModes[] = {{"private", MACVLAN_MODE_PRIVATE},
                                           {"vepa", MACVLAN_MODE_VEPA},
                                           {"bridge", MACVLAN_MODE_BRIDGE},
                                           {"passthru", MACVLAN_MODE_PASSTHRU},
                                           {"source", MACVLAN_MODE_SOURCE}};

inline void put_source_macs(Message& message, const Field& field, const FieldValue& value) {
  message.put_u32(IFLA_MACVLAN_MACADDR_MODE, MACVLAN_MACADDR_SET);
  const std::size_t nest = message.open_nest(field.attribute);
  for (const auto& mac : std::get<std::vector<MacAddress>>(value)) {
    message.put(IFLA_MACVLAN_MACADDR, mac);
  }
  message.close_nest(nest);
}

inline std::optional<FieldValue> get_source_macs(const Attributes& attributes, const Field& field) {
  const nlattr* nest = attributes.find(field.attribute);
  if (nest == nullptr) return {};
  std::vector<MacAddress> out;
  for (const nlattr* one : Attributes(nest).all()) out.push_back(payload<MacAddress>(one));
  std::sort(out.begin(), out.end());
  return out.empty() ? std::nullopt : std::optional<FieldValue>(std::move(out));
}

inline constexpr Field kMacvlanFields[] = {
    {
        .key = "mode",
        NETYARD_ATTRIBUTE(IFLA_MACVLAN_MODE),
        .syntax = Syntax::choice,
        .wire = Wire::u32,
        .help = "how the links of one parent reach each other; source takes frames from "
                "\"sources\" only",
        .choices = kMacvlanModes,
        .fallback = "vepa",
    },
    {
        .key = "nopromisc",
        NETYARD_ATTRIBUTE(IFLA_MACVLAN_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::u16,
        .help = "passthru: do not make the parent promiscuous",
        .fallback = "false",
        .bit = MACVLAN_FLAG_NOPROMISC,
    },
    {
        .key = "nodst",
        NETYARD_ATTRIBUTE(IFLA_MACVLAN_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::u16,
        .help = "source: without the table of its own addresses",
        .fallback = "false",
        .bit = MACVLAN_FLAG_NODST,
    },
    {
        .key = "sources",
        NETYARD_ATTRIBUTE(IFLA_MACVLAN_MACADDR_DATA),
        .syntax = Syntax::macs,
        .wire = Wire::own,
        .help = "source: the MAC addresses that frames may come from",
        .fallback = "none",
        .put = put_source_macs,
        .get = get_source_macs,
    },
    {
        .key = "bc_queue_len",
        NETYARD_ATTRIBUTE(IFLA_MACVLAN_BC_QUEUE_LEN),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = UINT32_MAX,
        .help = "broadcast and multicast frames that wait at most",
        .fallback = "1000",
    },
};

inline constexpr FieldRule kMacvlanRules[] = {
    {"sources", "", Relation::needs, "mode", "source",
     "only mode source looks at who sent a frame"},
    {"nopromisc", "true", Relation::needs, "mode", "passthru", "nopromisc is of mode passthru"},
};

}  // namespace netyard::kinds
