// SPDX-License-Identifier: Apache-2.0
#include <linux/pkt_sched.h>

#include "netlink/qdiscs/options.h"
#include "netlink/qdiscs/qdiscs.h"

namespace netyard::qdiscs {
namespace {

constexpr std::uint64_t kMinute = 60'000'000'000;  // ns

constexpr Field kFields[] = {
    {.key = "limit",
     .attribute = TCA_FQ_CODEL_LIMIT,
     .attribute_name = "TCA_FQ_CODEL_LIMIT",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .min = 1,
     .help = "packets",
     .fallback = "10240"},
    {.key = "target",
     .attribute = TCA_FQ_CODEL_TARGET,
     .attribute_name = "TCA_FQ_CODEL_TARGET",
     .syntax = Syntax::duration,
     .wire = Wire::u32,
     .max = kMinute,
     .help = "how long packets may wait",
     .scale = 1000,
     .fallback = "5ms"},
    {.key = "interval",
     .attribute = TCA_FQ_CODEL_INTERVAL,
     .attribute_name = "TCA_FQ_CODEL_INTERVAL",
     .syntax = Syntax::duration,
     .wire = Wire::u32,
     .max = kMinute,
     .help = "before it drops",
     .scale = 1000,
     .fallback = "100ms"},
    {.key = "flows",
     .attribute = TCA_FQ_CODEL_FLOWS,
     .attribute_name = "TCA_FQ_CODEL_FLOWS",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .min = 1,
     .max = 65536,
     .help = "queues that flows are spread over",
     .fallback = "1024"},
    {.key = "quantum",
     .attribute = TCA_FQ_CODEL_QUANTUM,
     .attribute_name = "TCA_FQ_CODEL_QUANTUM",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .min = 256,
     .max = 1048576,
     .help = "bytes of a flow in a turn",
     .fallback = "a packet"},
    {.key = "ecn",
     .attribute = TCA_FQ_CODEL_ECN,
     .attribute_name = "TCA_FQ_CODEL_ECN",
     .syntax = Syntax::flag,
     .wire = Wire::u32,
     .help = "mark rather than drop",
     .fallback = "true"},
    {.key = "ce_threshold",
     .attribute = TCA_FQ_CODEL_CE_THRESHOLD,
     .attribute_name = "TCA_FQ_CODEL_CE_THRESHOLD",
     .syntax = Syntax::duration,
     .wire = Wire::u32,
     .max = kMinute,
     .help = "mark all that waited longer",
     .scale = 1000,
     .fallback = "off"},
    {.key = "memory_limit",
     .attribute = TCA_FQ_CODEL_MEMORY_LIMIT,
     .attribute_name = "TCA_FQ_CODEL_MEMORY_LIMIT",
     .syntax = Syntax::size,
     .wire = Wire::u32,
     .min = 1,
     .max = 1 << 30,
     .help = "bytes of all packets",
     .fallback = "32M"},
    {.key = "drop_batch",
     .attribute = TCA_FQ_CODEL_DROP_BATCH_SIZE,
     .attribute_name = "TCA_FQ_CODEL_DROP_BATCH_SIZE",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .min = 1,
     .max = 256,
     .help = "packets dropped at once when it is full",
     .fallback = "64"},
};

void decode(const nlattr* options, Settings& out) {
  decode_attributes(Nested(options), kFields, out);
}

}  // namespace

// net/sched/sch_fq_codel.c
const QdiscKind fq_codel = {.name = "fq_codel",
                            .help = "fair queueing, each flow kept short by CoDel (RFC 8290)",
                            .kernel_option = "CONFIG_NET_SCH_FQ_CODEL",
                            .fields = kFields,
                            .options = {encode_attributes, decode}};

}  // namespace netyard::qdiscs
