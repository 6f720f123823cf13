// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/attributes.h"
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

std::optional<FieldValue> prefix_of(const Attributes& attributes, std::uint16_t address,
                                    std::uint16_t length) {
  const auto ip = attributes.address(address);
  const nlattr* bits = attributes.find(length);
  if (!ip || bits == nullptr) return {};
  return IpPrefix{*ip, static_cast<std::uint8_t>(payload<std::uint16_t>(bits))};
}

std::optional<FieldValue> get_6rd(const Attributes& attributes, const Field& field) {
  return prefix_of(attributes, field.attribute, IFLA_IPTUN_6RD_PREFIXLEN);
}

std::optional<FieldValue> get_relay(const Attributes& attributes, const Field& field) {
  return prefix_of(attributes, field.attribute, IFLA_IPTUN_6RD_RELAY_PREFIXLEN);
}

constexpr Choice kModes[] = {
    {"ip6ip", IPPROTO_IPV6}, {"ipip", IPPROTO_IPIP}, {"mplsip", IPPROTO_MPLS}, {"any", 0}};

constexpr std::array kOwn = {Field{
                                 .key = "mode",
                                 NETYARD_ATTRIBUTE(IFLA_IPTUN_PROTO),
                                 .syntax = Syntax::choice,
                                 .wire = Wire::u8,
                                 .help = "what it carries",
                                 .choices = kModes,
                                 .fallback = "ip6ip",
                             },
                             Field{
                                 .key = "isatap",
                                 NETYARD_ATTRIBUTE(IFLA_IPTUN_FLAGS),
                                 .syntax = Syntax::flag,
                                 .wire = Wire::u16,
                                 .help = "intra-site automatic tunnel addressing",
                                 .fallback = "false",
                                 .bit = SIT_ISATAP,
                             },
                             Field{
                                 .key = "6rd_prefix",
                                 NETYARD_ATTRIBUTE(IFLA_IPTUN_6RD_PREFIX),
                                 .syntax = Syntax::prefix,
                                 .wire = Wire::own,
                                 .help = "IPv6 prefix of the 6rd domain",
                                 NETYARD_ATTRIBUTE6(IFLA_IPTUN_6RD_PREFIX),
                                 .fallback = "2002::/16",
                                 .put = put_6rd,
                                 .get = get_6rd,
                                 .option = "CONFIG_IPV6_SIT_6RD",
                             },
                             Field{
                                 .key = "6rd_relay_prefix",
                                 NETYARD_ATTRIBUTE(IFLA_IPTUN_6RD_RELAY_PREFIX),
                                 .syntax = Syntax::prefix,
                                 .wire = Wire::own,
                                 .help = "IPv4 prefix of the 6rd domain",
                                 .fallback = "0.0.0.0/0",
                                 .put = put_relay,
                                 .get = get_relay,
                                 .option = "CONFIG_IPV6_SIT_6RD",
                             }};

constexpr auto kFields =
    join(std::array{of(NETYARD_OF(IFLA_IPTUN_, LOCAL), kLocal),
                    of(NETYARD_OF(IFLA_IPTUN_, REMOTE), kRemote)},
         ipv4_fields(NETYARD_OF(IFLA_IPTUN_, TTL), NETYARD_OF(IFLA_IPTUN_, TOS),
                     NETYARD_OF(IFLA_IPTUN_, PMTUDISC), "64"),
         kOwn,
         encap_fields(NETYARD_OF(IFLA_IPTUN_, ENCAP_TYPE), NETYARD_OF(IFLA_IPTUN_, ENCAP_SPORT),
                      NETYARD_OF(IFLA_IPTUN_, ENCAP_DPORT), NETYARD_OF(IFLA_IPTUN_, ENCAP_FLAGS)),
         std::array{fwmark_field(NETYARD_OF(IFLA_IPTUN_, FWMARK))});

constexpr std::array kOwnRules = {
    kTtlRule,
    FieldRule{"6rd_relay_prefix", "", Relation::needs, "6rd_prefix", "",
              "the domain is an IPv6 prefix first"},
    FieldRule{"isatap", "true", Relation::excludes, "mode", "!ip6ip", "ISATAP is IPv6 over IPv4"}};

constexpr auto kRules = join(kEncapRules, kOwnRules);

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
