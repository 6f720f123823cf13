// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/kinds/tunnel_fields.h"

namespace netyard::kinds {
namespace {

constexpr Choice kModes[] = {{"ipip", IPPROTO_IPIP}, {"mplsip", IPPROTO_MPLS}, {"any", 0}};

constexpr auto kFields =
    join(std::array{of(NETYARD_OF(IFLA_IPTUN_, LOCAL), kLocal),
                    of(NETYARD_OF(IFLA_IPTUN_, REMOTE), kRemote)},
         ipv4_fields(NETYARD_OF(IFLA_IPTUN_, TTL), NETYARD_OF(IFLA_IPTUN_, TOS),
                     NETYARD_OF(IFLA_IPTUN_, PMTUDISC)),
         std::array{Field{
             .key = "mode",
             NETYARD_ATTRIBUTE(IFLA_IPTUN_PROTO),
             .syntax = Syntax::choice,
             .wire = Wire::u8,
             .help = "what it carries",
             .choices = kModes,
             .fallback = "ipip",
         }},
         encap_fields(NETYARD_OF(IFLA_IPTUN_, ENCAP_TYPE), NETYARD_OF(IFLA_IPTUN_, ENCAP_SPORT),
                      NETYARD_OF(IFLA_IPTUN_, ENCAP_DPORT), NETYARD_OF(IFLA_IPTUN_, ENCAP_FLAGS)),
         std::array{external_field(NETYARD_OF(IFLA_IPTUN_, COLLECT_METADATA)),
                    fwmark_field(NETYARD_OF(IFLA_IPTUN_, FWMARK))});

constexpr auto kRules = join(kEncapRules, std::array{kExternalRule, kTtlRule});

}  // namespace

// net/ipv4/ipip.c
const LinkKind ipip = {
    .name = "ipip",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "IPv4 over IPv4",
    .kernel_option = "CONFIG_NET_IPIP",
    .parent_attribute = IFLA_IPTUN_LINK,
    .example =
        "{type: ipip, endpoint: a:tun1, local: 10.0.0.1, remote: 10.0.0.2, ttl: 64, ipv4: "
        "10.5.0.1/24}",
    .rules = kRules,
    .own_mac = false,
    .overhead = 20,
    .overhead_words = "20 IPv4",
};

}  // namespace netyard::kinds
