// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/gre_fields.h"

namespace netyard::kinds {
namespace {

constexpr Choice kDirections[] = {{"ingress", 0}, {"egress", 1}};

constexpr std::array kOwn = {Field{
                                 .key = "remote",
                                 NETYARD_ATTRIBUTE(IFLA_GRE_REMOTE),
                                 .syntax = Syntax::address,
                                 .wire = Wire::address,
                                 .required = true,
                                 .help = "address of the other end",
                                 .fallback = "any",
                                 .unless = "external",
                             },
                             Field{
                                 .key = "key",
                                 NETYARD_ATTRIBUTE(IFLA_GRE_IKEY),
                                 .syntax = Syntax::key,
                                 .wire = Wire::be32,
                                 .max = 1023,
                                 .required = true,
                                 .help = "session, 0 to 1023",
                                 .unless = "external",
                             },
                             Field{
                                 .key = "version",
                                 NETYARD_ATTRIBUTE(IFLA_GRE_ERSPAN_VER),
                                 .syntax = Syntax::number,
                                 .wire = Wire::u8,
                                 .min = 0,
                                 .max = 2,
                                 .help = "of ERSPAN: 0 is type I, 1 type II, 2 type III",
                                 .fallback = "1",
                             },
                             Field{
                                 .key = "index",
                                 NETYARD_ATTRIBUTE(IFLA_GRE_ERSPAN_INDEX),
                                 .syntax = Syntax::number,
                                 .wire = Wire::u32,
                                 .min = 0,
                                 .max = 0xfffff,
                                 .help = "version 1: port that the frames are from",
                                 .fallback = "0",
                             },
                             Field{
                                 .key = "direction",
                                 NETYARD_ATTRIBUTE(IFLA_GRE_ERSPAN_DIR),
                                 .syntax = Syntax::choice,
                                 .wire = Wire::u8,
                                 .help = "version 2: which way mirrored frames went",
                                 .choices = kDirections,
                                 .fallback = "ingress",
                             },
                             Field{
                                 .key = "hwid",
                                 NETYARD_ATTRIBUTE(IFLA_GRE_ERSPAN_HWID),
                                 .syntax = Syntax::number,
                                 .wire = Wire::u16,
                                 .min = 0,
                                 .max = 63,
                                 .help = "version 2: number of the sender",
                                 .fallback = "0",
                             }};

constexpr auto kFields = join(std::array{of(NETYARD_OF(IFLA_GRE_, LOCAL), kLocal)}, kOwn,
                              ipv4_fields(NETYARD_OF(IFLA_GRE_, TTL), NETYARD_OF(IFLA_GRE_, TOS),
                                          NETYARD_OF(IFLA_GRE_, PMTUDISC)),
                              std::array{external_field(NETYARD_OF(IFLA_GRE_, COLLECT_METADATA)),
                                         fwmark_field(NETYARD_OF(IFLA_GRE_, FWMARK))});

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
    kTtlRule,
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
