// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/table.h"

namespace netyard::kinds {
namespace {

constexpr Field kFields[] = {
    {
        .key = "table",
        NETYARD_ATTRIBUTE(IFLA_VRF_TABLE),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 1,
        .max = UINT32_MAX,
        .required = true,
        .help = "routing table of the VRF",
    },
};

}  // namespace

// drivers/net/vrf.c
const LinkKind vrf = {
    .name = "vrf",
    .ordering = LinkClass::standalone,
    .fields = kFields,
    .help = "a routing domain: interfaces with it as master route by its table",
    .kernel_option = "CONFIG_NET_VRF",
    .example = "{type: vrf, endpoint: a:red, table: 100}",
    .takes_ports = true,
};

}  // namespace netyard::kinds
