// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/ttl.h"

namespace netyard::kinds {
namespace {

constexpr Choice kInheritTtl[] = {{"inherit", kInherit}};

constexpr Choice kInheritTos[] = {{"inherit", 1}};

constexpr Choice kDf[] = {
    {"unset", GENEVE_DF_UNSET}, {"set", GENEVE_DF_SET}, {"inherit", GENEVE_DF_INHERIT}};

std::optional<FieldValue> get_ttl(const Attributes& attributes, const Field& field) {
  return ttl_of(attributes, field, IFLA_GENEVE_TTL_INHERIT, false);
}

constexpr Field kFields[] = {
    {
        .key = "vni",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_ID),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = 16777215,
        .required = true,
        .help = "virtual network identifier",
        .unless = "external",
    },
    {
        .key = "remote",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_REMOTE),
        .syntax = Syntax::address,
        .wire = Wire::address,
        .required = true,
        .help = "address of the other end",
        NETYARD_ATTRIBUTE6(IFLA_GENEVE_REMOTE6),
        .unless = "external",
    },
    {
        .key = "dstport",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_PORT),
        .syntax = Syntax::number,
        .wire = Wire::be16,
        .min = 1,
        .max = UINT16_MAX,
        .help = "UDP port",
        .fallback = "6081",
    },
    {
        .key = "tos",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_TOS),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .max = UINT8_MAX,
        .help = "TOS of the outer packets",
        .choices = kInheritTos,
        .fallback = "0",
    },
    {
        .key = "ttl",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_TTL),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .max = UINT8_MAX,
        .help = "TTL of the outer packets; 0 lets the kernel choose",
        .choices = kInheritTtl,
        .fallback = "0",
        .get = get_ttl,
    },
    {
        .key = "df",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_DF),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "do-not-fragment bit of the outer IPv4 packets",
        .choices = kDf,
        .fallback = "unset",
    },
    {
        .key = "flowlabel",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_LABEL),
        .syntax = Syntax::number,
        .wire = Wire::be32,
        .min = 0,
        .max = 0xfffff,
        .help = "flow label of outer IPv6 packets",
        .fallback = "0",
    },
    {
        .key = "udp_csum",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_UDP_CSUM),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "checksum the outer UDP over IPv4",
        .fallback = "true",
    },
    {
        .key = "udp_zero_csum6_tx",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_UDP_ZERO_CSUM6_TX),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "send the outer UDP over IPv6 without checksum",
        .fallback = "false",
    },
    {
        .key = "udp_zero_csum6_rx",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_UDP_ZERO_CSUM6_RX),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "accept the outer UDP over IPv6 without checksum",
        .fallback = "false",
    },
    {
        .key = "external",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_COLLECT_METADATA),
        .syntax = Syntax::flag,
        .wire = Wire::presence,
        .help = "the ends come with each packet, by routes, tc or BPF",
        .fallback = "false",
    },
    {
        .key = "inner_proto_inherit",
        NETYARD_ATTRIBUTE(IFLA_GENEVE_INNER_PROTO_INHERIT),
        .syntax = Syntax::flag,
        .wire = Wire::presence,
        .help = "carry packets of other protocols than Ethernet too",
        .fallback = "false",
        .option = "Linux 5.18",
    },
};

constexpr Field kTtlInherit = {.key = "ttl",
                               NETYARD_ATTRIBUTE(IFLA_GENEVE_TTL_INHERIT),
                               .syntax = Syntax::flag,
                               .wire = Wire::u8};

void complete(std::vector<FieldSetting>& settings) {
  for (auto& setting : settings) {
    const bool inherit =
        std::string_view(setting.field->key) == "ttl" && setting.value == FieldValue(kInherit);
    if (inherit) setting = {&kTtlInherit, std::uint64_t{1}};
  }
}

constexpr FieldRule kRules[] = {
    {"external", "true", Relation::excludes, "remote", "",
     "an external tunnel gets the other end with each packet"},
    {"external", "true", Relation::excludes, "vni", "",
     "an external tunnel gets the VNI with each packet"},
};

}  // namespace

// drivers/net/geneve.c
const LinkKind geneve = {
    .name = "geneve",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "layer 2 over UDP (RFC 8926)",
    .kernel_option = "CONFIG_GENEVE",
    .example = "{type: geneve, endpoint: a:gnv0, vni: 100, remote: 10.0.0.2, ipv4: 10.9.0.1/24}",
    .rules = kRules,
    .overhead = 50,
    .overhead_words = "14 Ethernet, 8 GENEVE, 8 UDP, 20 IPv4",
    .complete = complete,
};

}  // namespace netyard::kinds
