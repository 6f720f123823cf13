// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/gre_fields.h"

namespace netyard::kinds {
namespace {

constexpr Choice kDirections[] = {{"ingress", 0}, {"egress", 1}};

constexpr Field kFields[] = {
    {
        .key = "local",
        NETYARD_ATTRIBUTE(IFLA_GRE_LOCAL),
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "source address of the outer packets",
        .fallback = "the route's",
    },
    {
        .key = "remote",
        NETYARD_ATTRIBUTE(IFLA_GRE_REMOTE),
        .syntax = Syntax::address,
        .wire = Wire::address,
        .required = true,
        .help = "address of the other end",
        .fallback = "any",
        .unless = "external",
    },
    {
        .key = "key",
        NETYARD_ATTRIBUTE(IFLA_GRE_IKEY),
        .syntax = Syntax::key,
        .wire = Wire::be32,
        .max = 1023,
        .required = true,
        .help = "session, 0 to 1023",
        .unless = "external",
    },
    {
        .key = "version",
        NETYARD_ATTRIBUTE(IFLA_GRE_ERSPAN_VER),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .min = 0,
        .max = 2,
        .help = "of ERSPAN: 0 is type I, 1 type II, 2 type III",
        .fallback = "1",
    },
    {
        .key = "index",
        NETYARD_ATTRIBUTE(IFLA_GRE_ERSPAN_INDEX),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = 0xfffff,
        .help = "version 1: port that the frames are from",
        .fallback = "0",
    },
    {
        .key = "direction",
        NETYARD_ATTRIBUTE(IFLA_GRE_ERSPAN_DIR),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "version 2: which way mirrored frames went",
        .choices = kDirections,
        .fallback = "ingress",
    },
    {
        .key = "hwid",
        NETYARD_ATTRIBUTE(IFLA_GRE_ERSPAN_HWID),
        .syntax = Syntax::number,
        .wire = Wire::u16,
        .min = 0,
        .max = 63,
        .help = "version 2: number of the sender",
        .fallback = "0",
    },
    {
        .key = "ttl",
        NETYARD_ATTRIBUTE(IFLA_GRE_TTL),
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
        NETYARD_ATTRIBUTE(IFLA_GRE_TOS),
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
        NETYARD_ATTRIBUTE(IFLA_GRE_PMTUDISC),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "set the do-not-fragment bit and heed what comes back",
        .fallback = "true",
    },
    {
        .key = "external",
        NETYARD_ATTRIBUTE(IFLA_GRE_COLLECT_METADATA),
        .syntax = Syntax::flag,
        .wire = Wire::presence,
        .help = "the ends come with each packet, by routes, tc or BPF",
        .fallback = "false",
    },
    {
        .key = "fwmark",
        NETYARD_ATTRIBUTE(IFLA_GRE_FWMARK),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = UINT32_MAX,
        .help = "mark of the outer packets",
        .fallback = "0",
    },
};

void complete(std::vector<FieldSetting>& settings) {
  // The kernel wants sequence numbers of version 1 and 2, and has none of version 0.
  const FieldValue* version = find_value(settings, "version");
  const bool first = version != nullptr && *version == FieldValue(std::uint64_t{0});
  static constexpr Field kSequence = {.key = "seq",
                                      NETYARD_ATTRIBUTE(IFLA_GRE_IFLAGS),
                                      .syntax = Syntax::flag,
                                      .wire = Wire::be16,
                                      .bit = kGreSequence};
  if (!first) settings.push_back({&kSequence, std::uint64_t{1}});
  complete_gre(settings);
}

constexpr FieldRule kRules[] = {
    {"index", "", Relation::excludes, "version", "2", "index is of version 1"},
    {"hwid", "", Relation::needs, "version", "2", "hwid is of version 2"},
    {"direction", "", Relation::needs, "version", "2", "direction is of version 2"},
    {"pmtudisc", "false", Relation::excludes, "ttl", "!inherit",
     "a TTL of its own needs path MTU discovery: loops would fragment for ever"},
};

}  // namespace

// net/ipv4/ip_gre.c
const LinkKind erspan = {
    .name = "erspan",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "mirrored Ethernet frames over IPv4",
    .kernel_option = "CONFIG_NET_IPGRE",
    .parent_attribute = IFLA_GRE_LINK,
    .example = "{type: erspan, endpoint: a:mirror0, local: 10.0.0.1, remote: 10.0.0.2, key: 10}",
    .rules = kRules,
    .overhead = 50,
    .overhead_words = "20 IPv4, 8 GRE, 8 ERSPAN, 14 Ethernet",
    .complete = complete,
};

}  // namespace netyard::kinds
