// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/kinds/tunnel_fields.h"
#include "netlink/message.h"

namespace netyard::kinds {
namespace {

void put_6rd(Message& message, const Field& field, const FieldValue& value) {
  const auto& prefix = std::get<IpPrefix>(value);
  message.put(field.attribute, prefix.address);
  message.put_u16(IFLA_IPTUN_6RD_PREFIXLEN, prefix.length);
}

void put_relay(Message& message, const Field& field, const FieldValue& value) {
  const auto& prefix = std::get<IpPrefix>(value);
  message.put(field.attribute, prefix.address);
  message.put_u16(IFLA_IPTUN_6RD_RELAY_PREFIXLEN, prefix.length);
}

constexpr Choice kModes[] = {
    {"ip6ip", IPPROTO_IPV6}, {"ipip", IPPROTO_IPIP}, {"mplsip", IPPROTO_MPLS}, {"any", 0}};

constexpr Field kFields[] = {
    {
        .key = "local",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_LOCAL),
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "source address of the outer packets",
        .fallback = "the route's",
    },
    {
        .key = "remote",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_REMOTE),
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "address of the other end",
        .fallback = "any",
    },
    {
        .key = "ttl",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_TTL),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .min = 0,
        .max = UINT8_MAX,
        .help = "TTL of the outer packets",
        .choices = kInheritTtl,
        .fallback = "inherit",
    },
    {
        .key = "tos",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_TOS),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .min = 0,
        .max = UINT8_MAX,
        .help = "TOS of the outer packets",
        .choices = kInheritTos,
        .fallback = "0",
    },
    {
        .key = "pmtudisc",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_PMTUDISC),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "set the do-not-fragment bit and heed what comes back",
        .fallback = "true",
    },
    {
        .key = "mode",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_PROTO),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "what it carries",
        .choices = kModes,
        .fallback = "ip6ip",
    },
    {
        .key = "isatap",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::u16,
        .help = "intra-site automatic tunnel addressing",
        .fallback = "false",
        .bit = SIT_ISATAP,
    },
    {
        .key = "6rd_prefix",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_6RD_PREFIX),
        .syntax = Syntax::prefix,
        .wire = Wire::own,
        .help = "IPv6 prefix of the 6rd domain",
        NETYARD_ATTRIBUTE6(IFLA_IPTUN_6RD_PREFIX),
        .fallback = "2002::/16",
        .put = put_6rd,
        .option = "CONFIG_IPV6_SIT_6RD",
    },
    {
        .key = "6rd_relay_prefix",
        NETYARD_ATTRIBUTE(IFLA_IPTUN_6RD_RELAY_PREFIX),
        .syntax = Syntax::prefix,
        .wire = Wire::own,
        .help = "IPv4 prefix of the 6rd domain",
        .fallback = "0.0.0.0/0",
        .put = put_relay,
        .option = "CONFIG_IPV6_SIT_6RD",
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

constexpr FieldRule kRules[] = {
    {"encap_sport", "", Relation::needs, "encap", "fou|gue", "it is of encap"},
    {"encap_csum", "true", Relation::needs, "encap", "fou|gue", "it is of encap"},
    {"encap_csum6", "true", Relation::needs, "encap", "fou|gue", "it is of encap"},
    {"encap_remcsum", "true", Relation::needs, "encap", "fou|gue", "it is of encap"},
    {"encap_dport", "", Relation::needs, "encap", "fou|gue", "the port is of encap"},
    {"encap", "fou|gue", Relation::needs, "encap_dport", "", "UDP needs a port to go to"},
    {"pmtudisc", "false", Relation::excludes, "ttl", "!inherit",
     "a TTL of its own needs path MTU discovery: loops would fragment for ever"},
    {"6rd_relay_prefix", "", Relation::needs, "6rd_prefix", "",
     "the domain is an IPv6 prefix first"},
    {"isatap", "true", Relation::excludes, "mode", "!ip6ip", "ISATAP is IPv6 over IPv4"},
};

}  // namespace

// net/ipv6/sit.c
const LinkKind sit = {
    .name = "sit",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "IPv6 over IPv4, also 6rd and 6to4",
    .kernel_option = "CONFIG_IPV6_SIT",
    .parent_attribute = IFLA_IPTUN_LINK,
    .example =
        "{type: sit, endpoint: a:sit1, local: 10.0.0.1, remote: 10.0.0.2, ttl: 64, ipv6: "
        "\"2001:db8:5::1/64\"}",
    .rules = kRules,
    .own_mac = false,
    .overhead = 20,
    .overhead_words = "20 IPv4",
};

}  // namespace netyard::kinds
