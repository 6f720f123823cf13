// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/gre_fields.h"

namespace netyard::kinds {
// net/ipv6/ip6_gre.c
const LinkKind ip6gre = {
    .name = "ip6gre",
    .ordering = LinkClass::stacked,
    .fields = kIp6GreFields,
    .help = "IP over IPv6 by GRE",
    .kernel_option = "CONFIG_IPV6_GRE",
    .parent_attribute = IFLA_GRE_LINK,
    .example =
        "{type: ip6gre, endpoint: a:gre6, local: \"2001:db8::1\", remote: \"2001:db8::2\", ipv4: "
        "10.5.0.1/24}",
    .rules = kIp6GreRules,
    .own_mac = false,
    .overhead = 24,
    .overhead_words = "20 less than with IPv6 outside, 4 GRE",
    .complete = complete_gre6,
};

}  // namespace netyard::kinds
