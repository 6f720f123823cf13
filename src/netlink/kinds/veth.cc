// SPDX-License-Identifier: Apache-2.0
#include <linux/veth.h>

#include "netlink/kinds/table.h"

namespace netyard::kinds {
// drivers/net/veth.c
const LinkKind veth = {
    .name = "veth",
    .ordering = LinkClass::pair,
    .fields = {},
    .help = "two ends joined by a virtual cable",
    .kernel_option = "CONFIG_VETH",
    .peer_attribute = VETH_INFO_PEER,
    .example = "{type: veth, endpoints: [a:eth0, b:eth0], subnet: 10.0.0.0/24}",
};

}  // namespace netyard::kinds
