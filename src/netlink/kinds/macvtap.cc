// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/macvlan_fields.h"

namespace netyard::kinds {
// drivers/net/macvtap.c
const LinkKind macvtap = {
    .name = "macvtap",
    .ordering = LinkClass::stacked,
    .fields = kMacvlanFields,
    .help = "a macvlan whose packets a program reads and writes at /dev/tapN",
    .kernel_option = "CONFIG_MACVTAP",
    .parent_required = true,
    .example = "{type: macvtap, endpoint: a:mt0, parent: eth0, mode: bridge}",
    .rules = kMacvlanRules,
};

}  // namespace netyard::kinds
