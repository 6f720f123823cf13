// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/kinds/tunnel_fields.h"

namespace netyard::kinds {
namespace {

constexpr Choice kModes[] = {{"ip6ip6", IPPROTO_IPV6}, {"ipip6", IPPROTO_IPIP}, {"any", 0}};

constexpr Field kFields[] = {
    {
        .key = "local",
        .attribute = 0,
        .attribute_name = "",
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "source address of the outer packets",
        NETYARD_ATTRIBUTE6(IFLA_IPTUN_LOCAL),
        .fallback = "the route's",
    },
    {
        .key = "remote",
        .attribute = 0,
        .attribute_name = "",
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "address of the other end",
        NETYARD_ATTRIBUTE6(IFLA_IPTUN_REMOTE),
        .fallback = "any",
    },
    {
        .key = "mode",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_PROTO),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "what it carries",
        .choices = kModes,
        .fallback = "ip6ip6",
    },
    {
        .key = "hoplimit",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_TTL),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .min = 0,
        .max = UINT8_MAX,
        .help = "hop limit of the outer packets",
        .choices = kInheritTtl,
        .fallback = "64",
    },
    {
        .key = "encaplimit",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_ENCAP_LIMIT),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .min = 0,
        .max = UINT8_MAX,
        .help = "how often packets may be put into tunnels again",
        .choices = kNoLimit,
        .fallback = "4",
    },
    {
        .key = "tclass",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_FLOWINFO),
        .syntax = Syntax::number,
        .wire = Wire::be32,
        .min = 0,
        .max = UINT8_MAX,
        .help = "traffic class of the outer packets",
        .choices = kInheritClass,
        .fallback = "0",
    },
    {
        .key = "flowlabel",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_FLOWINFO),
        .syntax = Syntax::number,
        .wire = Wire::be32,
        .min = 0,
        .max = 0xfffff,
        .help = "flow label of the outer packets",
        .choices = kInheritLabel,
        .fallback = "0",
    },
    {
        .key = "dscp_copy",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::u32,
        .help = "copy the DSCP from the outer packet on arrival",
        .fallback = "false",
        .bit = IP6_TNL_F_RCV_DSCP_COPY,
    },
    {
        .key = "encap",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_ENCAP_TYPE),
        .syntax = Syntax::choice,
        .wire = Wire::u16,
        .help = "put UDP around the tunnel (foo or generic over UDP)",
        .choices = kEncaps,
        .fallback = "none",
        .option = "CONFIG_NET_FOU",
    },
    {
        .key = "encap_sport",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_ENCAP_SPORT),
        .syntax = Syntax::number,
        .wire = Wire::be16,
        .min = 0,
        .max = UINT16_MAX,
        .help = "UDP source port of it; 0 is one a flow",
        .fallback = "0",
    },
    {
        .key = "encap_dport",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_ENCAP_DPORT),
        .syntax = Syntax::number,
        .wire = Wire::be16,
        .min = 1,
        .max = UINT16_MAX,
        .help = "UDP destination port of it",
        .fallback = "none",
    },
    {
        .key = "encap_csum",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_ENCAP_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::u16,
        .help = "checksum it over IPv4",
        .fallback = "false",
        .bit = TUNNEL_ENCAP_FLAG_CSUM,
    },
    {
        .key = "encap_csum6",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_ENCAP_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::u16,
        .help = "checksum it over IPv6",
        .fallback = "false",
        .bit = TUNNEL_ENCAP_FLAG_CSUM6,
    },
    {
        .key = "encap_remcsum",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_ENCAP_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::u16,
        .help = "remote checksum offload",
        .fallback = "false",
        .bit = TUNNEL_ENCAP_FLAG_REMCSUM,
    },
    {
        .key = "external",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_COLLECT_METADATA),
        .syntax = Syntax::flag,
        .wire = Wire::presence,
        .help = "the ends come with each packet, by routes, tc or BPF",
        .fallback = "false",
    },
    {
        .key = "fwmark",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_FWMARK),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = UINT32_MAX,
        .help = "mark of the outer packets",
        .fallback = "0",
    },
};

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

constexpr FieldRule kRules[] = {
    {"encap_sport", "", Relation::needs, "encap", "fou|gue", "it is of encap"},
    {"encap_csum", "true", Relation::needs, "encap", "fou|gue", "it is of encap"},
    {"encap_csum6", "true", Relation::needs, "encap", "fou|gue", "it is of encap"},
    {"encap_remcsum", "true", Relation::needs, "encap", "fou|gue", "it is of encap"},
    {"encap_dport", "", Relation::needs, "encap", "fou|gue", "the port is of encap"},
    {"encap", "fou|gue", Relation::needs, "encap_dport", "", "UDP needs a port to go to"},
    {"external", "true", Relation::excludes, "remote", "",
     "an external tunnel gets the other end with each packet"},
};

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
