// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace netyard {

/// A set of capabilities as the kernel numbers them: bit CAP_NET_ADMIN is 1 << 12.
using CapabilitySet = std::uint64_t;

/// The number of "NET_ADMIN", "cap_net_admin"; nullopt for a name that is none.
std::optional<unsigned> capability_number(const std::string& name);
/// "NET_ADMIN" for 12.
std::string capability_name(unsigned number);
/// All names, for hints and completion.
std::vector<std::string> capability_names();
/// The set of names; "ALL" is every one. Throws Error for a name that is none.
CapabilitySet capability_set(const std::vector<std::string>& names);
/// How many the running kernel has.
unsigned kernel_capabilities();
/// The calling thread's effective set.
CapabilitySet own_capabilities();

}  // namespace netyard
