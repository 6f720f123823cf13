// SPDX-License-Identifier: Apache-2.0
// What the tables of kinds are written with.
#pragma once

#include <linux/if_link.h>

#include "netlink/kinds/kinds.h"

/// An attribute of a Field by the kernel's name for it.
#define NETYARD_ATTRIBUTE(name) .attribute = (name), .attribute_name = #name
#define NETYARD_ATTRIBUTE6(name) .attribute6 = (name), .attribute6_name = #name

namespace netyard::kinds {

// Nanoseconds of the kernel's units of time.
inline constexpr std::uint64_t kMillisecond = 1'000'000;
inline constexpr std::uint64_t kCentisecond = 10'000'000;
inline constexpr std::uint64_t kSecond = 1'000'000'000;

/// "inherit" where the kernel has an attribute of its own for it: no number that fits on the wire.
inline constexpr std::uint64_t kInherit = 256;

}  // namespace netyard::kinds
