// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/kinds/tunnel_fields.h"

namespace netyard::kinds {
namespace {

constexpr Choice kModes[] = {{"ip6ip6", IPPROTO_IPV6}, {"ipip6", IPPROTO_IPIP}, {"any", 0}};

constexpr auto kFields =
    join(std::array{of_ipv6(NETYARD_OF(IFLA_IPTUN_, LOCAL), kLocal),
                    of_ipv6(NETYARD_OF(IFLA_IPTUN_, REMOTE), kRemote)},
         std::array{Field{
             .key = "mode",
             NETYARD_ATTRIBUTE(IFLA_IPTUN_PROTO),
             .syntax = Syntax::choice,
             .wire = Wire::u8,
             .help = "what it carries",
             .choices = kModes,
             .fallback = "ip6ip6",
         }},
         ipv6_fields(NETYARD_OF(IFLA_IPTUN_, TTL), NETYARD_OF(IFLA_IPTUN_, ENCAP_LIMIT),
                     NETYARD_OF(IFLA_IPTUN_, FLOWINFO), NETYARD_OF(IFLA_IPTUN_, FLAGS),
                     kFlowReader<IFLA_IPTUN_FLAGS>),
         encap_fields(NETYARD_OF(IFLA_IPTUN_, ENCAP_TYPE), NETYARD_OF(IFLA_IPTUN_, ENCAP_SPORT),
                      NETYARD_OF(IFLA_IPTUN_, ENCAP_DPORT), NETYARD_OF(IFLA_IPTUN_, ENCAP_FLAGS)),
         std::array{external_field(NETYARD_OF(IFLA_IPTUN_, COLLECT_METADATA)),
                    fwmark_field(NETYARD_OF(IFLA_IPTUN_, FWMARK))});

constexpr Field kFlow = {.key = "flowinfo",
                         NETYARD_ATTRIBUTE(IFLA_IPTUN_FLOWINFO),
                         .syntax = Syntax::number,
                         .wire = Wire::be32};
constexpr Field kFlags = {.key = "flags",
                          NETYARD_ATTRIBUTE(IFLA_IPTUN_FLAGS),
                          .syntax = Syntax::flag,
                          .wire = Wire::u32,
                          .bit = 1};

void complete(std::vector<FieldSetting>& settings) {
  complete_ip6(settings, kFlow, kFlags);
}

constexpr auto kRules = join(kEncapRules, std::array{kExternalRule});

}  // namespace

// net/ipv6/ip6_tunnel.c
const LinkKind ip6tnl = {
    .name = "ip6tnl",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "IPv6 or IPv4 over IPv6",
    .kernel_option = "CONFIG_IPV6_TUNNEL",
    .parent_attribute = IFLA_IPTUN_LINK,
    .example =
        "{type: ip6tnl, endpoint: a:tun6, local: \"2001:db8::1\", remote: \"2001:db8::2\", mode: "
        "any, ipv4: 10.5.0.1/24}",
    .rules = kRules,
    .own_mac = false,
    .overhead = 20,
    .overhead_words = "",
    .complete = complete,
};

}  // namespace netyard::kinds
