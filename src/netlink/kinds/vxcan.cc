// SPDX-License-Identifier: Apache-2.0
#include <linux/can/vxcan.h>

#include "netlink/kinds/table.h"

namespace netyard::kinds {
// drivers/net/can/vxcan.c
const LinkKind vxcan = {
    .name = "vxcan",
    .ordering = LinkClass::pair,
    .fields = {},
    .help = "two ends of a CAN bus between namespaces",
    .kernel_option = "CONFIG_CAN_VXCAN",
    .peer_attribute = VXCAN_INFO_PEER,
    .example = "{type: vxcan, endpoints: [a:can0, b:can0]}",
    .own_mac = false,
};

}  // namespace netyard::kinds
