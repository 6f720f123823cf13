// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/table.h"

namespace netyard::kinds {
// drivers/net/can/vcan.c
const LinkKind vcan = {
    .name = "vcan",
    .ordering = LinkClass::standalone,
    .fields = {},
    .help = "a CAN bus of its own that echoes what is sent",
    .kernel_option = "CONFIG_CAN_VCAN",
    .example = "{type: vcan, endpoint: a:can0}",
    .own_mac = false,
};

}  // namespace netyard::kinds
