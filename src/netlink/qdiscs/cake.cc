// SPDX-License-Identifier: Apache-2.0
#include <linux/pkt_sched.h>

#include "netlink/qdiscs/options.h"
#include "netlink/qdiscs/qdiscs.h"

namespace netyard::qdiscs {
namespace {

constexpr std::uint64_t kMinute = 60'000'000'000;  // ns

constexpr Choice kDiffserv[] = {
    {"diffserv3", 0}, {"diffserv4", 1}, {"diffserv8", 2}, {"besteffort", 3}, {"precedence", 4}};
constexpr Choice kFlows[] = {{"flowblind", 0},    {"srchost", 1},       {"dsthost", 2},
                             {"hosts", 3},        {"flows", 4},         {"dual-srchost", 5},
                             {"dual-dsthost", 6}, {"triple-isolate", 7}};
constexpr Choice kLinkLayer[] = {{"noatm", 0}, {"atm", 1}, {"ptm", 2}};
constexpr Choice kAckFilter[] = {
    {"no-ack-filter", 0}, {"ack-filter", 1}, {"ack-filter-aggressive", 2}};
constexpr std::uint64_t kMostRate = 8'000'000'000'000;  // bit/s

constexpr Field kFields[] = {
    {.key = "bandwidth",
     .attribute = TCA_CAKE_BASE_RATE64,
     .attribute_name = "TCA_CAKE_BASE_RATE64",
     .syntax = Syntax::rate,
     .wire = Wire::u64,
     .min = 8,
     .max = kMostRate,
     .help = "the rate to shape to",
     .scale = 8,
     .fallback = "unlimited"},
    {.key = "rtt",
     .attribute = TCA_CAKE_RTT,
     .attribute_name = "TCA_CAKE_RTT",
     .syntax = Syntax::duration,
     .wire = Wire::u32,
     .max = kMinute,
     .help = "the typical round-trip time",
     .scale = 1000,
     .fallback = "100ms"},
    {.key = "diffserv",
     .attribute = TCA_CAKE_DIFFSERV_MODE,
     .attribute_name = "TCA_CAKE_DIFFSERV_MODE",
     .syntax = Syntax::choice,
     .wire = Wire::u32,
     .help = "how DSCP makes tins",
     .choices = kDiffserv,
     .fallback = "diffserv3"},
    {.key = "flows",
     .attribute = TCA_CAKE_FLOW_MODE,
     .attribute_name = "TCA_CAKE_FLOW_MODE",
     .syntax = Syntax::choice,
     .wire = Wire::u32,
     .help = "what it is fair between",
     .choices = kFlows,
     .fallback = "triple-isolate"},
    {.key = "nat",
     .attribute = TCA_CAKE_NAT,
     .attribute_name = "TCA_CAKE_NAT",
     .syntax = Syntax::flag,
     .wire = Wire::u32,
     .help = "look behind NAT for hosts",
     .fallback = "false"},
    {.key = "wash",
     .attribute = TCA_CAKE_WASH,
     .attribute_name = "TCA_CAKE_WASH",
     .syntax = Syntax::flag,
     .wire = Wire::u32,
     .help = "clear DSCP",
     .fallback = "false"},
    {.key = "ingress",
     .attribute = TCA_CAKE_INGRESS,
     .attribute_name = "TCA_CAKE_INGRESS",
     .syntax = Syntax::flag,
     .wire = Wire::u32,
     .help = "it stands behind the bottleneck",
     .fallback = "false"},
    {.key = "ack_filter",
     .attribute = TCA_CAKE_ACK_FILTER,
     .attribute_name = "TCA_CAKE_ACK_FILTER",
     .syntax = Syntax::choice,
     .wire = Wire::u32,
     .help = "drop superseded ACKs",
     .choices = kAckFilter,
     .fallback = "no-ack-filter"},
    {.key = "split_gso",
     .attribute = TCA_CAKE_SPLIT_GSO,
     .attribute_name = "TCA_CAKE_SPLIT_GSO",
     .syntax = Syntax::flag,
     .wire = Wire::u32,
     .help = "split large segments",
     .fallback = "true"},
    {.key = "autorate_ingress",
     .attribute = TCA_CAKE_AUTORATE,
     .attribute_name = "TCA_CAKE_AUTORATE",
     .syntax = Syntax::flag,
     .wire = Wire::u32,
     .help = "find the rate from what comes in",
     .fallback = "false"},
    {.key = "overhead",
     .attribute = TCA_CAKE_OVERHEAD,
     .attribute_name = "TCA_CAKE_OVERHEAD",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .max = 256,
     .help = "bytes of framing added to each packet",
     .fallback = "0"},
    {.key = "mpu",
     .attribute = TCA_CAKE_MPU,
     .attribute_name = "TCA_CAKE_MPU",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .max = 256,
     .help = "fewest bytes that a packet counts",
     .fallback = "0"},
    {.key = "link_layer",
     .attribute = TCA_CAKE_ATM,
     .attribute_name = "TCA_CAKE_ATM",
     .syntax = Syntax::choice,
     .wire = Wire::u32,
     .help = "cells that packets are cut into",
     .choices = kLinkLayer,
     .fallback = "noatm"},
    {.key = "memlimit",
     .attribute = TCA_CAKE_MEMORY,
     .attribute_name = "TCA_CAKE_MEMORY",
     .syntax = Syntax::size,
     .wire = Wire::u32,
     .max = 1 << 30,
     .help = "bytes of all packets",
     .fallback = "4 times rate x rtt"},
    {.key = "fwmark",
     .attribute = TCA_CAKE_FWMARK,
     .attribute_name = "TCA_CAKE_FWMARK",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .help = "mask of the mark that chooses the tin",
     .fallback = "0"},
};

void decode(const nlattr* options, Settings& out) {
  decode_attributes(Nested(options), kFields, out);
}

}  // namespace

// net/sched/sch_cake.c
const QdiscKind cake = {.name = "cake",
                        .help = "shaper with fair queueing for home routers",
                        .kernel_option = "CONFIG_NET_SCH_CAKE",
                        .fields = kFields,
                        .options = {encode_attributes, decode}};

}  // namespace netyard::qdiscs
