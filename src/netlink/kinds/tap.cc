// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/tun_fields.h"

namespace netyard::kinds {
// drivers/net/tun.c
const LinkKind tap = {
    .name = "tap",
    .ordering = LinkClass::standalone,
    .fields = kTunFields,
    .help = "Ethernet frames that a program reads and writes at /dev/net/tun; stays without one",
    .kernel_option = "CONFIG_TUN",
    .example = "{type: tap, endpoint: a:tap0, vnet_hdr: true}",
    .by_device = true,
};

}  // namespace netyard::kinds
