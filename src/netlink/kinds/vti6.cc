// SPDX-License-Identifier: Apache-2.0
#include <linux/if_tunnel.h>

#include "netlink/kinds/table.h"

namespace netyard::kinds {
namespace {

constexpr Field kFields[] = {
    {
        .key = "local",
        .attribute = 0,
        .attribute_name = "",
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "source address of the outer packets",
        NETYARD_ATTRIBUTE6(IFLA_VTI_LOCAL),
        .fallback = "any",
    },
    {
        .key = "remote",
        .attribute = 0,
        .attribute_name = "",
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "destination of the outer packets",
        NETYARD_ATTRIBUTE6(IFLA_VTI_REMOTE),
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

// net/ipv6/ip6_vti.c
const LinkKind vti6 = {
    .name = "vti6",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "IPsec by a route, IPv6 outside",
    .kernel_option = "CONFIG_IPV6_VTI",
    .parent_attribute = IFLA_VTI_LINK,
    .example =
        "{type: vti6, endpoint: a:vti1, local: \"2001:db8::1\", remote: \"2001:db8::2\", ikey: 7, "
        "okey: 7}",
    .own_mac = false,
};

}  // namespace netyard::kinds
