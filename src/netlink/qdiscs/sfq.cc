// SPDX-License-Identifier: Apache-2.0
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "netlink/qdiscs/options.h"
#include "netlink/qdiscs/qdiscs.h"

namespace netyard::qdiscs {
namespace {

constexpr Field kFields[] = {
    {.key = "limit",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .min = 1,
     .max = 65536,
     .help = "packets",
     .fallback = "127"},
    {.key = "quantum",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .min = 256,
     .max = 1 << 20,
     .help = "bytes of a flow in a turn",
     .fallback = "a packet"},
    {.key = "perturb",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .max = 2147483,
     .help = "seconds between changes of the hash; 0 is never",
     .fallback = "0"},
    {.key = "flows",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .min = 1,
     .max = 65408,
     .help = "flows that have packets",
     .fallback = "127"},
    {.key = "depth",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .min = 1,
     .max = 127,
     .help = "packets of a flow",
     .fallback = "127"},
    {.key = "divisor",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .min = 1,
     .max = 65536,
     .help = "size of its table, a power of 2",
     .fallback = "1024"},
    {.key = "headdrop",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::flag,
     .wire = Wire::structure,
     .help = "drop the oldest packet of a flow",
     .fallback = "false"},
};

void encode(Message& message, const Settings& settings) {
  const auto number = [&](const char* key) {
    return static_cast<std::uint32_t>(number_in(settings, key));
  };
  tc_sfq_qopt_v1 options{};
  options.v0.quantum = number("quantum");
  options.v0.perturb_period = static_cast<int>(number("perturb"));
  options.v0.limit = number("limit");
  options.v0.divisor = number("divisor");
  options.v0.flows = number("flows");
  options.depth = number("depth");
  options.headdrop = number("headdrop");
  message.append_raw(&options, sizeof options);
}

void decode(const nlattr* attribute, Settings& out) {
  const auto options = struct_in<tc_sfq_qopt_v1>(attribute);
  note(out, kFields, "limit", options.v0.limit);
  note(out, kFields, "quantum", options.v0.quantum);
  note(out, kFields, "perturb", static_cast<std::uint64_t>(options.v0.perturb_period));
  note(out, kFields, "flows", options.v0.flows);
  note(out, kFields, "depth", options.depth);
  note(out, kFields, "divisor", options.v0.divisor);
  note(out, kFields, "headdrop", options.headdrop);
}

}  // namespace

// net/sched/sch_sfq.c; 0 leaves the kernel's default.
const QdiscKind sfq = {.name = "sfq",
                       .help = "stochastic fair queueing",
                       .kernel_option = "CONFIG_NET_SCH_SFQ",
                       .fields = kFields,
                       .options = {encode, decode}};

}  // namespace netyard::qdiscs
