// SPDX-License-Identifier: Apache-2.0
// Fields of ipvlan and ipvtap.
#pragma once

#include "netlink/kinds/table.h"

namespace netyard::kinds {

inline constexpr Choice kIpvlanModes[] = {
    {"l2", IPVLAN_MODE_L2}, {"l3", IPVLAN_MODE_L3}, {"l3s", IPVLAN_MODE_L3S}};

inline constexpr Choice kIpvlanFlags[] = {
    {"bridge", 0}, {"private", IPVLAN_F_PRIVATE}, {"vepa", IPVLAN_F_VEPA}};

inline constexpr Field kIpvlanFields[] = {
    {
        .key = "mode",
        NETYARD_ATTRIBUTE(IFLA_IPVLAN_MODE),
        .syntax = Syntax::choice,
        .wire = Wire::u16,
        .help = "l2 switches, l3 routes by the parent, l3s also filters there",
        .choices = kIpvlanModes,
        .fallback = "l3",
    },
    {
        .key = "ports",
        NETYARD_ATTRIBUTE(IFLA_IPVLAN_FLAGS),
        .syntax = Syntax::choice,
        .wire = Wire::u16,
        .help = "how the links of one parent reach each other",
        .choices = kIpvlanFlags,
        .fallback = "bridge",
    },
};

}  // namespace netyard::kinds
