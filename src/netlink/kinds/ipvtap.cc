// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/ipvlan_fields.h"

namespace netyard::kinds {
// drivers/net/ipvlan/ipvtap.c
const LinkKind ipvtap = {
    .name = "ipvtap",
    .ordering = LinkClass::stacked,
    .fields = kIpvlanFields,
    .help = "an ipvlan whose packets a program reads and writes at /dev/tapN",
    .kernel_option = "CONFIG_IPVTAP",
    .parent_required = true,
    .example = "{type: ipvtap, endpoint: a:it0, parent: eth0, mode: l2}",
    .own_mac = false,
};

}  // namespace netyard::kinds
