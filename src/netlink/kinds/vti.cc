// SPDX-License-Identifier: Apache-2.0
#include <linux/if_tunnel.h>

#include "netlink/kinds/table.h"

namespace netyard::kinds {
namespace {

constexpr Field kFields[] = {
    {
        .key = "local",
        NETYARD_ATTRIBUTE(IFLA_VTI_LOCAL),
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "source address of the outer packets",
        .fallback = "any",
    },
    {
        .key = "remote",
        NETYARD_ATTRIBUTE(IFLA_VTI_REMOTE),
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "destination of the outer packets",
        .fallback = "any",
    },
    {
        .key = "ikey",
        NETYARD_ATTRIBUTE(IFLA_VTI_IKEY),
        .syntax = Syntax::key,
        .wire = Wire::be32,
        .help = "mark that incoming states have",
        .fallback = "0",
    },
    {
        .key = "okey",
        NETYARD_ATTRIBUTE(IFLA_VTI_OKEY),
        .syntax = Syntax::key,
        .wire = Wire::be32,
        .help = "mark that outgoing policies have",
        .fallback = "0",
    },
    {
        .key = "fwmark",
        NETYARD_ATTRIBUTE(IFLA_VTI_FWMARK),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = UINT32_MAX,
        .help = "mark of the outer packets",
        .fallback = "0",
    },
};

}  // namespace

// net/ipv4/ip_vti.c
const LinkKind vti = {
    .name = "vti",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "IPsec by a route, IPv4 outside: policies find its packets by key",
    .kernel_option = "CONFIG_NET_IPVTI",
    .parent_attribute = IFLA_VTI_LINK,
    .example = "{type: vti, endpoint: a:vti1, local: 10.0.0.1, remote: 10.0.0.2, ikey: 7, okey: 7}",
    .own_mac = false,
};

}  // namespace netyard::kinds
