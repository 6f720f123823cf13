// SPDX-License-Identifier: Apache-2.0
// Fields of gre and gretap, with IPv4 outside, and of ip6gre and ip6gretap.
#pragma once

#include "netlink/kinds/tunnel_fields.h"

namespace netyard::kinds {

inline constexpr std::uint64_t kGreChecksum = 0x8000;  // GRE_CSUM in host order
inline constexpr std::uint64_t kGreKey = 0x2000;
inline constexpr std::uint64_t kGreSequence = 0x1000;

/// What is the same both ways is said once; the other keys are for what differs.
std::optional<FieldValue> get_both_key(const Attributes& attributes, const Field& field);
std::optional<FieldValue> get_in_key(const Attributes& attributes, const Field& field);
std::optional<FieldValue> get_out_key(const Attributes& attributes, const Field& field);
std::optional<FieldValue> get_both_flag(const Attributes& attributes, const Field& field);
std::optional<FieldValue> get_in_flag(const Attributes& attributes, const Field& field);
std::optional<FieldValue> get_out_flag(const Attributes& attributes, const Field& field);

/// Keys, checksums and sequence numbers, both ways or one.
inline constexpr std::array kGreOptions = {
    Field{
        .key = "key",
        NETYARD_ATTRIBUTE(IFLA_GRE_IKEY),
        .syntax = Syntax::key,
        .wire = Wire::be32,
        .help = "number in every packet that tells tunnels apart, both ways",
        .fallback = "none",
        .get = get_both_key,
    },
    Field{
        .key = "ikey",
        NETYARD_ATTRIBUTE(IFLA_GRE_IKEY),
        .syntax = Syntax::key,
        .wire = Wire::be32,
        .help = "the same, of what comes in",
        .fallback = "none",
        .get = get_in_key,
    },
    Field{
        .key = "okey",
        NETYARD_ATTRIBUTE(IFLA_GRE_OKEY),
        .syntax = Syntax::key,
        .wire = Wire::be32,
        .help = "the same, of what goes out",
        .fallback = "none",
        .get = get_out_key,
    },
    Field{
        .key = "csum",
        NETYARD_ATTRIBUTE(IFLA_GRE_IFLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::be16,
        .help = "checksums, both ways",
        .fallback = "false",
        .bit = kGreChecksum,
        .get = get_both_flag,
    },
    Field{
        .key = "icsum",
        NETYARD_ATTRIBUTE(IFLA_GRE_IFLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::be16,
        .help = "checksums, in",
        .fallback = "false",
        .bit = kGreChecksum,
        .get = get_in_flag,
    },
    Field{
        .key = "ocsum",
        NETYARD_ATTRIBUTE(IFLA_GRE_OFLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::be16,
        .help = "checksums, out",
        .fallback = "false",
        .bit = kGreChecksum,
        .get = get_out_flag,
    },
    Field{
        .key = "seq",
        NETYARD_ATTRIBUTE(IFLA_GRE_IFLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::be16,
        .help = "sequence numbers, both ways",
        .fallback = "false",
        .bit = kGreSequence,
        .get = get_both_flag,
    },
    Field{
        .key = "iseq",
        NETYARD_ATTRIBUTE(IFLA_GRE_IFLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::be16,
        .help = "sequence numbers, in",
        .fallback = "false",
        .bit = kGreSequence,
        .get = get_in_flag,
    },
    Field{
        .key = "oseq",
        NETYARD_ATTRIBUTE(IFLA_GRE_OFLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::be16,
        .help = "sequence numbers, out",
        .fallback = "false",
        .bit = kGreSequence,
        .get = get_out_flag,
    }};

inline constexpr auto kGreFields =
    join(std::array{of(NETYARD_OF(IFLA_GRE_, LOCAL), kLocal),
                    of(NETYARD_OF(IFLA_GRE_, REMOTE), kRemote)},
         kGreOptions,
         ipv4_fields(NETYARD_OF(IFLA_GRE_, TTL), NETYARD_OF(IFLA_GRE_, TOS),
                     NETYARD_OF(IFLA_GRE_, PMTUDISC)),
         std::array{Field{
             .key = "ignore_df",
             NETYARD_ATTRIBUTE(IFLA_GRE_IGNORE_DF),
             .syntax = Syntax::flag,
             .wire = Wire::u8,
             .help = "fragment outer packets in spite of the inner do-not-fragment bit",
             .fallback = "false",
         }},
         encap_fields(NETYARD_OF(IFLA_GRE_, ENCAP_TYPE), NETYARD_OF(IFLA_GRE_, ENCAP_SPORT),
                      NETYARD_OF(IFLA_GRE_, ENCAP_DPORT), NETYARD_OF(IFLA_GRE_, ENCAP_FLAGS)),
         std::array{external_field(NETYARD_OF(IFLA_GRE_, COLLECT_METADATA)),
                    fwmark_field(NETYARD_OF(IFLA_GRE_, FWMARK))});

inline constexpr auto kIp6GreFields =
    join(std::array{of_ipv6(NETYARD_OF(IFLA_GRE_, LOCAL), kLocal),
                    of_ipv6(NETYARD_OF(IFLA_GRE_, REMOTE), kRemote)},
         kGreOptions,
         ipv6_fields(NETYARD_OF(IFLA_GRE_, TTL), NETYARD_OF(IFLA_GRE_, ENCAP_LIMIT),
                     NETYARD_OF(IFLA_GRE_, FLOWINFO), NETYARD_OF(IFLA_GRE_, FLAGS),
                     kFlowReader<IFLA_GRE_FLAGS>),
         encap_fields(NETYARD_OF(IFLA_GRE_, ENCAP_TYPE), NETYARD_OF(IFLA_GRE_, ENCAP_SPORT),
                      NETYARD_OF(IFLA_GRE_, ENCAP_DPORT), NETYARD_OF(IFLA_GRE_, ENCAP_FLAGS)),
         std::array{external_field(NETYARD_OF(IFLA_GRE_, COLLECT_METADATA)),
                    fwmark_field(NETYARD_OF(IFLA_GRE_, FWMARK))});

inline constexpr std::array kGreOptionRules = {
    kExternalRule, FieldRule{"key", "", Relation::excludes, "ikey", "", "key is both"},
    FieldRule{"key", "", Relation::excludes, "okey", "", "key is both"},
    FieldRule{"seq", "true", Relation::excludes, "iseq", "false", "seq is both"},
    FieldRule{"csum", "true", Relation::excludes, "icsum", "false", "csum is both"}};

inline constexpr auto kGreRules =
    join(kEncapRules, kGreOptionRules,
         std::array{kTtlRule, FieldRule{"ignore_df", "true", Relation::needs, "pmtudisc", "false",
                                        "it is for tunnels that do not set the bit"}});

inline constexpr auto kIp6GreRules = join(kEncapRules, kGreOptionRules);

void complete_gre4(std::vector<FieldSetting>& settings);
void complete_gre6(std::vector<FieldSetting>& settings);

}  // namespace netyard::kinds
