// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

namespace netyard {
namespace {

// A number without sign or exponent, and what follows it.
std::optional<std::pair<double, std::string_view>> split_number(std::string_view text) {
  double value = 0;
  if (text.empty() || (text.front() != '.' && (text.front() < '0' || text.front() > '9')))
    return {};
  const auto [stop, failed] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (failed != std::errc() || !std::isfinite(value)) return {};
  return std::pair{value, text.substr(static_cast<std::size_t>(stop - text.data()))};
}

constexpr std::string_view kSizes = "KMGTP";

struct Unit {
  std::string_view word;
  std::uint64_t factor;
};

// The largest first, for the formatters.
constexpr Unit kTimes[] = {{"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000},
                           {"ms", 1'000'000},        {"us", 1000},          {"ns", 1}};
constexpr Unit kRates[] = {{"tbit", 1'000'000'000'000},
                           {"gbit", 1'000'000'000},
                           {"mbit", 1'000'000},
                           {"kbit", 1000},
                           {"bit", 1},
                           {"tbps", 8'000'000'000'000},
                           {"gbps", 8'000'000'000},
                           {"mbps", 8'000'000},
                           {"kbps", 8000},
                           {"bps", 8}};
constexpr std::size_t kRateFormats = 5;  // the first five are written, all are read
constexpr double kMostUnits = 9.2e18;

std::optional<std::uint64_t> parse_unit(std::string_view text, std::span<const Unit> units) {
  const auto number = split_number(text);
  if (!number) return {};
  for (const auto& [word, factor] : units) {
    if (word != number->second) continue;
    const double value = std::round(number->first * static_cast<double>(factor));
    if (value > kMostUnits) return {};
    return static_cast<std::uint64_t>(value);
  }
  return {};
}

std::string format_unit(std::uint64_t value, std::span<const Unit> units) {
  for (const auto& [word, factor] : units) {
    if (value < factor || value % std::max<std::uint64_t>(factor / 1000, 1) != 0) continue;
    return fmt::format("{}{}", static_cast<double>(value) / static_cast<double>(factor), word);
  }
  return fmt::format("{}{}", value, units.back().word);
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  auto number = split_number(text);
  if (!number) return {};
  auto& [value, unit] = *number;
  if (!unit.empty()) {
    const char letter =
        unit.front() >= 'a' ? static_cast<char>(unit.front() - 'a' + 'A') : unit.front();
    const std::size_t power = kSizes.find(letter);
    if (power != std::string_view::npos) {
      value *= std::pow(1024.0, static_cast<double>(power + 1));
      unit.remove_prefix(1);
      if (unit.starts_with('i') && unit.size() == 2) unit.remove_prefix(1);
    }
    if (!unit.empty() && unit != "B" && unit != "b") return {};
  }
  constexpr double kMost = 9e18;
  if (value > kMost) return {};
  return static_cast<std::uint64_t>(value);
}

std::string format_size(std::uint64_t bytes) {
  std::uint64_t value = bytes;
  std::size_t power = 0;
  while (value >= 1024 && value % 1024 == 0 && power < kSizes.size()) {
    value /= 1024;
    ++power;
  }
  // 3,904 KiB tells less than 3,997,696 bytes would to who wrote 4,000,000.
  if (power == 0 || (power == 1 && value > 1024)) return fmt::format("{} bytes", bytes);
  return fmt::format("{} {}iB", value, kSizes[power - 1]);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 5> kUnits = {
      {{"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60'000}, {"h", 3'600'000}}};
  const auto number = split_number(text);
  if (!number) return {};
  for (const auto& [unit, factor] : kUnits) {
    if (unit != number->second) continue;
    const double value = std::round(number->first * factor);
    if (value > std::numeric_limits<std::int32_t>::max()) return {};
    return std::chrono::milliseconds(static_cast<std::int64_t>(value));
  }
  return {};
}

std::string format_duration(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  if (count == 0) return "0s";
  if (count < 1000) return fmt::format("{}ms", count);
  if (count < 60'000) {
    return count % 1000 == 0 ? fmt::format("{}s", count / 1000)
                             : fmt::format("{:.1f}s", static_cast<double>(count) / 1000);
  }
  const auto seconds = count / 1000;
  if (seconds < 3600) return fmt::format("{}m{}s", seconds / 60, seconds % 60);
  return fmt::format("{}h{}m", seconds / 3600, seconds / 60 % 60);
}

std::optional<std::uint64_t> parse_nanoseconds(std::string_view text) {
  if (text == "0") return 0;
  return parse_unit(text, kTimes);
}

// Hours and minutes are read, but 90s is easier to the eye than 1.5m.
std::string format_nanoseconds(std::uint64_t nanoseconds) {
  return format_unit(nanoseconds, std::span(kTimes).subspan(2));
}

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return parse_unit(lower, kRates);
}

std::string format_rate(std::uint64_t bits_per_second) {
  return format_unit(bits_per_second, std::span(kRates).first(kRateFormats));
}

std::optional<std::uint64_t> parse_percent(std::string_view text) {
  const auto number = split_number(text);
  if (!number || number->second != "%" || number->first > 100) return {};
  return static_cast<std::uint64_t>(std::round(number->first * 1e7));
}

std::string format_percent(std::uint64_t parts) {
  return fmt::format("{}%", static_cast<double>(parts) / 1e7);
}

std::optional<std::uint32_t> parse_thousandths(std::string_view text) {
  const auto number = split_number(text);
  if (!number) return {};
  double value = number->first * 1000;
  if (number->second == "%") {
    value /= 100;
  } else if (!number->second.empty()) {
    return {};
  }
  value = std::round(value);
  if (value < 1 || value > 1e9) return {};
  return static_cast<std::uint32_t>(value);
}

}  // namespace netyard
