// SPDX-License-Identifier: Apache-2.0
#include <linux/if_ether.h>
#include <linux/if_vlan.h>

#include <algorithm>

#include "netlink/attributes.h"
#include "netlink/kinds/table.h"
#include "netlink/message.h"

namespace netyard::kinds {
namespace {

constexpr Choice kProtocols[] = {{"802.1q", ETH_P_8021Q}, {"802.1ad", ETH_P_8021AD}};

void put_map(Message& message, const Field& field, const FieldValue& value) {
  const std::size_t nest = message.open_nest(field.attribute);
  for (const auto& [from, to] : std::get<std::vector<NumberPair>>(value)) {
    const ifla_vlan_qos_mapping mapping{from, to};
    message.put_bytes(IFLA_VLAN_QOS_MAPPING, &mapping, sizeof mapping);
  }
  message.close_nest(nest);
}

// The kernel keeps one way sorted, the other in the order of a hash.
std::optional<FieldValue> get_map(const Attributes& attributes, const Field& field) {
  const nlattr* nest = attributes.find(field.attribute);
  if (nest == nullptr) return {};
  std::vector<NumberPair> out;
  for (const nlattr* one : Attributes(nest).all()) {
    const auto mapping = payload<ifla_vlan_qos_mapping>(one);
    out.push_back({mapping.from, mapping.to});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out.empty() ? std::nullopt : std::optional<FieldValue>(std::move(out));
}

constexpr Field kFields[] = {
    {
        .key = "id",
        NETYARD_ATTRIBUTE(IFLA_VLAN_ID),
        .syntax = Syntax::number,
        .wire = Wire::u16,
        .min = 1,
        .max = 4094,
        .required = true,
        .help = "VLAN that it sends and takes",
    },
    {
        .key = "protocol",
        NETYARD_ATTRIBUTE(IFLA_VLAN_PROTOCOL),
        .syntax = Syntax::choice,
        .wire = Wire::be16,
        .help = "kind of tag; 802.1ad is the outer one of Q-in-Q",
        .choices = kProtocols,
        .fallback = "802.1q",
    },
    {
        .key = "reorder_hdr",
        NETYARD_ATTRIBUTE(IFLA_VLAN_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::flags_and_mask,
        .help = "show packets without their tag",
        .fallback = "true",
        .bit = VLAN_FLAG_REORDER_HDR,
    },
    {
        .key = "gvrp",
        NETYARD_ATTRIBUTE(IFLA_VLAN_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::flags_and_mask,
        .help = "announce the VLAN by GVRP",
        .fallback = "false",
        .bit = VLAN_FLAG_GVRP,
        .option = "CONFIG_VLAN_8021Q_GVRP",
    },
    {
        .key = "mvrp",
        NETYARD_ATTRIBUTE(IFLA_VLAN_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::flags_and_mask,
        .help = "announce the VLAN by MVRP",
        .fallback = "false",
        .bit = VLAN_FLAG_MVRP,
        .option = "CONFIG_VLAN_8021Q_MVRP",
    },
    {
        .key = "loose_binding",
        NETYARD_ATTRIBUTE(IFLA_VLAN_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::flags_and_mask,
        .help = "stay up when the parent goes down",
        .fallback = "false",
        .bit = VLAN_FLAG_LOOSE_BINDING,
    },
    {
        .key = "bridge_binding",
        NETYARD_ATTRIBUTE(IFLA_VLAN_FLAGS),
        .syntax = Syntax::flag,
        .wire = Wire::flags_and_mask,
        .help = "over a bridge: up while a port with the VLAN is",
        .fallback = "false",
        .bit = VLAN_FLAG_BRIDGE_BINDING,
    },
    {
        .key = "ingress_qos_map",
        NETYARD_ATTRIBUTE(IFLA_VLAN_INGRESS_QOS),
        .syntax = Syntax::pairs,
        .wire = Wire::own,
        .max = UINT32_MAX,
        .help = "priority of the tag to priority of the packet",
        .fallback = "all to 0",
        .put = put_map,
        .get = get_map,
    },
    {
        .key = "egress_qos_map",
        NETYARD_ATTRIBUTE(IFLA_VLAN_EGRESS_QOS),
        .syntax = Syntax::pairs,
        .wire = Wire::own,
        .max = UINT32_MAX,
        .help = "priority of the packet to priority of the tag, 0 to 7",
        .fallback = "all to 0",
        .put = put_map,
        .get = get_map,
    },
};

}  // namespace

// net/8021q/vlan_netlink.c
const LinkKind vlan = {
    .name = "vlan",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "one VLAN of another link, with its tag added and removed",
    .kernel_option = "CONFIG_VLAN_8021Q",
    .parent_required = true,
    .example = "{type: vlan, endpoint: a:eth0.10, parent: eth0, id: 10, ipv4: 10.10.0.1/24}",
    .own_mac = false,
};

}  // namespace netyard::kinds
