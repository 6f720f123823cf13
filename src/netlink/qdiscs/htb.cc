// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <linux/pkt_sched.h>

#include <cstdlib>

#include "netlink/qdiscs/options.h"
#include "netlink/qdiscs/qdiscs.h"
#include "netlink/qdiscs/rates.h"

namespace netyard::qdiscs {
namespace {

constexpr Choice kLinkLayers[] = {{"ethernet", TC_LINKLAYER_ETHERNET}, {"atm", TC_LINKLAYER_ATM}};
constexpr std::uint64_t kMostRate = 8'000'000'000'000;  // bit/s

constexpr std::uint32_t kVersion = 3;         // of the interface: TC_HTB_PROTOVER
constexpr std::uint32_t kRateToQuantum = 10;  // the kernel's default
constexpr std::uint64_t kMostQuantum = 60'000;

constexpr Field kFields[] = {
    {.key = "default",
     .attribute = TCA_HTB_INIT,
     .attribute_name = "TCA_HTB_INIT",
     .syntax = Syntax::text,
     .wire = Wire::structure,
     .min = 1,
     .max = 4,
     .help = "class, a hexadecimal number, of what matches none",
     .fallback = "none: such packets are not shaped"},
    {.key = "direct_qlen",
     .attribute = TCA_HTB_DIRECT_QLEN,
     .attribute_name = "TCA_HTB_DIRECT_QLEN",
     .syntax = Syntax::number,
     .wire = Wire::u32,
     .help = "packets without a class that may wait",
     .fallback = "1000"},
};

constexpr Field kClassFields[] = {
    {.key = "rate",
     .attribute = TCA_HTB_PARMS,
     .attribute_name = "TCA_HTB_PARMS",
     .syntax = Syntax::rate,
     .wire = Wire::structure,
     .min = 8,
     .max = kMostRate,
     .required = true,
     .help = "what it gets when all want"},
    {.key = "ceil",
     .attribute = TCA_HTB_PARMS,
     .attribute_name = "TCA_HTB_PARMS",
     .syntax = Syntax::rate,
     .wire = Wire::structure,
     .min = 8,
     .max = kMostRate,
     .help = "the most that it gets",
     .fallback = "its rate"},
    {.key = "burst",
     .attribute = TCA_HTB_PARMS,
     .attribute_name = "TCA_HTB_PARMS",
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .min = 1,
     .help = "bytes at once at the rate",
     .fallback = "rate x 4ms, at least 2 packets"},
    {.key = "cburst",
     .attribute = TCA_HTB_PARMS,
     .attribute_name = "TCA_HTB_PARMS",
     .syntax = Syntax::size,
     .wire = Wire::structure,
     .min = 1,
     .help = "bytes at once at the ceiling",
     .fallback = "ceil x 4ms, at least 2 packets"},
    {.key = "prio",
     .attribute = TCA_HTB_PARMS,
     .attribute_name = "TCA_HTB_PARMS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .max = 7,
     .help = "the lowest number gets first what is free",
     .fallback = "0"},
    {.key = "quantum",
     .attribute = TCA_HTB_PARMS,
     .attribute_name = "TCA_HTB_PARMS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .min = 1000,
     .max = 200000,
     .help = "bytes in a turn of what is free",
     .fallback = "rate / 10, 1514 to 60000"},
    {.key = "overhead",
     .attribute = TCA_HTB_PARMS,
     .attribute_name = "TCA_HTB_PARMS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .max = 65535,
     .help = "bytes of framing added to each packet",
     .fallback = "0"},
    {.key = "mpu",
     .attribute = TCA_HTB_PARMS,
     .attribute_name = "TCA_HTB_PARMS",
     .syntax = Syntax::number,
     .wire = Wire::structure,
     .max = 65535,
     .help = "fewest bytes that a packet counts",
     .fallback = "0"},
    {.key = "linklayer",
     .attribute = TCA_HTB_PARMS,
     .attribute_name = "TCA_HTB_PARMS",
     .syntax = Syntax::choice,
     .wire = Wire::structure,
     .help = "cells that packets are cut into",
     .choices = kLinkLayers,
     .fallback = "ethernet"},
};

void encode(Message& message, const Settings& settings) {
  tc_htb_glob options{};
  options.version = kVersion;
  options.rate2quantum = kRateToQuantum;
  options.defcls =
      static_cast<std::uint32_t>(std::strtoul(text_in(settings, "default").c_str(), nullptr, 16));
  put_struct(message, TCA_HTB_INIT, options);
  encode_attributes(message, settings);
}

void decode(const nlattr* attribute, Settings& out) {
  const Nested nested(attribute);
  const auto options = nested.get<tc_htb_glob>(TCA_HTB_INIT);
  if (options.defcls != 0)
    note(out, kFields, "default", fmt::format("{:x}", options.defcls).c_str());
  decode_attributes(nested, kFields, out);
}

void encode_class(Message& message, const Settings& settings) {
  const std::uint64_t rate = number_in(settings, "rate");
  const std::uint64_t ceil = number_in(settings, "ceil", rate);
  const std::uint64_t quantum = std::clamp(rate / 8 / kRateToQuantum, frame_size(0), kMostQuantum);
  tc_htb_opt options{};
  options.rate = rate_spec(settings, rate);
  options.ceil = rate_spec(settings, ceil);
  options.buffer = bytes_to_ticks(number_in(settings, "burst", token_bucket(rate, 0)), rate / 8);
  options.cbuffer = bytes_to_ticks(number_in(settings, "cburst", token_bucket(ceil, 0)), ceil / 8);
  options.prio = static_cast<std::uint32_t>(number_in(settings, "prio"));
  options.quantum = static_cast<std::uint32_t>(number_in(settings, "quantum", quantum));
  put_struct(message, TCA_HTB_PARMS, options);
  if (rate / 8 > UINT32_MAX) message.put_u64(TCA_HTB_RATE64, rate / 8);
  if (ceil / 8 > UINT32_MAX) message.put_u64(TCA_HTB_CEIL64, ceil / 8);
}

void decode_class(const nlattr* attribute, Settings& out) {
  const Nested nested(attribute);
  const auto options = nested.get<tc_htb_opt>(TCA_HTB_PARMS);
  const std::uint64_t rate = rate_of(options.rate, nested.find(TCA_HTB_RATE64));
  const std::uint64_t ceil = rate_of(options.ceil, nested.find(TCA_HTB_CEIL64));
  note(out, kClassFields, "rate", rate * 8);
  note(out, kClassFields, "ceil", ceil * 8);
  note(out, kClassFields, "burst", ticks_to_bytes(options.buffer, rate));
  note(out, kClassFields, "cburst", ticks_to_bytes(options.cbuffer, ceil));
  note(out, kClassFields, "prio", options.prio);
  note(out, kClassFields, "quantum", options.quantum);
  note_framing(out, kClassFields, options.rate);
}

}  // namespace

// net/sched/sch_htb.c
const QdiscKind htb = {.name = "htb",
                       .help = "classes that share a rate and borrow from each other",
                       .kernel_option = "CONFIG_NET_SCH_HTB",
                       .fields = kFields,
                       .options = {encode, decode},
                       .has_classes = true,
                       .class_fields = kClassFields,
                       .class_options = {encode_class, decode_class}};

}  // namespace netyard::qdiscs
