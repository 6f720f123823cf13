// SPDX-License-Identifier: Apache-2.0
#include <linux/if_bonding.h>

#include "netlink/attributes.h"
#include "netlink/kinds/table.h"
#include "netlink/message.h"

namespace netyard::kinds {
namespace {

void put_targets(Message& message, const Field& field, const FieldValue& value) {
  const std::size_t nest =
      message.open_nest(field.attribute != 0 ? field.attribute : field.attribute6);
  std::uint16_t index = 0;
  for (const auto& address : std::get<std::vector<IpAddress>>(value)) message.put(index++, address);
  message.close_nest(nest);
}

std::optional<FieldValue> get_targets(const Attributes& attributes, const Field& field) {
  const nlattr* nest = attributes.find(field.attribute != 0 ? field.attribute : field.attribute6);
  if (nest == nullptr) return {};
  std::vector<IpAddress> out;
  const Attributes targets(nest);
  for (const std::uint16_t index : targets.types()) {
    if (const auto address = targets.address(index)) out.push_back(*address);
  }
  return out.empty() ? std::nullopt : std::optional<FieldValue>(std::move(out));
}

constexpr Choice kModes[] = {
    {"balance-rr", BOND_MODE_ROUNDROBIN}, {"active-backup", BOND_MODE_ACTIVEBACKUP},
    {"balance-xor", BOND_MODE_XOR},       {"broadcast", BOND_MODE_BROADCAST},
    {"802.3ad", BOND_MODE_8023AD},        {"balance-tlb", BOND_MODE_TLB},
    {"balance-alb", BOND_MODE_ALB}};

constexpr Choice kValidate[] = {{"none", 0},         {"active", 1}, {"backup", 2},
                                {"all", 3},          {"filter", 4}, {"filter_active", 5},
                                {"filter_backup", 6}};

constexpr Choice kAnyAll[] = {{"any", 0}, {"all", 1}};

constexpr Choice kReselect[] = {{"always", 0}, {"better", 1}, {"failure", 2}};

constexpr Choice kFailOver[] = {{"none", 0}, {"active", 1}, {"follow", 2}};

constexpr Choice kHash[] = {
    {"layer2", BOND_XMIT_POLICY_LAYER2},    {"layer3+4", BOND_XMIT_POLICY_LAYER34},
    {"layer2+3", BOND_XMIT_POLICY_LAYER23}, {"encap2+3", BOND_XMIT_POLICY_ENCAP23},
    {"encap3+4", BOND_XMIT_POLICY_ENCAP34}, {"vlan+srcmac", BOND_XMIT_POLICY_VLAN_SRCMAC}};

constexpr Choice kRate[] = {{"slow", 0}, {"fast", 1}};

constexpr Choice kSelect[] = {{"stable", 0}, {"bandwidth", 1}, {"count", 2}};

constexpr Field kFields[] = {
    {
        .key = "mode",
        NETYARD_ATTRIBUTE(IFLA_BOND_MODE),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "how its ports share the traffic",
        .choices = kModes,
        .fallback = "balance-rr",
    },
    {
        .key = "miimon",
        NETYARD_ATTRIBUTE(IFLA_BOND_MIIMON),
        .syntax = Syntax::duration,
        .wire = Wire::u32,
        .min = 0 * kMillisecond,
        .max = std::uint64_t{2147483647} * kMillisecond,
        .help = "how often the carrier of ports is looked at; 0 is never",
        .scale = kMillisecond,
        .fallback = "0",
    },
    {
        .key = "updelay",
        NETYARD_ATTRIBUTE(IFLA_BOND_UPDELAY),
        .syntax = Syntax::duration,
        .wire = Wire::u32,
        .min = 0 * kMillisecond,
        .max = std::uint64_t{2147483647} * kMillisecond,
        .help = "wait before a port that came up is used",
        .scale = kMillisecond,
        .fallback = "0",
    },
    {
        .key = "downdelay",
        NETYARD_ATTRIBUTE(IFLA_BOND_DOWNDELAY),
        .syntax = Syntax::duration,
        .wire = Wire::u32,
        .min = 0 * kMillisecond,
        .max = std::uint64_t{2147483647} * kMillisecond,
        .help = "wait before a port that went down is left",
        .scale = kMillisecond,
        .fallback = "0",
    },
    {
        .key = "peer_notif_delay",
        NETYARD_ATTRIBUTE(IFLA_BOND_PEER_NOTIF_DELAY),
        .syntax = Syntax::duration,
        .wire = Wire::u32,
        .min = 0 * kMillisecond,
        .max = std::uint64_t{300000} * kMillisecond,
        .help = "time between announcements after a failover",
        .scale = kMillisecond,
        .fallback = "0",
    },
    {
        .key = "use_carrier",
        NETYARD_ATTRIBUTE(IFLA_BOND_USE_CARRIER),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "ask the driver for the carrier, not MII",
        .fallback = "true",
    },
    {
        .key = "arp_interval",
        NETYARD_ATTRIBUTE(IFLA_BOND_ARP_INTERVAL),
        .syntax = Syntax::duration,
        .wire = Wire::u32,
        .min = 0 * kMillisecond,
        .max = std::uint64_t{2147483647} * kMillisecond,
        .help = "how often arp_targets are asked; 0 is never",
        .scale = kMillisecond,
        .fallback = "0",
    },
    {
        .key = "arp_targets",
        NETYARD_ATTRIBUTE(IFLA_BOND_ARP_IP_TARGET),
        .syntax = Syntax::addresses,
        .wire = Wire::own,
        .help = "addresses that show that a port works",
        .fallback = "none",
        .put = put_targets,
        .get = get_targets,
    },
    {
        .key = "ns_targets",
        .attribute = 0,
        .attribute_name = "",
        .syntax = Syntax::addresses,
        .wire = Wire::own,
        .help = "the same by IPv6 neighbour discovery",
        NETYARD_ATTRIBUTE6(IFLA_BOND_NS_IP6_TARGET),
        .fallback = "none",
        .put = put_targets,
        .get = get_targets,
        .option = "Linux 5.18",
    },
    {
        .key = "arp_validate",
        NETYARD_ATTRIBUTE(IFLA_BOND_ARP_VALIDATE),
        .syntax = Syntax::choice,
        .wire = Wire::u32,
        .help = "which ports must see answers",
        .choices = kValidate,
        .fallback = "none",
    },
    {
        .key = "arp_all_targets",
        NETYARD_ATTRIBUTE(IFLA_BOND_ARP_ALL_TARGETS),
        .syntax = Syntax::choice,
        .wire = Wire::u32,
        .help = "how many targets must answer",
        .choices = kAnyAll,
        .fallback = "any",
    },
    {
        .key = "missed_max",
        NETYARD_ATTRIBUTE(IFLA_BOND_MISSED_MAX),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .min = 1,
        .max = UINT8_MAX,
        .help = "unanswered questions in a row that take a port out",
        .fallback = "2",
        .option = "Linux 5.17",
    },
    {
        .key = "primary",
        NETYARD_ATTRIBUTE(IFLA_BOND_PRIMARY),
        .syntax = Syntax::interface,
        .wire = Wire::u32,
        .min = 1,
        .max = 15,
        .help = "the port that is used while it works",
        .fallback = "none",
        .late = true,
    },
    {
        .key = "primary_reselect",
        NETYARD_ATTRIBUTE(IFLA_BOND_PRIMARY_RESELECT),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "when to go back to the primary",
        .choices = kReselect,
        .fallback = "always",
    },
    {
        .key = "fail_over_mac",
        NETYARD_ATTRIBUTE(IFLA_BOND_FAIL_OVER_MAC),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "whose MAC address it has",
        .choices = kFailOver,
        .fallback = "none",
    },
    {
        .key = "xmit_hash_policy",
        NETYARD_ATTRIBUTE(IFLA_BOND_XMIT_HASH_POLICY),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "what decides which port a packet goes by",
        .choices = kHash,
        .fallback = "layer2",
    },
    {
        .key = "lacp_rate",
        NETYARD_ATTRIBUTE(IFLA_BOND_AD_LACP_RATE),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "how often LACP asks to hear: every 30 or every second",
        .choices = kRate,
        .fallback = "slow",
    },
    {
        .key = "lacp_active",
        NETYARD_ATTRIBUTE(IFLA_BOND_AD_LACP_ACTIVE),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "begin to speak LACP",
        .fallback = "true",
        .option = "Linux 5.14",
    },
    {
        .key = "ad_select",
        NETYARD_ATTRIBUTE(IFLA_BOND_AD_SELECT),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "how the aggregator is chosen",
        .choices = kSelect,
        .fallback = "stable",
    },
    {
        .key = "ad_actor_sys_prio",
        NETYARD_ATTRIBUTE(IFLA_BOND_AD_ACTOR_SYS_PRIO),
        .syntax = Syntax::number,
        .wire = Wire::u16,
        .min = 1,
        .max = UINT16_MAX,
        .help = "LACP priority of this system",
        .fallback = "65535",
    },
    {
        .key = "ad_actor_system",
        NETYARD_ATTRIBUTE(IFLA_BOND_AD_ACTOR_SYSTEM),
        .syntax = Syntax::mac,
        .wire = Wire::mac,
        .help = "LACP address of this system",
        .fallback = "the bond's",
    },
    {
        .key = "ad_user_port_key",
        NETYARD_ATTRIBUTE(IFLA_BOND_AD_USER_PORT_KEY),
        .syntax = Syntax::number,
        .wire = Wire::u16,
        .min = 0,
        .max = 1023,
        .help = "LACP upper bits of the port key",
        .fallback = "0",
    },
    {
        .key = "min_links",
        NETYARD_ATTRIBUTE(IFLA_BOND_MIN_LINKS),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = 2147483647,
        .help = "ports that must be up for it to be up",
        .fallback = "0",
    },
    {
        .key = "all_slaves_active",
        NETYARD_ATTRIBUTE(IFLA_BOND_ALL_SLAVES_ACTIVE),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "take frames that come in by idle ports",
        .fallback = "false",
    },
    {
        .key = "resend_igmp",
        NETYARD_ATTRIBUTE(IFLA_BOND_RESEND_IGMP),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = UINT8_MAX,
        .help = "membership reports after a failover",
        .fallback = "1",
    },
    {
        .key = "num_peer_notif",
        NETYARD_ATTRIBUTE(IFLA_BOND_NUM_PEER_NOTIF),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .min = 0,
        .max = UINT8_MAX,
        .help = "announcements after a failover",
        .fallback = "1",
    },
    {
        .key = "lp_interval",
        NETYARD_ATTRIBUTE(IFLA_BOND_LP_INTERVAL),
        .syntax = Syntax::duration,
        .wire = Wire::u32,
        .min = 1 * kSecond,
        .max = std::uint64_t{2147483647} * kSecond,
        .help = "balance-tlb, balance-alb: time between learning packets",
        .scale = kSecond,
        .fallback = "1s",
    },
    {
        .key = "packets_per_slave",
        NETYARD_ATTRIBUTE(IFLA_BOND_PACKETS_PER_SLAVE),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = UINT16_MAX,
        .help = "balance-rr: packets before the next port; 0 is random",
        .fallback = "1",
    },
    {
        .key = "tlb_dynamic_lb",
        NETYARD_ATTRIBUTE(IFLA_BOND_TLB_DYNAMIC_LB),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "balance-tlb: by load, else by hash",
        .fallback = "true",
    },
};

constexpr Field kPortFields[] = {
    {
        .key = "queue_id",
        NETYARD_ATTRIBUTE(IFLA_BOND_SLAVE_QUEUE_ID),
        .syntax = Syntax::number,
        .wire = Wire::u16,
        .min = 0,
        .max = UINT16_MAX,
        .help = "queue of the bond that always goes by this port",
        .fallback = "0",
    },
    {
        .key = "prio",
        NETYARD_ATTRIBUTE(IFLA_BOND_SLAVE_PRIO),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = 2147483647,
        .help = "the working port with the highest is used",
        .fallback = "0",
        .option = "Linux 6.0",
    },
};

constexpr FieldRule kRules[] = {
    {"peer_notif_delay", "!0ns", Relation::needs, "miimon", "!0ns",
     "delays count in intervals of miimon"},
    {"updelay", "", Relation::needs, "miimon", "!0ns", "delays count in intervals of miimon"},
    {"downdelay", "", Relation::needs, "miimon", "!0ns", "delays count in intervals of miimon"},
    {"arp_interval", "!0ns", Relation::excludes, "miimon", "!0ns",
     "a bond watches its ports by ARP or by carrier"},
    {"arp_interval", "!0ns", Relation::excludes, "mode", "802.3ad|balance-tlb|balance-alb",
     "this mode needs miimon"},
    {"arp_targets", "", Relation::needs, "arp_interval", "",
     "targets are asked every arp_interval"},
    {"primary", "", Relation::needs, "mode", "active-backup|balance-tlb|balance-alb",
     "only modes with one active port have a primary"},
    {"lacp_rate", "", Relation::needs, "mode", "802.3ad", "LACP is of mode 802.3ad"},
    {"ad_select", "", Relation::needs, "mode", "802.3ad", "aggregators are of mode 802.3ad"},
    {"lacp_active", "", Relation::needs, "mode", "802.3ad", "LACP is of mode 802.3ad"},
    {"ad_actor_sys_prio", "", Relation::needs, "mode", "802.3ad", "LACP is of mode 802.3ad"},
    {"ad_actor_system", "", Relation::needs, "mode", "802.3ad", "LACP is of mode 802.3ad"},
    {"ad_user_port_key", "", Relation::needs, "mode", "802.3ad", "LACP is of mode 802.3ad"},
    {"xmit_hash_policy", "vlan+srcmac", Relation::excludes, "mode", "802.3ad",
     "this mode cannot hash by VLAN and source"},
    {"packets_per_slave", "", Relation::excludes, "mode", "!balance-rr", "it is of balance-rr"},
    {"tlb_dynamic_lb", "", Relation::needs, "mode", "balance-tlb|balance-alb",
     "it is of balance-tlb"},
};

}  // namespace

// drivers/net/bonding/bond_netlink.c
const LinkKind bond = {
    .name = "bond",
    .ordering = LinkClass::standalone,
    .fields = kFields,
    .help = "several links as one, for more speed or if one fails",
    .kernel_option = "CONFIG_BONDING",
    .example = "{type: bond, endpoint: a:bond0, mode: active-backup, miimon: 100ms}",
    .rules = kRules,
    .port_fields = kPortFields,
    .takes_ports = true,
};

}  // namespace netyard::kinds
