// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/macvlan_fields.h"

namespace netyard::kinds {
// drivers/net/macvlan.c
const LinkKind macvlan = {
    .name = "macvlan",
    .ordering = LinkClass::stacked,
    .fields = kMacvlanFields,
    .help = "a link with a MAC address of its own on top of another link",
    .kernel_option = "CONFIG_MACVLAN",
    .parent_required = true,
    .example = "{type: macvlan, endpoint: a:mv0, parent: eth0, mode: bridge, ipv4: 10.0.0.77/24}",
    .rules = kMacvlanRules,
};

}  // namespace netyard::kinds
