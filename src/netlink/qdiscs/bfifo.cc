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
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .min = 1,
     .required = true,
     .help = "bytes"},
};

void encode(Message& message, const Settings& settings) {
  tc_fifo_qopt options{};
  options.limit = static_cast<std::uint32_t>(number_in(settings, "limit"));
  message.append_raw(&options, sizeof options);
}

void decode(const nlattr* options, Settings& out) {
  note(out, kFields, "limit", struct_in<tc_fifo_qopt>(options).limit);
}

}  // namespace

// net/sched/sch_fifo.c
const QdiscKind bfifo = {.name = "bfifo",
                         .help = "first come first served, limited in bytes",
                         .kernel_option = "CONFIG_NET_SCH_FIFO",
                         .fields = kFields,
                         .options = {encode, decode}};

}  // namespace netyard::qdiscs
