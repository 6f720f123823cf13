// SPDX-License-Identifier: Apache-2.0
#include <linux/if_link.h>

#include "netlink/kinds/kinds.h"

namespace netyard::kinds {
namespace {

constexpr Choice kModes[] = {{"private", MACVLAN_MODE_PRIVATE},
                             {"vepa", MACVLAN_MODE_VEPA},
                             {"bridge", MACVLAN_MODE_BRIDGE},
                             {"passthru", MACVLAN_MODE_PASSTHRU},
                             {"source", MACVLAN_MODE_SOURCE}};

constexpr Field kFields[] = {
    {.key = "mode",
     .attribute = IFLA_MACVLAN_MODE,
     .attribute_name = "IFLA_MACVLAN_MODE",
     .syntax = Syntax::choice,
     .wire = Wire::u32,
     .help = "how the macvlans of one parent reach each other; the kernel's default is vepa",
     .choices = kModes},
};

}  // namespace

// drivers/net/macvlan.c
const LinkKind macvlan = {"macvlan",        LinkClass::stacked,
                          kFields,          "a link with a MAC of its own on top of another link",
                          "CONFIG_MACVLAN", true};

}  // namespace netyard::kinds
