// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/tun_fields.h"

namespace netyard::kinds {
// drivers/net/tun.c
const LinkKind tun = {
    .name = "tun",
    .ordering = LinkClass::standalone,
    .fields = kTunFields,
    .help = "IP packets that a program reads and writes at /dev/net/tun; stays without one",
    .kernel_option = "CONFIG_TUN",
    .example = "{type: tun, endpoint: a:tun0, owner: nobody, ipv4: 10.3.0.1/24}",
    .own_mac = false,
    .by_device = true,
};

}  // namespace netyard::kinds
