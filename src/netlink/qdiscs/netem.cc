// SPDX-License-Identifier: Apache-2.0
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <limits>

#include "netlink/netem_tables.h"
#include "netlink/qdiscs/options.h"
#include "netlink/qdiscs/qdiscs.h"

namespace netyard::qdiscs {
namespace {

constexpr std::uint64_t kAll = 1'000'000'000;           // 100 %
constexpr std::uint64_t kHour = 3'600'000'000'000;      // ns
constexpr std::uint64_t kMostRate = 8'000'000'000'000;  // bit/s
constexpr std::uint16_t kSeedAttribute = 14;            // TCA_NETEM_PRNG_SEED, Linux 6.6
constexpr std::uint64_t kLimit = 1000;

constexpr Field kFields[] = {
    {.key = "delay",
     .attribute = TCA_NETEM_LATENCY64,
     .attribute_name = "TCA_NETEM_LATENCY64",
     .syntax = Syntax::duration,
     .wire = Wire::structure,
     .max = kHour,
     .help = "how much later packets arrive",
     .fallback = "0"},
    {.key = "jitter",
     .attribute = TCA_NETEM_JITTER64,
     .attribute_name = "TCA_NETEM_JITTER64",
     .syntax = Syntax::duration,
     .wire = Wire::structure,
     .max = kHour,
     .help = "how much the delay varies",
     .fallback = "0"},
    {.key = "delay_correlation",
     .attribute = TCA_NETEM_CORR,
     .attribute_name = "TCA_NETEM_CORR",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "how much a delay is like the one before",
     .fallback = "0%"},
    {.key = "distribution",
     .attribute = TCA_NETEM_DELAY_DIST,
     .attribute_name = "TCA_NETEM_DELAY_DIST",
     .syntax = Syntax::text,
     .wire = Wire::structure,
     .min = 1,
     .max = 4096,
     .help = "of the delay: uniform, normal, pareto, paretonormal, or a FILE of tc",
     .fallback = "uniform"},
    {.key = "loss",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "packets lost at random",
     .fallback = "0%"},
    {.key = "loss_correlation",
     .attribute = TCA_NETEM_CORR,
     .attribute_name = "TCA_NETEM_CORR",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "how much a loss is like the one before",
     .fallback = "0%"},
    {.key = "loss.gemodel.p",
     .attribute = TCA_NETEM_LOSS,
     .attribute_name = "TCA_NETEM_LOSS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "Gilbert-Elliott: from the good to the bad state"},
    {.key = "loss.gemodel.r",
     .attribute = TCA_NETEM_LOSS,
     .attribute_name = "TCA_NETEM_LOSS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "back to the good state",
     .fallback = "100% - p"},
    {.key = "loss.gemodel.1-h",
     .attribute = TCA_NETEM_LOSS,
     .attribute_name = "TCA_NETEM_LOSS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "loss in the bad state",
     .fallback = "100%"},
    {.key = "loss.gemodel.1-k",
     .attribute = TCA_NETEM_LOSS,
     .attribute_name = "TCA_NETEM_LOSS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "loss in the good state",
     .fallback = "0%"},
    {.key = "loss.state.p13",
     .attribute = TCA_NETEM_LOSS,
     .attribute_name = "TCA_NETEM_LOSS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "four states: from reception to burst loss"},
    {.key = "loss.state.p31",
     .attribute = TCA_NETEM_LOSS,
     .attribute_name = "TCA_NETEM_LOSS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "from burst loss to reception",
     .fallback = "100% - p13"},
    {.key = "loss.state.p32",
     .attribute = TCA_NETEM_LOSS,
     .attribute_name = "TCA_NETEM_LOSS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "from burst loss to reception within a burst",
     .fallback = "0%"},
    {.key = "loss.state.p23",
     .attribute = TCA_NETEM_LOSS,
     .attribute_name = "TCA_NETEM_LOSS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "from reception within a burst to burst loss",
     .fallback = "100%"},
    {.key = "loss.state.p14",
     .attribute = TCA_NETEM_LOSS,
     .attribute_name = "TCA_NETEM_LOSS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "from reception to an isolated loss",
     .fallback = "0%"},
    {.key = "duplicate",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "packets that arrive twice",
     .fallback = "0%"},
    {.key = "duplicate_correlation",
     .attribute = TCA_NETEM_CORR,
     .attribute_name = "TCA_NETEM_CORR",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "how much a duplication is like the one before",
     .fallback = "0%"},
    {.key = "corrupt",
     .attribute = TCA_NETEM_CORRUPT,
     .attribute_name = "TCA_NETEM_CORRUPT",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "packets with one bit flipped",
     .fallback = "0%"},
    {.key = "corrupt_correlation",
     .attribute = TCA_NETEM_CORRUPT,
     .attribute_name = "TCA_NETEM_CORRUPT",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "how much a corruption is like the one before",
     .fallback = "0%"},
    {.key = "reorder",
     .attribute = TCA_NETEM_REORDER,
     .attribute_name = "TCA_NETEM_REORDER",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "packets that go at once, before those that are delayed",
     .fallback = "0%"},
    {.key = "reorder_correlation",
     .attribute = TCA_NETEM_REORDER,
     .attribute_name = "TCA_NETEM_REORDER",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = kAll,
     .help = "how much a reordering is like the one before",
     .fallback = "0%"},
    {.key = "gap",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .help = "only each Nth packet may be reordered",
     .fallback = "1 with reorder"},
    {.key = "rate",
     .attribute = TCA_NETEM_RATE,
     .attribute_name = "TCA_NETEM_RATE",
     .syntax = Syntax::rate,
     .wire = Wire::structure,
     .min = 8,
     .max = kMostRate,
     .help = "bits a second that get through",
     .fallback = "unlimited"},
    {.key = "packet_overhead",
     .attribute = TCA_NETEM_RATE,
     .attribute_name = "TCA_NETEM_RATE",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .max = 65535,
     .help = "bytes of framing that the rate counts for each packet",
     .fallback = "0"},
    {.key = "cell_size",
     .attribute = TCA_NETEM_RATE,
     .attribute_name = "TCA_NETEM_RATE",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .max = 65535,
     .help = "bytes of a cell that packets are cut into",
     .fallback = "none"},
    {.key = "cell_overhead",
     .attribute = TCA_NETEM_RATE,
     .attribute_name = "TCA_NETEM_RATE",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .max = 65535,
     .help = "bytes of framing of each cell",
     .fallback = "0"},
    {.key = "slot.min",
     .attribute = TCA_NETEM_SLOT,
     .attribute_name = "TCA_NETEM_SLOT",
     .syntax = Syntax::duration,
     .wire = Wire::structure,
     .max = kHour,
     .help = "packets wait for slots: least time between two",
     .fallback = "0"},
    {.key = "slot.max",
     .attribute = TCA_NETEM_SLOT,
     .attribute_name = "TCA_NETEM_SLOT",
     .syntax = Syntax::duration,
     .wire = Wire::structure,
     .max = kHour,
     .help = "longest time between two slots",
     .fallback = "min"},
    {.key = "slot.distribution",
     .attribute = TCA_NETEM_SLOT_DIST,
     .attribute_name = "TCA_NETEM_SLOT_DIST",
     .syntax = Syntax::text,
     .wire = Wire::structure,
     .min = 1,
     .max = 4096,
     .help = "instead of min and max: normal, pareto, paretonormal, or a FILE"},
    {.key = "slot.delay",
     .attribute = TCA_NETEM_SLOT,
     .attribute_name = "TCA_NETEM_SLOT",
     .syntax = Syntax::duration,
     .wire = Wire::structure,
     .max = kHour,
     .help = "mean of the distribution"},
    {.key = "slot.jitter",
     .attribute = TCA_NETEM_SLOT,
     .attribute_name = "TCA_NETEM_SLOT",
     .syntax = Syntax::duration,
     .wire = Wire::structure,
     .max = kHour,
     .help = "how much it varies"},
    {.key = "slot.packets",
     .attribute = TCA_NETEM_SLOT,
     .attribute_name = "TCA_NETEM_SLOT",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .max = INT32_MAX,
     .help = "most packets in a slot",
     .fallback = "any number"},
    {.key = "slot.bytes",
     .attribute = TCA_NETEM_SLOT,
     .attribute_name = "TCA_NETEM_SLOT",
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .max = INT32_MAX,
     .help = "most bytes in a slot",
     .fallback = "any number"},
    {.key = "limit",
     .attribute = TCA_OPTIONS,
     .attribute_name = "TCA_OPTIONS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .min = 1,
     .help = "packets on the way or waiting",
     .fallback = "from rate and delay: see below"},
    {.key = "ecn",
     .attribute = TCA_NETEM_ECN,
     .attribute_name = "TCA_NETEM_ECN",
     .syntax = Syntax::flag,
     .wire = Wire::structure,
     .help = "mark rather than lose, where ECN is in use",
     .fallback = "false"},
    {.key = "seed",
     .attribute = kSeedAttribute,
     .attribute_name = "TCA_NETEM_PRNG_SEED",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .min = 1,
     .max = INT64_MAX,
     .help = "of the random numbers: the same seed loses the same packets",
     .fallback = "random"},
};

std::uint32_t probability(const Settings& settings, const char* key, std::uint64_t fallback = 0) {
  return to_probability(number_in(settings, key, fallback));
}

std::uint32_t number32(const Settings& settings, const char* key) {
  return static_cast<std::uint32_t>(number_in(settings, key));
}

void put_table(Message& message, std::uint16_t attribute, const std::string& name) {
  if (name.empty()) return;
  const std::vector<std::int16_t> table = netem_table(name);
  message.put_bytes(attribute, table.data(), table.size() * sizeof table.front());
}

void put_loss_model(Message& message, const Settings& settings) {
  const FieldSetting* p = find_setting(settings, "loss.gemodel.p");
  const FieldSetting* p13 = find_setting(settings, "loss.state.p13");
  if (p == nullptr && p13 == nullptr) return;
  const std::size_t nest = message.open_nest(TCA_NETEM_LOSS);
  if (p != nullptr) {
    tc_netem_gemodel model{};
    model.p = probability(settings, "loss.gemodel.p");
    model.r = probability(settings, "loss.gemodel.r", kAll - std::get<std::uint64_t>(p->value));
    // h is what gets through in the bad state, k1 what is lost in the good one.
    model.h = to_probability(kAll - number_in(settings, "loss.gemodel.1-h", kAll));
    model.k1 = probability(settings, "loss.gemodel.1-k");
    put_struct(message, NETEM_LOSS_GE, model);
  } else {
    tc_netem_gimodel model{};
    model.p13 = probability(settings, "loss.state.p13");
    model.p31 = probability(settings, "loss.state.p31", kAll - std::get<std::uint64_t>(p13->value));
    model.p32 = probability(settings, "loss.state.p32");
    model.p23 = probability(settings, "loss.state.p23", kAll);
    model.p14 = probability(settings, "loss.state.p14");
    put_struct(message, NETEM_LOSS_GI, model);
  }
  message.close_nest(nest);
}

void put_rate(Message& message, const Settings& settings) {
  const std::uint64_t rate = number_in(settings, "rate") / 8;
  tc_netem_rate options{};
  options.rate = clamp_rate(rate);
  options.packet_overhead = static_cast<std::int32_t>(number_in(settings, "packet_overhead"));
  options.cell_size = number32(settings, "cell_size");
  options.cell_overhead = static_cast<std::int32_t>(number_in(settings, "cell_overhead"));
  if (rate > UINT32_MAX) message.put_u64(TCA_NETEM_RATE64, rate);
  put_struct(message, TCA_NETEM_RATE, options);
}

void put_slot(Message& message, const Settings& settings) {
  tc_netem_slot slot{};
  const auto time = [&](const char* key, std::uint64_t fallback) {
    return static_cast<std::int64_t>(number_in(settings, key, fallback));
  };
  slot.min_delay = time("slot.min", 0);
  slot.max_delay = time("slot.max", static_cast<std::uint64_t>(slot.min_delay));
  slot.dist_delay = time("slot.delay", 0);
  slot.dist_jitter = time("slot.jitter", 0);
  slot.max_packets = static_cast<std::int32_t>(number_in(settings, "slot.packets"));
  slot.max_bytes = static_cast<std::int32_t>(number_in(settings, "slot.bytes"));
  put_struct(message, TCA_NETEM_SLOT, slot);
  put_table(message, TCA_NETEM_SLOT_DIST, text_in(settings, "slot.distribution"));
}

// A change leaves alone what has no attribute: what is not set is sent as 0, or it would stay.
void encode(Message& message, const Settings& settings) {
  const std::uint64_t delay = number_in(settings, "delay");
  const std::uint64_t jitter = number_in(settings, "jitter");
  tc_netem_qopt options{};
  options.latency = to_ticks(delay);
  options.jitter = to_ticks(jitter);
  options.limit = static_cast<std::uint32_t>(number_in(settings, "limit", kLimit));
  options.loss = probability(settings, "loss");
  options.duplicate = probability(settings, "duplicate");
  const bool reorders = number_in(settings, "reorder") != 0;
  options.gap = static_cast<std::uint32_t>(number_in(settings, "gap", reorders ? 1 : 0));
  message.append_raw(&options, sizeof options);
  put_struct(message, TCA_NETEM_CORR,
             tc_netem_corr{probability(settings, "delay_correlation"),
                           probability(settings, "loss_correlation"),
                           probability(settings, "duplicate_correlation")});
  put_struct(message, TCA_NETEM_REORDER,
             tc_netem_reorder{probability(settings, "reorder"),
                              probability(settings, "reorder_correlation")});
  put_struct(message, TCA_NETEM_CORRUPT,
             tc_netem_corrupt{probability(settings, "corrupt"),
                              probability(settings, "corrupt_correlation")});
  put_rate(message, settings);
  message.put_u32(TCA_NETEM_ECN, number32(settings, "ecn"));
  message.put_u64(TCA_NETEM_LATENCY64, delay);
  message.put_u64(TCA_NETEM_JITTER64, jitter);
  put_slot(message, settings);
  put_loss_model(message, settings);
  put_table(message, TCA_NETEM_DELAY_DIST, text_in(settings, "distribution"));
  if (const std::uint64_t seed = number_in(settings, "seed"); seed != 0) {
    message.put_u64(kSeedAttribute, seed);
  }
}

void decode_loss(const nlattr* attribute, Settings& out) {
  if (attribute == nullptr) return;
  const Nested models(attribute);
  const auto note_part = [&](const char* key, std::uint32_t value) {
    note_field(out, *find_field(kFields, key), from_probability(value));
  };
  if (models.find(NETEM_LOSS_GE) != nullptr) {
    const auto model = models.get<tc_netem_gemodel>(NETEM_LOSS_GE);
    note_part("loss.gemodel.p", model.p);
    note_part("loss.gemodel.r", model.r);
    note_field(out, *find_field(kFields, "loss.gemodel.1-h"), kAll - from_probability(model.h));
    note_part("loss.gemodel.1-k", model.k1);
  } else {
    const auto model = models.get<tc_netem_gimodel>(NETEM_LOSS_GI);
    note_part("loss.state.p13", model.p13);
    note_part("loss.state.p31", model.p31);
    note_part("loss.state.p32", model.p32);
    note_part("loss.state.p23", model.p23);
    note_part("loss.state.p14", model.p14);
  }
}

std::uint64_t not_negative(std::int64_t value) {
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

void decode_slot(const tc_netem_slot& slot, Settings& out) {
  note(out, kFields, "slot.min", not_negative(slot.min_delay));
  note(out, kFields, "slot.max", not_negative(slot.max_delay));
  note(out, kFields, "slot.delay", not_negative(slot.dist_delay));
  note(out, kFields, "slot.jitter", not_negative(slot.dist_jitter));
  note(out, kFields, "slot.packets", not_negative(slot.max_packets));
  note(out, kFields, "slot.bytes", not_negative(slot.max_bytes));
}

// The kernel shows no distribution.
void decode(const nlattr* attribute, Settings& out) {
  const auto options = struct_in<tc_netem_qopt>(attribute);
  const Nested nested(attribute, sizeof options);
  const auto probability_of = [&](const char* key, std::uint32_t value) {
    note(out, kFields, key, from_probability(value));
  };
  const auto correlation = nested.get<tc_netem_corr>(TCA_NETEM_CORR);
  const auto reorder = nested.get<tc_netem_reorder>(TCA_NETEM_REORDER);
  const auto corrupt = nested.get<tc_netem_corrupt>(TCA_NETEM_CORRUPT);
  const auto rate = nested.get<tc_netem_rate>(TCA_NETEM_RATE);
  const nlattr* rate64 = nested.find(TCA_NETEM_RATE64);
  note(out, kFields, "delay", not_negative(nested.get<std::int64_t>(TCA_NETEM_LATENCY64)));
  note(out, kFields, "jitter", not_negative(nested.get<std::int64_t>(TCA_NETEM_JITTER64)));
  probability_of("delay_correlation", correlation.delay_corr);
  if (nested.find(TCA_NETEM_LOSS) == nullptr) probability_of("loss", options.loss);
  probability_of("loss_correlation", correlation.loss_corr);
  decode_loss(nested.find(TCA_NETEM_LOSS), out);
  probability_of("duplicate", options.duplicate);
  probability_of("duplicate_correlation", correlation.dup_corr);
  probability_of("corrupt", corrupt.probability);
  probability_of("corrupt_correlation", corrupt.correlation);
  probability_of("reorder", reorder.probability);
  probability_of("reorder_correlation", reorder.correlation);
  note(out, kFields, "gap", options.gap);
  note(out, kFields, "rate",
       (rate64 != nullptr ? struct_in<std::uint64_t>(rate64) : rate.rate) * 8);
  note(out, kFields, "packet_overhead", not_negative(rate.packet_overhead));
  note(out, kFields, "cell_size", rate.cell_size);
  note(out, kFields, "cell_overhead", not_negative(rate.cell_overhead));
  decode_slot(nested.get<tc_netem_slot>(TCA_NETEM_SLOT), out);
  note(out, kFields, "limit", options.limit);
  note(out, kFields, "ecn", nested.get<std::uint32_t>(TCA_NETEM_ECN));
  if (nested.find(kSeedAttribute) != nullptr) {
    note(out, kFields, "seed", nested.get<std::uint64_t>(kSeedAttribute));
  }
}

}  // namespace

// net/sched/sch_netem.c
const QdiscKind netem = {.name = "netem",
                         .help = "delay, loss, duplication, corruption, reordering, rate",
                         .kernel_option = "CONFIG_NET_SCH_NETEM",
                         .fields = kFields,
                         .options = {encode, decode}};

}  // namespace netyard::qdiscs
