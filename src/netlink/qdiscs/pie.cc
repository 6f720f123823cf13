// SPDX-License-Identifier: Apache-2.0
#include <linux/pkt_sched.h>

#include "netlink/qdiscs/options.h"
#include "netlink/qdiscs/qdiscs.h"

namespace netyard::qdiscs {
namespace {

constexpr std::uint64_t kMinute = 60'000'000'000;  // ns

constexpr Field kFields[] = {
    {.key = "limit",
     .attribute = TCA_PIE_LIMIT,
     .attribute_name = "TCA_PIE_LIMIT",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .min = 1,
     .help = "packets",
     .fallback = "1000"},
    {.key = "target",
     .attribute = TCA_PIE_TARGET,
     .attribute_name = "TCA_PIE_TARGET",
     .syntax = Syntax::duration,
     .wire = Wire::u32,
     .max = kMinute,
     .help = "how long packets may wait",
     .scale = 1000,
     .fallback = "15ms"},
    {.key = "tupdate",
     .attribute = TCA_PIE_TUPDATE,
     .attribute_name = "TCA_PIE_TUPDATE",
     .syntax = Syntax::duration,
     .wire = Wire::u32,
     .max = kMinute,
     .help = "between two updates of the probability",
     .scale = 1000,
     .fallback = "15ms"},
    {.key = "alpha",
     .attribute = TCA_PIE_ALPHA,
     .attribute_name = "TCA_PIE_ALPHA",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .max = 32,
     .help = "weight of the deviation",
     .fallback = "2"},
    {.key = "beta",
     .attribute = TCA_PIE_BETA,
     .attribute_name = "TCA_PIE_BETA",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .max = 32,
     .help = "weight of the trend",
     .fallback = "20"},
    {.key = "ecn",
     .attribute = TCA_PIE_ECN,
     .attribute_name = "TCA_PIE_ECN",
     .syntax = Syntax::flag,
     .wire = Wire::u32,
     .help = "mark rather than drop",
     .fallback = "false"},
    {.key = "bytemode",
     .attribute = TCA_PIE_BYTEMODE,
     .attribute_name = "TCA_PIE_BYTEMODE",
     .syntax = Syntax::flag,
     .wire = Wire::u32,
     .help = "larger packets are dropped more often",
     .fallback = "false"},
    {.key = "dq_rate_estimator",
     .attribute = TCA_PIE_DQ_RATE_ESTIMATOR,
     .attribute_name = "TCA_PIE_DQ_RATE_ESTIMATOR",
     .syntax = Syntax::flag,
     .wire = Wire::u32,
     .help = "work delay out from the rate",
     .fallback = "false"},
};

void decode(const nlattr* options, Settings& out) {
  decode_attributes(Nested(options), kFields, out);
}

}  // namespace

// net/sched/sch_pie.c
const QdiscKind pie = {.name = "pie",
                       .help = "one queue, kept short by proportional control (RFC 8033)",
                       .kernel_option = "CONFIG_NET_SCH_PIE",
                       .fields = kFields,
                       .options = {encode_attributes, decode}};

}  // namespace netyard::qdiscs
