// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include "netlink/kinds/ttl.h"
#include "netlink/message.h"

namespace netyard::kinds {
namespace {

constexpr Choice kInheritTtl[] = {{"inherit", kInherit}};

constexpr Choice kInheritTos[] = {{"inherit", 1}};

constexpr Choice kDf[] = {
    {"unset", VXLAN_DF_UNSET}, {"set", VXLAN_DF_SET}, {"inherit", VXLAN_DF_INHERIT}};

void put_ports(Message& message, const Field& field, const FieldValue& value) {
  const auto& [low, high] = std::get<NumberPair>(value);
  const ifla_vxlan_port_range range{htons(static_cast<std::uint16_t>(low)),
                                    htons(static_cast<std::uint16_t>(high))};
  message.put_bytes(field.attribute, &range, sizeof range);
}

std::optional<FieldValue> get_ports(const Attributes& attributes, const Field& field) {
  const nlattr* attribute = attributes.find(field.attribute);
  if (attribute == nullptr) return {};
  const auto range = payload<ifla_vxlan_port_range>(attribute);
  const NumberPair out{ntohs(range.low), ntohs(range.high)};
  // 0-0 is the local port range.
  return out.first >= field.min ? std::optional<FieldValue>(out) : std::nullopt;
}

// Two keys of a file for one attribute.
std::optional<FieldValue> far_end(const Attributes& attributes, const Field& field, bool group) {
  auto address = attributes.address(field.attribute);
  if (!address) address = attributes.address(field.attribute6);
  return address && address->is_multicast() == group ? std::optional<FieldValue>(*address)
                                                     : std::nullopt;
}
std::optional<FieldValue> get_remote(const Attributes& attributes, const Field& field) {
  return far_end(attributes, field, false);
}
std::optional<FieldValue> get_group(const Attributes& attributes, const Field& field) {
  return far_end(attributes, field, true);
}

std::optional<FieldValue> get_ttl(const Attributes& attributes, const Field& field) {
  return ttl_of(attributes, field, IFLA_VXLAN_TTL_INHERIT, true);
}

constexpr Field kFields[] = {
    {
        .key = "vni",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_ID),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = 16777215,
        .required = true,
        .help = "VXLAN network identifier",
        .unless = "external",
    },
    {
        .key = "remote",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_GROUP),
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "address that frames to unknown destinations go to",
        NETYARD_ATTRIBUTE6(IFLA_VXLAN_GROUP6),
        .fallback = "none: fdb says",
        .get = get_remote,
    },
    {
        .key = "group",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_GROUP),
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "multicast group instead of remote; needs parent",
        NETYARD_ATTRIBUTE6(IFLA_VXLAN_GROUP6),
        .fallback = "none",
        .get = get_group,
    },
    {
        .key = "local",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_LOCAL),
        .syntax = Syntax::address,
        .wire = Wire::address,
        .help = "source address of the outer packets",
        NETYARD_ATTRIBUTE6(IFLA_VXLAN_LOCAL6),
        .fallback = "the route's",
    },
    {
        .key = "dstport",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_PORT),
        .syntax = Syntax::number,
        .wire = Wire::be16,
        .min = 1,
        .max = UINT16_MAX,
        .help = "UDP port; IANA's is 4789",
        .fallback = "8472",
    },
    {
        .key = "srcport",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_PORT_RANGE),
        .syntax = Syntax::range,
        .wire = Wire::own,
        .min = 1,
        .max = UINT16_MAX,
        .help = "UDP source ports, one a flow",
        .fallback = "the local port range",
        .put = put_ports,
        .get = get_ports,
    },
    {
        .key = "tos",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_TOS),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .max = UINT8_MAX,
        .help = "TOS of the outer packets",
        .choices = kInheritTos,
        .fallback = "0",
    },
    {
        .key = "ttl",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_TTL),
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
        NETYARD_ATTRIBUTE(IFLA_VXLAN_DF),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "do-not-fragment bit of the outer IPv4 packets",
        .choices = kDf,
        .fallback = "unset",
    },
    {
        .key = "flowlabel",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_LABEL),
        .syntax = Syntax::number,
        .wire = Wire::be32,
        .min = 0,
        .max = 0xfffff,
        .help = "flow label of outer IPv6 packets",
        .fallback = "0",
    },
    {
        .key = "udp_csum",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_UDP_CSUM),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "checksum the outer UDP over IPv4",
        .fallback = "true",
    },
    {
        .key = "udp_zero_csum6_tx",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_UDP_ZERO_CSUM6_TX),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "send the outer UDP over IPv6 without checksum",
        .fallback = "false",
    },
    {
        .key = "udp_zero_csum6_rx",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_UDP_ZERO_CSUM6_RX),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "accept the outer UDP over IPv6 without checksum",
        .fallback = "false",
    },
    {
        .key = "learning",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_LEARNING),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "learn where MAC addresses are from what comes in",
        .fallback = "true",
    },
    {
        .key = "ageing",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_AGEING),
        .syntax = Syntax::duration,
        .wire = Wire::u32,
        .min = 0 * kSecond,
        .max = std::uint64_t{UINT32_MAX} * kSecond,
        .help = "time before a learned address is forgotten",
        .scale = kSecond,
        .fallback = "300s",
    },
    {
        .key = "limit",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_LIMIT),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = UINT32_MAX,
        .help = "most learned addresses; 0 is no limit",
        .fallback = "0",
    },
    {
        .key = "proxy",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_PROXY),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "answer ARP and neighbour discovery from the table",
        .fallback = "false",
    },
    {
        .key = "rsc",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_RSC),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "route short circuit",
        .fallback = "false",
    },
    {
        .key = "l2miss",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_L2MISS),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "tell user space of unknown MAC addresses",
        .fallback = "false",
    },
    {
        .key = "l3miss",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_L3MISS),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "tell user space of unknown IP addresses",
        .fallback = "false",
    },
    {
        .key = "remcsum_tx",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_REMCSUM_TX),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "remote checksum offload, sending",
        .fallback = "false",
    },
    {
        .key = "remcsum_rx",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_REMCSUM_RX),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "remote checksum offload, receiving",
        .fallback = "false",
    },
    {
        .key = "gbp",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_GBP),
        .syntax = Syntax::flag,
        .wire = Wire::presence,
        .help = "carry the packet mark as group policy",
        .fallback = "false",
    },
    {
        .key = "gpe",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_GPE),
        .syntax = Syntax::flag,
        .wire = Wire::presence,
        .help = "generic protocol extension: IP without Ethernet too",
        .fallback = "false",
    },
    {
        .key = "external",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_COLLECT_METADATA),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "the ends come with each packet, by routes, tc or BPF",
        .fallback = "false",
    },
    {
        .key = "vnifilter",
        NETYARD_ATTRIBUTE(IFLA_VXLAN_VNIFILTER),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "with external: take only VNIs that were added",
        .fallback = "false",
        .option = "Linux 5.18",
    },
};

