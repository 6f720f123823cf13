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
/// Nanoseconds from "20ms", "1.5s", "100us", "10ns", "2m", "1h"; only 0 needs no unit: people
/// differ about what a bare number means. nullopt when it is none, negative or above 292 years.
std::optional<std::uint64_t> parse_nanoseconds(std::string_view text);
/// "20ms", "1.5s": the largest unit that leaves at most three digits behind the point, as
/// parse_nanoseconds reads it.
std::string format_nanoseconds(std::uint64_t nanoseconds);
/// Bits a second from "10mbit", "1.5gbit", "64kbit", "8000bit", powers of 1000; "kbps" and "mbps"
/// are bytes, as in tc(8); capitals will do. nullopt when it is none or has no unit.
std::optional<std::uint64_t> parse_rate(std::string_view text);
std::string format_rate(std::uint64_t bits_per_second);
/// Parts in a billion from "1%", "0.001%"; nullopt when it is none or above 100%.
std::optional<std::uint64_t> parse_percent(std::string_view text);
std::string format_percent(std::uint64_t parts);
/// Thousandths from "0.5", "2", "50%". nullopt when it is no number above 0.
std::optional<std::uint32_t> parse_thousandths(std::string_view text);

}  // namespace netyard
