// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/gre_fields.h"

namespace netyard::kinds {
// net/ipv6/ip6_gre.c
const LinkKind ip6gretap = {
    .name = "ip6gretap",
    .ordering = LinkClass::stacked,
    .fields = kIp6GreFields,
    .help = "Ethernet over IPv6 by GRE",
    .kernel_option = "CONFIG_IPV6_GRE",
    .parent_attribute = IFLA_GRE_LINK,
    .example =
        "{type: ip6gretap, endpoint: a:gt6, local: \"2001:db8::1\", remote: \"2001:db8::2\", ipv4: "
        "10.5.0.1/24}",
    .rules = kIp6GreRules,
    .overhead = 38,
    .overhead_words = "",
    .complete = complete_gre6,
};

}  // namespace netyard::kinds
