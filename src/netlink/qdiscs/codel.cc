// SPDX-License-Identifier: Apache-2.0
#include <linux/pkt_sched.h>

#include "netlink/qdiscs/options.h"
#include "netlink/qdiscs/qdiscs.h"

namespace netyard::qdiscs {
namespace {

constexpr std::uint64_t kMinute = 60'000'000'000;  // ns

constexpr Field kFields[] = {
    {.key = "limit",
     .attribute = TCA_CODEL_LIMIT,
     .attribute_name = "TCA_CODEL_LIMIT",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .min = 1,
     .help = "packets",
     .fallback = "1000"},
    {.key = "target",
     .attribute = TCA_CODEL_TARGET,
     .attribute_name = "TCA_CODEL_TARGET",
     .syntax = Syntax::duration,
     .wire = Wire::u32,
     .max = kMinute,
     .help = "how long packets may wait",
     .scale = 1000,
     .fallback = "5ms"},
    {.key = "interval",
     .attribute = TCA_CODEL_INTERVAL,
     .attribute_name = "TCA_CODEL_INTERVAL",
     .syntax = Syntax::duration,
     .wire = Wire::u32,
     .max = kMinute,
     .help = "before it drops",
     .scale = 1000,
     .fallback = "100ms"},
    {.key = "ecn",
     .attribute = TCA_CODEL_ECN,
     .attribute_name = "TCA_CODEL_ECN",
     .syntax = Syntax::flag,
     .wire = Wire::u32,
     .help = "mark rather than drop",
     .fallback = "false"},
    {.key = "ce_threshold",
     .attribute = TCA_CODEL_CE_THRESHOLD,
     .attribute_name = "TCA_CODEL_CE_THRESHOLD",
     .syntax = Syntax::duration,
     .wire = Wire::u32,
     .max = kMinute,
     .help = "mark all that waited longer",
     .scale = 1000,
     .fallback = "off"},
};

void decode(const nlattr* options, Settings& out) {
  decode_attributes(Nested(options), kFields, out);
}

}  // namespace

// net/sched/sch_codel.c
const QdiscKind codel = {.name = "codel",
                         .help = "one queue, kept short (RFC 8289)",
                         .kernel_option = "CONFIG_NET_SCH_CODEL",
                         .fields = kFields,
                         .options = {encode_attributes, decode}};

}  // namespace netyard::qdiscs
