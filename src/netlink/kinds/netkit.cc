// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/table.h"

namespace netyard::kinds {
namespace {

// linux/if_link.h of Linux 6.7, which is younger than the headers we build with.
constexpr std::uint16_t IFLA_NETKIT_PEER_INFO = 1;
constexpr std::uint16_t IFLA_NETKIT_POLICY = 3;
constexpr std::uint16_t IFLA_NETKIT_PEER_POLICY = 4;
constexpr std::uint16_t IFLA_NETKIT_MODE = 5;

constexpr Choice kModes[] = {{"l2", 0}, {"l3", 1}};

constexpr Choice kPolicies[] = {{"forward", 0}, {"blackhole", 2}};

constexpr Field kFields[] = {
    {
        .key = "mode",
        NETYARD_ATTRIBUTE(IFLA_NETKIT_MODE),
        .syntax = Syntax::choice,
        .wire = Wire::u32,
        .help = "l2 has MAC addresses, l3 has none",
        .choices = kModes,
        .fallback = "l3",
    },
    {
        .key = "policy",
        NETYARD_ATTRIBUTE(IFLA_NETKIT_POLICY),
        .syntax = Syntax::choice,
        .wire = Wire::u32,
        .help = "what becomes of packets where no BPF program decides",
        .choices = kPolicies,
        .fallback = "forward",
    },
    {
        .key = "peer_policy",
        NETYARD_ATTRIBUTE(IFLA_NETKIT_PEER_POLICY),
        .syntax = Syntax::choice,
        .wire = Wire::u32,
        .help = "the same at the second end",
        .choices = kPolicies,
        .fallback = "forward",
    },
};

}  // namespace

// drivers/net/netkit.c
const LinkKind netkit = {
    .name = "netkit",
    .ordering = LinkClass::pair,
    .fields = kFields,
    .help = "two ends joined, for BPF programs in the way of packets",
    .kernel_option = "CONFIG_NETKIT",
    .peer_attribute = IFLA_NETKIT_PEER_INFO,
    .example = "{type: netkit, endpoints: [a:nk0, b:nk0], subnet: 10.0.0.0/24}",
    .own_mac = false,
};

}  // namespace netyard::kinds
