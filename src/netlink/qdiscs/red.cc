// SPDX-License-Identifier: Apache-2.0
#include <linux/pkt_sched.h>

#include <cmath>

#include "netlink/qdiscs/options.h"
#include "netlink/qdiscs/qdiscs.h"

namespace netyard::qdiscs {
namespace {

constexpr std::uint64_t kMostRate = std::uint64_t{1} << 35;  // bit/s

constexpr Field kFields[] = {
    {.key = "limit",
     .attribute = TCA_RED_PARMS,
     .attribute_name = "TCA_RED_PARMS",
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .min = 1,
     .required = true,
     .help = "bytes that may wait"},
    {.key = "min",
     .attribute = TCA_RED_PARMS,
     .attribute_name = "TCA_RED_PARMS",
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .min = 1,
     .help = "mean bytes waiting from which it drops",
     .fallback = "a third of max"},
    {.key = "max",
     .attribute = TCA_RED_PARMS,
     .attribute_name = "TCA_RED_PARMS",
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .min = 1,
     .help = "mean bytes waiting at which the probability is reached",
     .fallback = "a quarter of limit"},
    {.key = "probability",
     .attribute = TCA_RED_MAX_P,
     .attribute_name = "TCA_RED_MAX_P",
     .syntax = Syntax::percent,
     .wire = Wire::structure,
     .max = 1'000'000'000,
     .help = "of a drop at max",
     .fallback = "2%"},
    {.key = "avpkt",
     .attribute = TCA_RED_PARMS,
     .attribute_name = "TCA_RED_PARMS",
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .min = 1,
     .max = 65535,
     .help = "mean size of a packet",
     .fallback = "1000"},
    {.key = "burst",
     .attribute = TCA_RED_PARMS,
     .attribute_name = "TCA_RED_PARMS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .min = 1,
     .max = 10000,
     .help = "packets at once that do no harm",
     .fallback = "(2 min + max) / (3 avpkt)"},
    {.key = "bandwidth",
     .attribute = TCA_RED_PARMS,
     .attribute_name = "TCA_RED_PARMS",
     .syntax = Syntax::rate,
     .wire = Wire::structure,
     .min = 8,
     .max = kMostRate,
     .help = "of the link, for times without packets",
     .fallback = "10mbit"},
    {.key = "ecn",
     .attribute = TCA_RED_PARMS,
     .attribute_name = "TCA_RED_PARMS",
     .syntax = Syntax::flag,
     .wire = Wire::structure,
     .help = "mark rather than drop",
     .fallback = "false"},
    {.key = "harddrop",
     .attribute = TCA_RED_PARMS,
     .attribute_name = "TCA_RED_PARMS",
     .syntax = Syntax::flag,
     .wire = Wire::structure,
     .help = "drop rather than mark above max",
     .fallback = "false"},
    {.key = "adaptive",
     .attribute = TCA_RED_PARMS,
     .attribute_name = "TCA_RED_PARMS",
     .syntax = Syntax::flag,
     .wire = Wire::structure,
     .help = "adapt the probability",
     .fallback = "false"},
};

struct Curve {
  double limit, min, max, packet, burst;
};

Curve curve_of(const Settings& settings) {
  const auto size = [&](const char* key, double fallback) {
    const FieldSetting* found = find_setting(settings, key);
    return found != nullptr ? static_cast<double>(std::get<std::uint64_t>(found->value)) : fallback;
  };
  Curve out{};
  out.limit = size("limit", 0);
  out.max = size("max", out.limit / 4);
  out.min = size("min", out.max / 3);
  out.packet = size("avpkt", 1000);
  out.burst = size("burst", std::floor((2 * out.min + out.max) / (3 * out.packet)) + 1);
  return out;
}

// The weight 2^-log of the moving average that lets a burst of so many packets pass: Floyd and
// Jacobson, "Random Early Detection", section 6, inequality (4).
int weight_log(const Curve& curve) {
  for (int log = 1; log < 32; ++log) {
    const double weight = std::exp2(-log);
    const double reached = curve.burst + 1 + (std::pow(1 - weight, curve.burst + 1) - 1) / weight;
    if (reached * curve.packet < curve.min) return log;
  }
  return 31;
}

// probability = 2^-log * (max - min) / 2^… in whole numbers: the kernel divides by max - min, and
// wants the logarithm of (max - min) / probability.
int slope_log(const Curve& curve, double probability) {
  return std::clamp(static_cast<int>(std::lround(std::log2((curve.max - curve.min) / probability))),
                    1, 31);
}

// While the link is idle the average decays as if packets had come at full rate: how many powers
// of 2 after i cells of 2^log us.
struct Decay {
  std::uint8_t cell_log;
  std::array<std::uint8_t, 256> table;
};
Decay decay_of(const Curve& curve, int log, double rate) {
  const double packet_time = curve.packet / rate * 1e9 / kNanosecondsPerTick;  // ticks
  const double halvings = -std::log2(1 - std::exp2(-log)) / packet_time;       // a tick
  Decay out{0, {}};
  while (out.cell_log < 31 && std::exp2(out.cell_log) * 255 * halvings < 31) ++out.cell_log;
  for (std::size_t i = 0; i < out.table.size(); ++i) {
    const double cells = static_cast<double>(i) * std::exp2(out.cell_log) * halvings;
    out.table[i] = static_cast<std::uint8_t>(std::min(cells, 31.0));
  }
  return out;
}

struct Flag {
  const char* key;
  unsigned bit;
};
constexpr Flag kFlags[] = {
    {"ecn", TC_RED_ECN}, {"harddrop", TC_RED_HARDDROP}, {"adaptive", TC_RED_ADAPTATIVE}};

constexpr std::uint64_t kBandwidth = 10'000'000;
constexpr std::uint64_t kProbability = 20'000'000;  // 2 %

void encode(Message& message, const Settings& settings) {
  const Curve curve = curve_of(settings);
  const std::uint64_t probability = number_in(settings, "probability", kProbability);
  const double rate = static_cast<double>(number_in(settings, "bandwidth", kBandwidth)) / 8;
  const int log = weight_log(curve);
  const Decay decay = decay_of(curve, log, rate);
  tc_red_qopt options{};
  options.limit = static_cast<std::uint32_t>(curve.limit);
  options.qth_min = static_cast<std::uint32_t>(curve.min);
  options.qth_max = static_cast<std::uint32_t>(curve.max);
  options.Wlog = static_cast<std::uint8_t>(log);
  options.Plog = static_cast<std::uint8_t>(
      slope_log(curve, static_cast<double>(std::max<std::uint64_t>(probability, 1)) / 1e9));
  options.Scell_log = decay.cell_log;
  for (const auto& [key, bit] : kFlags) {
    if (number_in(settings, key) != 0) options.flags |= static_cast<unsigned char>(bit);
  }
  put_struct(message, TCA_RED_PARMS, options);
  message.put_bytes(TCA_RED_STAB, decay.table.data(), decay.table.size());
  message.put_u32(TCA_RED_MAX_P, to_probability(probability));
}

void decode(const nlattr* attribute, Settings& out) {
  const Nested nested(attribute);
  const auto options = nested.get<tc_red_qopt>(TCA_RED_PARMS);
  note(out, kFields, "limit", options.limit);
  note(out, kFields, "min", options.qth_min);
  note(out, kFields, "max", options.qth_max);
  note(out, kFields, "probability", from_probability(nested.get<std::uint32_t>(TCA_RED_MAX_P)));
  for (const auto& [key, bit] : kFlags) note(out, kFields, key, (options.flags & bit) != 0 ? 1 : 0);
}

}  // namespace

// net/sched/sch_red.c, include/net/red.h
const QdiscKind red = {.name = "red",
                       .help = "random early detection",
                       .kernel_option = "CONFIG_NET_SCH_RED",
                       .fields = kFields,
                       .options = {encode, decode}};

}  // namespace netyard::qdiscs
