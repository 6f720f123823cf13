// SPDX-License-Identifier: Apache-2.0
#include "netlink/qdiscs/rates.h"

#include "netlink/qdiscs/options.h"

namespace netyard::qdiscs {

tc_ratespec rate_spec(const Settings& settings, std::uint64_t rate) {
  tc_ratespec spec{};
  spec.rate = clamp_rate(rate / 8);
  spec.overhead = static_cast<std::uint16_t>(number_in(settings, "overhead"));
  spec.mpu = static_cast<std::uint16_t>(number_in(settings, "mpu"));
  spec.linklayer =
      static_cast<std::uint8_t>(number_in(settings, "linklayer", TC_LINKLAYER_ETHERNET));
  return spec;
}

std::uint64_t rate_of(const tc_ratespec& spec, const nlattr* rate64) {
  return rate64 != nullptr ? struct_in<std::uint64_t>(rate64) : spec.rate;
}

void note_framing(Settings& out, std::span<const Field> fields, const tc_ratespec& spec) {
  note(out, fields, "overhead", spec.overhead);
  note(out, fields, "mpu", spec.mpu);
  if (spec.linklayer == TC_LINKLAYER_ATM) note(out, fields, "linklayer", TC_LINKLAYER_ATM);
}

}  // namespace netyard::qdiscs
