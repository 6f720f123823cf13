// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/table.h"

namespace netyard::kinds {
namespace {

constexpr Field kFields[] = {
    {
        .key = "if_id",
        NETYARD_ATTRIBUTE(IFLA_XFRM_IF_ID),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 1,
        .max = UINT32_MAX,
        .required = true,
        .help = "number that policies and states name the interface by",
        .unless = "external",
    },
    {
        .key = "external",
        NETYARD_ATTRIBUTE(IFLA_XFRM_COLLECT_METADATA),
        .syntax = Syntax::flag,
        .wire = Wire::presence,
        .help = "the number comes with each packet, by routes or BPF",
        .fallback = "false",
        .option = "Linux 6.1",
    },
};

constexpr FieldRule kRules[] = {
    {"if_id", "", Relation::excludes, "external", "true",
     "an external interface has no if_id of its own"},
};

}  // namespace

// net/xfrm/xfrm_interface_core.c
const LinkKind xfrm = {
    .name = "xfrm",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "IPsec by a route: what goes through it meets the policies of its if_id",
    .kernel_option = "CONFIG_XFRM_INTERFACE",
    .parent_attribute = IFLA_XFRM_LINK,
    .example = "{type: xfrm, endpoint: a:ipsec0, parent: eth0, if_id: 42, ipv4: 10.4.0.1/24}",
    .rules = kRules,
    .own_mac = false,
};

}  // namespace netyard::kinds