constexpr Field kTtlInherit = {.key = "ttl",
                               NETYARD_ATTRIBUTE(IFLA_VXLAN_TTL_INHERIT),
                               .syntax = Syntax::flag,
                               .wire = Wire::presence};

void complete(std::vector<FieldSetting>& settings) {
  for (auto& setting : settings) {
    const bool inherit =
        std::string_view(setting.field->key) == "ttl" && setting.value == FieldValue(kInherit);
    if (inherit) setting = {&kTtlInherit, std::uint64_t{1}};
  }
}

constexpr FieldRule kRules[] = {
    {"gpe", "true", Relation::needs, "external", "true",
     "without Ethernet there is no fixed other end"},
    {"gpe", "true", Relation::needs, "learning", "false",
     "without Ethernet there is nothing to learn"},
    {"local", "", Relation::same_family, "remote", "", "both ends of a tunnel are of one family"},
    {"local", "", Relation::same_family, "group", "", "both ends of a tunnel are of one family"},
    {"remote", "", Relation::excludes, "group", "",
     "a group stands in place of the remote address"},
    {"external", "true", Relation::excludes, "vni", "",
     "an external tunnel gets the VNI with each packet"},
    {"external", "true", Relation::excludes, "remote", "",
     "an external tunnel gets the other end with each packet"},
    {"vnifilter", "true", Relation::needs, "external", "true", "vnifilter is of external tunnels"},
    {"gpe", "true", Relation::excludes, "gbp", "true", "a header is of one extension"},
    {"ageing", "", Relation::excludes, "learning", "false", "nothing is learned"},
};

}  // namespace

// drivers/net/vxlan/vxlan_core.c
const LinkKind vxlan = {
    .name = "vxlan",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "layer 2 over UDP (RFC 7348)",
    .kernel_option = "CONFIG_VXLAN",
    .parent_attribute = IFLA_VXLAN_LINK,
    .example =
        "{type: vxlan, endpoint: a:vx0, vni: 100, remote: 10.0.0.2, dstport: 4789, ipv4: "
        "10.9.0.1/24}",
    .rules = kRules,
    .overhead = 50,
    .overhead_words = "14 Ethernet, 8 VXLAN, 8 UDP, 20 IPv4",
    .complete = complete,
};

}  // namespace netyard::kinds
