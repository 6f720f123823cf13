// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/gre_fields.h"

namespace netyard::kinds {
// net/ipv4/ip_gre.c
const LinkKind gre = {
    .name = "gre",
    .ordering = LinkClass::stacked,
    .fields = kGreFields,
    .help = "IP over IPv4 by GRE",
    .kernel_option = "CONFIG_NET_IPGRE",
    .parent_attribute = IFLA_GRE_LINK,
    .example =
        "{type: gre, endpoint: a:gre1, local: 10.0.0.1, remote: 10.0.0.2, key: 7, ipv4: "
        "10.5.0.1/24}",
    .rules = kGreRules,
    .own_mac = false,
    .overhead = 24,
    .overhead_words = "20 IPv4, 4 GRE",
    .complete = complete_gre4,
};

}  // namespace netyard::kinds
