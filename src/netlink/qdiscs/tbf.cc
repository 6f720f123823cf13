// SPDX-License-Identifier: Apache-2.0
#include <linux/pkt_sched.h>

#include <algorithm>

#include "netlink/qdiscs/options.h"
#include "netlink/qdiscs/qdiscs.h"
#include "netlink/qdiscs/rates.h"

namespace netyard::qdiscs {
namespace {

constexpr Choice kLinkLayers[] = {{"ethernet", TC_LINKLAYER_ETHERNET}, {"atm", TC_LINKLAYER_ATM}};
constexpr std::uint64_t kMostRate = 8'000'000'000'000;  // bit/s

constexpr Field kFields[] = {
    {.key = "rate",
     .attribute = TCA_TBF_PARMS,
     .attribute_name = "TCA_TBF_PARMS",
     .syntax = Syntax::rate,
     .wire = Wire::structure,
     .min = 8,
     .max = kMostRate,
     .required = true,
     .help = "the rate"},
    {.key = "burst",
     .attribute = TCA_TBF_BURST,
     .attribute_name = "TCA_TBF_BURST",
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .min = 1,
     .help = "bytes that may go at once",
     .fallback = "rate x 4ms, at least 2 packets"},
    {.key = "limit",
     .attribute = TCA_TBF_PARMS,
     .attribute_name = "TCA_TBF_PARMS",
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .min = 1,
     .help = "bytes that may wait",
     .fallback = "rate x latency + burst"},
    {.key = "latency",
     .attribute = TCA_TBF_PARMS,
     .attribute_name = "TCA_TBF_PARMS",
     .syntax = Syntax::duration,
     .wire = Wire::structure,
     .min = 1,
     .max = 60'000'000'000,
     .help = "how long a packet may wait, instead of limit",
     .fallback = "100ms"},
    {.key = "peakrate",
     .attribute = TCA_TBF_PARMS,
     .attribute_name = "TCA_TBF_PARMS",
     .syntax = Syntax::rate,
     .wire = Wire::structure,
     .min = 8,
     .max = kMostRate,
     .help = "the rate within a burst",
     .fallback = "none"},
    {.key = "mtu",
     .attribute = TCA_TBF_PBURST,
     .attribute_name = "TCA_TBF_PBURST",
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .min = 1,
     .max = 65535,
     .help = "bytes that may go at once at the peak rate",
     .fallback = "a packet"},
    {.key = "overhead",
     .attribute = TCA_TBF_PARMS,
     .attribute_name = "TCA_TBF_PARMS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .max = 65535,
     .help = "bytes of framing added to each packet",
     .fallback = "0"},
    {.key = "mpu",
     .attribute = TCA_TBF_PARMS,
     .attribute_name = "TCA_TBF_PARMS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .max = 65535,
     .help = "fewest bytes that a packet counts",
     .fallback = "0"},
    {.key = "linklayer",
     .attribute = TCA_TBF_PARMS,
     .attribute_name = "TCA_TBF_PARMS",
     .syntax = Syntax::choice,
     .wire = Wire::structure,
     .help = "cells that packets are cut into",
     .choices = kLinkLayers,
     .fallback = "ethernet"},
};

constexpr std::uint64_t kLatency = 100'000'000;  // ns

std::uint64_t limit_of(const Settings& settings, std::uint64_t rate, std::uint64_t burst) {
  const std::uint64_t latency = number_in(settings, "latency", kLatency);
  const double waiting = static_cast<double>(rate) / 8 * static_cast<double>(latency) / 1e9;
  return number_in(settings, "limit", static_cast<std::uint64_t>(waiting) + burst);
}

constexpr std::uint64_t kCell = 48;  // bytes that a cell of 53 carries
constexpr std::uint64_t kFramedCell = 53;

// A bucket is shown as the time that it takes with the framing of one packet (psched_l2t_ns).
std::uint64_t framed(std::uint64_t bytes, const tc_ratespec& spec) {
  const std::uint64_t whole = bytes + spec.overhead;
  if (spec.linklayer != TC_LINKLAYER_ATM) return whole;
  return (whole + kCell - 1) / kCell * kFramedCell;
}
std::uint64_t unframed(std::uint64_t bytes, const tc_ratespec& spec) {
  const std::uint64_t whole =
      spec.linklayer != TC_LINKLAYER_ATM ? bytes : (bytes + kFramedCell / 2) / kFramedCell * kCell;
  return whole - std::min<std::uint64_t>(whole, spec.overhead);
}

// TCA_TBF_BURST, in bytes, is what the kernel goes by; it shows the bucket as time.
void encode(Message& message, const Settings& settings) {
  const std::uint64_t rate = number_in(settings, "rate");
  const std::uint64_t peak = number_in(settings, "peakrate");
  const std::uint64_t burst = number_in(settings, "burst", token_bucket(rate, 0));
  const std::uint64_t mtu = number_in(settings, "mtu", frame_size(0));
  tc_tbf_qopt options{};
  options.rate = rate_spec(settings, rate);
  options.limit = clamp_rate(limit_of(settings, rate, burst));
  options.buffer = bytes_to_ticks(framed(burst, options.rate), rate / 8);
  if (peak != 0) {
    options.peakrate = rate_spec(settings, peak);
    options.mtu = bytes_to_ticks(framed(mtu, options.peakrate), peak / 8);
  }
  put_struct(message, TCA_TBF_PARMS, options);
  message.put_u32(TCA_TBF_BURST, clamp_rate(burst));
  if (rate / 8 > UINT32_MAX) message.put_u64(TCA_TBF_RATE64, rate / 8);
  if (peak != 0) message.put_u32(TCA_TBF_PBURST, clamp_rate(mtu));
  if (peak / 8 > UINT32_MAX) message.put_u64(TCA_TBF_PRATE64, peak / 8);
}

void decode(const nlattr* attribute, Settings& out) {
  const Nested nested(attribute);
  const auto options = nested.get<tc_tbf_qopt>(TCA_TBF_PARMS);
  const std::uint64_t rate = rate_of(options.rate, nested.find(TCA_TBF_RATE64));
  const std::uint64_t peak = rate_of(options.peakrate, nested.find(TCA_TBF_PRATE64));
  note(out, kFields, "rate", rate * 8);
  note(out, kFields, "burst", unframed(ticks_to_bytes(options.buffer, rate), options.rate));
  note(out, kFields, "limit", options.limit);
  note(out, kFields, "peakrate", peak * 8);
  if (peak != 0) {
    note(out, kFields, "mtu", unframed(ticks_to_bytes(options.mtu, peak), options.peakrate));
  }
  note_framing(out, kFields, options.rate);
}

}  // namespace

// net/sched/sch_tbf.c
const QdiscKind tbf = {.name = "tbf",
                       .help = "token bucket: one rate",
                       .kernel_option = "CONFIG_NET_SCH_TBF",
                       .fields = kFields,
                       .options = {encode, decode}};

}  // namespace netyard::qdiscs
