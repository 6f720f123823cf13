// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netyard {

/// Bytes from "4096", "64K", "64M", "1.5G", "2T": powers of 1024, with or without a B or iB behind.
/// nullopt when it is none, or does not fit.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// "64 MiB", "3997696 bytes": the largest unit that leaves no fraction.
std::string format_size(std::uint64_t bytes);
/// From "250ms", "2s", "1.5m", "1h"; a bare number is seconds. nullopt when it is none or negative.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// "250ms", "2s", "1m30s".
std::string format_duration(std::chrono::milliseconds duration);
/// Thousandths from "0.5", "2", "50%". nullopt when it is no number above 0.
std::optional<std::uint32_t> parse_thousandths(std::string_view text);

}  // namespace netyard
