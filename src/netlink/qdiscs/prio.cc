// SPDX-License-Identifier: Apache-2.0
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <sstream>

#include "netlink/qdiscs/options.h"
#include "netlink/qdiscs/qdiscs.h"

namespace netyard::qdiscs {
namespace {

constexpr std::uint32_t kBands = 3;
constexpr const char* kPriomap = "1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1";  // net/sched/sch_generic.c

constexpr Field kFields[] = {
    {.key = "bands",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .min = 2,
     .max = 16,
     .help = "queues; the first goes first",
     .fallback = "3"},
    {.key = "priomap",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::text,
     .wire = Wire::structure,
     .min = 1,
     .max = 64,
     .help = "band of each of the 16 priorities of packets",
     .fallback = "1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1"},
};

void encode(Message& message, const Settings& settings) {
  tc_prio_qopt options{};
  options.bands = static_cast<int>(number_in(settings, "bands", kBands));
  const std::string given = text_in(settings, "priomap");
  std::istringstream words(given.empty() ? kPriomap : given);
  for (auto& band : options.priomap) {
    unsigned number = 0;
    if (words >> number) band = static_cast<std::uint8_t>(number);
  }
  message.append_raw(&options, sizeof options);
}

void decode(const nlattr* attribute, Settings& out) {
  const auto options = struct_in<tc_prio_qopt>(attribute);
  note(out, kFields, "bands", static_cast<std::uint64_t>(options.bands));
  std::string map;
  for (const auto band : options.priomap) {
    map += (map.empty() ? "" : " ") + std::to_string(band);
  }
  note(out, kFields, "priomap", map.c_str());
}

}  // namespace

// net/sched/sch_prio.c
const QdiscKind prio = {.name = "prio",
                        .help = "queues of strict priority",
                        .kernel_option = "CONFIG_NET_SCH_PRIO",
                        .fields = kFields,
                        .options = {encode, decode}};

}  // namespace netyard::qdiscs
