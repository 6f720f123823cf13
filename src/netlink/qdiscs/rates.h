// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/pkt_sched.h>

#include "netlink/qdisc.h"

namespace netyard::qdiscs {

/// The rate that a token bucket is filled at, in bit/s, with the overhead, mpu and linklayer of the
/// settings. No rate table goes with it: kernels since 3.8 need none where the link layer is given.
tc_ratespec rate_spec(const Settings& settings, std::uint64_t rate);
/// bytes a second
std::uint64_t rate_of(const tc_ratespec& spec, const nlattr* rate64);
void note_framing(Settings& out, std::span<const Field> fields, const tc_ratespec& spec);

}  // namespace netyard::qdiscs
