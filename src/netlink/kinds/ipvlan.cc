// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/ipvlan_fields.h"

namespace netyard::kinds {
// drivers/net/ipvlan/ipvlan_main.c
const LinkKind ipvlan = {
    .name = "ipvlan",
    .ordering = LinkClass::stacked,
    .fields = kIpvlanFields,
    .help = "a link with addresses of its own and the MAC address of its parent",
    .kernel_option = "CONFIG_IPVLAN",
    .parent_required = true,
    .example = "{type: ipvlan, endpoint: a:iv0, parent: eth0, mode: l2, ipv4: 10.0.0.78/24}",
    .own_mac = false,
};

}  // namespace netyard::kinds
