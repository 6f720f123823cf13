// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace netyard {
namespace {

using Words = std::vector<std::tuple<const char*, std::uint64_t, const char*>>;

TEST(Units, TimesAreReadAndWritten) {
  const Words words = {{"20ms", 20'000'000, "20ms"},    {"1.5s", 1'500'000'000, "1.5s"},
                       {"100us", 100'000, "100us"},     {"10ns", 10, "10ns"},
                       {"2m", 120'000'000'000, "120s"}, {"0", 0, "0ns"},
                       {"0.0005s", 500'000, "500us"},   {"1234567ns", 1'234'567, "1234.567us"}};
  for (const auto& [text, value, written] : words) {
    EXPECT_EQ(parse_nanoseconds(text), value) << text;
    EXPECT_EQ(format_nanoseconds(value), written);
    EXPECT_EQ(parse_nanoseconds(written), value);
  }
  for (const char* text : {"", "20", "-1ms", "ms", "1 ms", "1e3ms", "inf", "400y", "300000h00"}) {
    EXPECT_FALSE(parse_nanoseconds(text)) << text;
  }
}

TEST(Units, RatesAreReadAndWritten) {
  const Words words = {{"10mbit", 10'000'000, "10mbit"}, {"1.5Gbit", 1'500'000'000, "1.5gbit"},
                       {"64kbit", 64'000, "64kbit"},     {"8bit", 8, "8bit"},
                       {"1mbps", 8'000'000, "8mbit"},    {"1234567bit", 1'234'567, "1234.567kbit"}};
  for (const auto& [text, value, written] : words) {
    EXPECT_EQ(parse_rate(text), value) << text;
    EXPECT_EQ(format_rate(value), written);
    EXPECT_EQ(parse_rate(written), value);
  }
  for (const char* text : {"", "10", "10m", "-1mbit", "mbit", "1e9bit", "99999999tbit"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

TEST(Units, PercentagesAreReadAndWritten) {
  const Words words = {{"1%", 10'000'000, "1%"},
                       {"0.001%", 10'000, "0.001%"},
                       {"100%", 1'000'000'000, "100%"},
                       {"0%", 0, "0%"}};
  for (const auto& [text, value, written] : words) {
    EXPECT_EQ(parse_percent(text), value) << text;
    EXPECT_EQ(format_percent(value), written);
  }
  for (const char* text : {"", "1", "120%", "-1%", "%", "100.1%"}) {
    EXPECT_FALSE(parse_percent(text)) << text;
  }
}

}  // namespace
}  // namespace netyard
