// SPDX-License-Identifier: Apache-2.0
// What the tables of IP tunnels have in common.
#pragma once

#include <linux/if_tunnel.h>
#include <linux/ip6_tunnel.h>

#include <array>

#include "netlink/kinds/table.h"

namespace netyard::kinds {

inline constexpr Choice kInheritTtl[] = {{"inherit", 0}};

inline constexpr Choice kInheritTos[] = {{"inherit", 1}};

inline constexpr Choice kEncaps[] = {
    {"none", TUNNEL_ENCAP_NONE}, {"fou", TUNNEL_ENCAP_FOU}, {"gue", TUNNEL_ENCAP_GUE}};

// Words that are flags of their own for IPv6 outside.
inline constexpr std::uint64_t kNone = 256;
inline constexpr std::uint64_t kInheritFlow = 0x100000;

inline constexpr Choice kNoLimit[] = {{"none", kNone}};

inline constexpr Choice kInheritClass[] = {{"inherit", kInherit}};

inline constexpr Choice kInheritLabel[] = {{"inherit", kInheritFlow}};

/// An attribute of the kernel, which has families of them that mean the same for other tunnels.
struct Attribute {
  std::uint16_t number;
  const char* name;
};
/// "IFLA_GRE_" and "TTL" to the attribute.
#define NETYARD_OF(family, name) \
  Attribute {                    \
    family##name, #family #name  \
  }

constexpr Field of(Attribute attribute, Field field) {
  field.attribute = attribute.number;
  field.attribute_name = attribute.name;
  return field;
}

/// Takes an IPv6 address only.
constexpr Field of_ipv6(Attribute attribute, Field field) {
  field.attribute_name = "";
  field.attribute6 = attribute.number;
  field.attribute6_name = attribute.name;
  return field;
}

/// The parts of a table, one after the other.
template <class T, std::size_t... N>
constexpr auto join(const std::array<T, N>&... parts) {
  std::array<T, (N + ...)> out{};
  std::size_t at = 0;
  const auto add = [&](const auto& part) {
    for (const T& one : part) out[at++] = one;
  };
  (add(parts), ...);
  return out;
}

inline constexpr Field kLocal = {.key = "local",
                                 .syntax = Syntax::address,
                                 .wire = Wire::address,
                                 .help = "source address of the outer packets",
                                 .fallback = "the route's"};

inline constexpr Field kRemote = {.key = "remote",
                                  .syntax = Syntax::address,
                                  .wire = Wire::address,
                                  .help = "address of the other end",
                                  .fallback = "any"};

/// What of the outer IPv4 header can be said.
constexpr std::array<Field, 3> ipv4_fields(Attribute ttl, Attribute tos, Attribute pmtudisc,
                                           const char* usual_ttl = "inherit") {
  return {of(ttl, {.key = "ttl",
                   .syntax = Syntax::number,
                   .wire = Wire::u8,
                   .max = UINT8_MAX,
                   .help = "TTL of the outer packets",
                   .choices = kInheritTtl,
                   .fallback = usual_ttl}),
          of(tos, {.key = "tos",
                   .syntax = Syntax::number,
                   .wire = Wire::u8,
                   .max = UINT8_MAX,
                   .help = "TOS of the outer packets",
                   .choices = kInheritTos,
                   .fallback = "0"}),
          of(pmtudisc, {.key = "pmtudisc",
                        .syntax = Syntax::flag,
                        .wire = Wire::u8,
                        .help = "set the do-not-fragment bit and heed what comes back",
                        .fallback = "true"})};
}

/// How the words that are flags are read back: attributes of GRE and of others differ.
struct FlowReader {
  using Get = std::optional<FieldValue> (*)(const Attributes& attributes, const Field& field);
  Get limit;
  Get tclass;
  Get label;
};
std::optional<FieldValue> limit_of(const Attributes& attributes, const Field& field,
                                   std::uint16_t flags);
std::optional<FieldValue> tclass_of(const Attributes& attributes, const Field& field,
                                    std::uint16_t flags);
std::optional<FieldValue> label_of(const Attributes& attributes, const Field& field,
                                   std::uint16_t flags);
template <std::uint16_t flags>
inline constexpr FlowReader kFlowReader = {
    [](const Attributes& a, const Field& f) { return limit_of(a, f, flags); },
    [](const Attributes& a, const Field& f) { return tclass_of(a, f, flags); },
    [](const Attributes& a, const Field& f) { return label_of(a, f, flags); }};

/// What of the outer IPv6 header can be said: see complete_ip6().
constexpr std::array<Field, 5> ipv6_fields(Attribute ttl, Attribute limit, Attribute flow,
                                           Attribute flags, const FlowReader& reader) {
  return {of(ttl, {.key = "hoplimit",
                   .syntax = Syntax::number,
                   .wire = Wire::u8,
                   .max = UINT8_MAX,
                   .help = "hop limit of the outer packets",
                   .choices = kInheritTtl,
                   .fallback = "inherit"}),
          of(limit, {.key = "encaplimit",
                     .syntax = Syntax::number,
                     .wire = Wire::u8,
                     .max = UINT8_MAX,
                     .help = "how often packets may be put into tunnels again",
                     .choices = kNoLimit,
                     .fallback = "0",
                     .get = reader.limit}),
          of(flow, {.key = "tclass",
                    .syntax = Syntax::number,
                    .wire = Wire::be32,
                    .max = UINT8_MAX,
                    .help = "traffic class of the outer packets",
                    .choices = kInheritClass,
                    .fallback = "0",
                    .get = reader.tclass}),
          of(flow, {.key = "flowlabel",
                    .syntax = Syntax::number,
                    .wire = Wire::be32,
                    .max = 0xfffff,
                    .help = "flow label of the outer packets",
                    .choices = kInheritLabel,
                    .fallback = "0",
                    .get = reader.label}),
          of(flags, {.key = "dscp_copy",
                     .syntax = Syntax::flag,
                     .wire = Wire::u32,
                     .help = "copy the DSCP from the outer packet on arrival",
                     .fallback = "false",
                     .bit = IP6_TNL_F_RCV_DSCP_COPY})};
}

constexpr Field encap_flag(Attribute flags, const char* key, const char* help, std::uint64_t bit) {
  return of(flags, {.key = key,
                    .syntax = Syntax::flag,
                    .wire = Wire::u16,
                    .help = help,
                    .fallback = "false",
                    .bit = bit});
}

/// The UDP around a tunnel.
constexpr std::array<Field, 6> encap_fields(Attribute type, Attribute sport, Attribute dport,
                                            Attribute flags) {
  return {of(type, {.key = "encap",
                    .syntax = Syntax::choice,
                    .wire = Wire::u16,
                    .help = "put UDP around the tunnel (foo or generic over UDP)",
                    .choices = kEncaps,
                    .fallback = "none",
                    .option = "CONFIG_NET_FOU"}),
          of(sport, {.key = "encap_sport",
                     .syntax = Syntax::number,
                     .wire = Wire::be16,
                     .max = UINT16_MAX,
                     .help = "UDP source port of it; 0 is one a flow",
                     .fallback = "0"}),
          of(dport, {.key = "encap_dport",
                     .syntax = Syntax::number,
                     .wire = Wire::be16,
                     .min = 1,
                     .max = UINT16_MAX,
                     .help = "UDP destination port of it",
                     .fallback = "none"}),
          encap_flag(flags, "encap_csum", "checksum it over IPv4", TUNNEL_ENCAP_FLAG_CSUM),
          encap_flag(flags, "encap_csum6", "checksum it over IPv6", TUNNEL_ENCAP_FLAG_CSUM6),
          encap_flag(flags, "encap_remcsum", "remote checksum offload", TUNNEL_ENCAP_FLAG_REMCSUM)};
}

constexpr Field external_field(Attribute attribute) {
  return of(attribute, {.key = "external",
                        .syntax = Syntax::flag,
                        .wire = Wire::presence,
                        .help = "the ends come with each packet, by routes, tc or BPF",
                        .fallback = "false"});
}

constexpr Field fwmark_field(Attribute attribute) {
  return of(attribute, {.key = "fwmark",
                        .syntax = Syntax::number,
                        .wire = Wire::u32,
                        .max = UINT32_MAX,
                        .help = "mark of the outer packets",
                        .fallback = "0"});
}

inline constexpr std::array kEncapRules = {
    FieldRule{"encap_sport", "", Relation::needs, "encap", "fou|gue", "it is of encap"},
    FieldRule{"encap_csum", "true", Relation::needs, "encap", "fou|gue", "it is of encap"},
    FieldRule{"encap_csum6", "true", Relation::needs, "encap", "fou|gue", "it is of encap"},
    FieldRule{"encap_remcsum", "true", Relation::needs, "encap", "fou|gue", "it is of encap"},
    FieldRule{"encap_dport", "", Relation::needs, "encap", "fou|gue", "the port is of encap"},
    FieldRule{"encap", "fou|gue", Relation::needs, "encap_dport", "", "UDP needs a port to go to"}};

inline constexpr FieldRule kExternalRule = {
    "external", "true", Relation::excludes,
    "remote",   "",     "an external tunnel gets the other end with each packet"};

inline constexpr FieldRule kTtlRule = {
    "pmtudisc",         "false",
    Relation::excludes, "ttl",
    "!inherit",         "a TTL of its own needs path MTU discovery: loops would fragment for ever"};

/// For IPv6 outside: traffic class and flow label share an attribute, their words are flags.
void complete_ip6(std::vector<FieldSetting>& settings, const Field& flow, const Field& flags);

/// Adds to the settings what `key`, `seq` and `csum` stand for, and the flags that say that there
/// are keys.
void complete_gre(std::vector<FieldSetting>& settings);

}  // namespace netyard::kinds
