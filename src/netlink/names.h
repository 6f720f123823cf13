// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ip.h"

namespace netyard {

/// The words of iproute2 for numbers of rtnetlink, and back. A number without a word is written as
/// a number. include/uapi/linux/rtnetlink.h.
struct NumberName {
  const char* word;
  std::uint32_t number;
};

std::optional<std::uint32_t> number_of(std::span<const NumberName> names, std::string_view word);
std::string name_of(std::span<const NumberName> names, std::uint32_t number);

std::span<const NumberName> scope_names();        // global, site, link, host, nowhere
std::span<const NumberName> table_names();        // default, main, local
std::span<const NumberName> protocol_names();     // kernel, boot, static, ra, …
std::span<const NumberName> ip_protocol_names();  // tcp, udp, icmp, …

inline constexpr std::uint32_t kDefaultTable = 253;
inline constexpr std::uint32_t kMainTable = 254;
inline constexpr std::uint32_t kLocalTable = 255;

/// AF_INET or AF_INET6.
std::uint8_t family_number(Family family);
/// A table for the byte of a header; 0 when it needs the attribute.
std::uint8_t short_table(std::uint32_t table);

}  // namespace netyard
