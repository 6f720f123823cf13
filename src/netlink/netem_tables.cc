// SPDX-License-Identifier: Apache-2.0
#include "netlink/netem_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "netlink/qdisc.h"

namespace netyard {
namespace {

constexpr std::size_t kQuantiles = 4096;
constexpr std::size_t kMostEntries = 16384;  // NETEM_DIST_MAX
constexpr std::size_t kLargestFile = 1 << 20;
constexpr double kScale = 8192;  // NETEM_DIST_SCALE
constexpr double kTail = 3;      // the shape of the Pareto distribution

// The quantile of the normal distribution: Newton's method on its distribution function.
double normal(double u) {
  double x = 0;
  for (int round = 0; round < 60; ++round) {
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    const double step = (std::erfc(-x / std::numbers::sqrt2) / 2 - u) / density;
    x -= std::clamp(step, -0.5, 0.5);
    if (std::abs(step) < 1e-12) break;
  }
  return x;
}

// Of a Pareto distribution with mean 0 and deviation 1.
double pareto(double u) {
  const double mean = kTail / (kTail - 1);
  const double variance = kTail / ((kTail - 1) * (kTail - 1) * (kTail - 2));
  return (std::pow(1 - u, -1 / kTail) - mean) / std::sqrt(variance);
}

// A quarter of the one and three quarters of the other, as tc-netem(8) has it.
double paretonormal(double u) {
  return normal(u) / 4 + pareto(u) * 3 / 4;
}

// Without a table the kernel takes mean +- jitter, all of it alike.
double uniform(double u) {
  return 2 * u - 1;
}

struct Distribution {
  std::string_view name;
  double (*quantile)(double u);
};
constexpr Distribution kDistributions[] = {
    {"uniform", uniform}, {"normal", normal}, {"pareto", pareto}, {"paretonormal", paretonormal}};

const Distribution* find(std::string_view name) {
  for (const auto& distribution : kDistributions) {
    if (name == distribution.name) return &distribution;
  }
  return nullptr;
}

std::int16_t to_entry(double value) {
  return static_cast<std::int16_t>(std::clamp<double>(std::round(value), INT16_MIN, INT16_MAX));
}

std::vector<std::int16_t> read_table(const std::string& path) {
  std::istringstream lines(read_file(path, kLargestFile));
  std::vector<std::int16_t> table;
  const auto broken = [&](const std::string& why) {
    return Error(EINVAL, "read distribution", path)
        .reason(why)
        .hint("whole numbers from -32768 to 32767, as in tc's .dist files");
  };
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      char* end = nullptr;
      const long number = std::strtol(word.c_str(), &end, 10);
      if (*end != '\0' || number < INT16_MIN || number > INT16_MAX) {
        throw broken(fmt::format("'{}' is no entry of a table", word));
      }
      table.push_back(static_cast<std::int16_t>(number));
    }
  }
  if (table.empty() || table.size() > kMostEntries) {
    throw broken(
        fmt::format("it has {} entries, 1 to {} are possible", table.size(), kMostEntries));
  }
  return table;
}

}  // namespace

bool is_netem_distribution(std::string_view name) {
  return find(name) != nullptr;
}

std::vector<std::int16_t> netem_table(const std::string& name) {
  const Distribution* distribution = find(name);
  if (distribution == nullptr) return read_table(name);
  std::vector<std::int16_t> table;
  table.reserve(kQuantiles);
  for (std::size_t i = 0; i < kQuantiles; ++i) {
    const double u = (static_cast<double>(i) + 0.5) / kQuantiles;
    table.push_back(to_entry(distribution->quantile(u) * kScale));
  }
  return table;
}

}  // namespace netyard
