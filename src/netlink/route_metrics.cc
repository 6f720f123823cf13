// SPDX-License-Identifier: Apache-2.0
#include "netlink/route_metrics.h"

#include <fmt/format.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <charconv>

#include "base/units.h"
#include "netlink/attributes.h"
#include "netlink/message.h"

namespace netyard {
namespace {

constexpr auto kNumber = MetricUnit::number;
constexpr auto kTime = MetricUnit::milliseconds;
constexpr std::uint32_t kLongestMs = 600'000;

constexpr MetricField kMetrics[] = {
    {"mtu", RTAX_MTU, kNumber, 68, 65535, "bytes; 'lock N' keeps path MTU discovery out"},
    {"window", RTAX_WINDOW, kNumber, 1, UINT32_MAX, "largest window to advertise, bytes"},
    {"rtt", RTAX_RTT, kTime, 1, kLongestMs, "first estimate of the round-trip time", 8},
    {"rttvar", RTAX_RTTVAR, kTime, 1, kLongestMs, "first estimate of its variance", 4},
    {"ssthresh", RTAX_SSTHRESH, kNumber, 1, UINT32_MAX, "slow start threshold, segments"},
    {"cwnd", RTAX_CWND, kNumber, 1, UINT32_MAX, "clamp of the congestion window, segments"},
    {"advmss", RTAX_ADVMSS, kNumber, 1, 65535, "segment size to advertise, bytes"},
    {"reordering", RTAX_REORDERING, kNumber, 1, 300, "reordering expected on the path, segments"},
    {"hoplimit", RTAX_HOPLIMIT, kNumber, 1, 255, "hop limit, or TTL, of packets"},
    {"initcwnd", RTAX_INITCWND, kNumber, 1, UINT32_MAX, "first congestion window, segments"},
    {"features", RTAX_FEATURES, MetricUnit::ecn, 1, 1, "ecn"},
    {"rto_min", RTAX_RTO_MIN, kTime, 1, kLongestMs, "least retransmission timeout"},
    {"initrwnd", RTAX_INITRWND, kNumber, 1, UINT32_MAX, "first receive window, segments"},
    {"quickack", RTAX_QUICKACK, MetricUnit::flag, 0, 1, "acknowledge at once"},
};

constexpr std::string_view kLock = "lock ";

bool parse_value(const MetricField& field, std::string_view text, std::uint32_t& value) {
  std::uint64_t number = 0;
  if (field.unit == MetricUnit::ecn) {
    number = text == "ecn" ? 1 : 0;
  } else if (field.unit == MetricUnit::milliseconds) {
    const auto time = parse_duration(text);
    if (time) number = static_cast<std::uint64_t>(time->count());
  } else if (field.unit == MetricUnit::flag && (text == "true" || text == "false")) {
    number = text == "true" ? 1 : 0;
  } else {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return false;
  }
  value = static_cast<std::uint32_t>(number);
  return number >= field.min && number <= field.max;
}

std::string expected(const MetricField& field) {
  switch (field.unit) {
    case MetricUnit::flag:
      return "true or false";
    case MetricUnit::ecn:
      return "ecn";
    case MetricUnit::milliseconds:
      return fmt::format("a time from 1ms to {}",
                         format_duration(std::chrono::milliseconds(field.max)));
    case MetricUnit::number:
      break;
  }
  return fmt::format("a number from {} to {}", field.min, field.max);
}

}  // namespace

std::span<const MetricField> metric_fields() {
  return kMetrics;
}

const MetricField* find_metric(std::string_view key) {
  const auto* const found = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                         [&](const MetricField& f) { return key == f.key; });
  return found == std::end(kMetrics) ? nullptr : found;
}

bool parse_metric(const MetricField& field, std::string_view text, RouteMetric& metric,
                  std::string& problem) {
  metric.field = &field;
  metric.lock = text.starts_with(kLock);
  if (metric.lock) text.remove_prefix(kLock.size());
  if (parse_value(field, text, metric.value)) return true;
  problem = expected(field);
  return false;
}

std::string format_metric(const RouteMetric& metric) {
  std::string out = metric.lock ? std::string(kLock) : "";
  switch (metric.field->unit) {
    case MetricUnit::flag:
      return out + (metric.value != 0 ? "true" : "false");
    case MetricUnit::ecn:
      return out + "ecn";
    case MetricUnit::milliseconds:
      return out + fmt::format("{}ms", metric.value);
    case MetricUnit::number:
      break;
  }
  return out + std::to_string(metric.value);
}

std::string to_string(const RouteMetrics& metrics) {
  std::string out;
  for (const auto& metric : metrics.values) {
    out += fmt::format("{}{} {}", out.empty() ? "" : " ", metric.field->key, format_metric(metric));
  }
  if (!metrics.congestion.empty()) {
    out += fmt::format("{}congctl {}{}", out.empty() ? "" : " ",
                       metrics.congestion_lock ? kLock : "", metrics.congestion);
  }
  return out;
}

void put_metrics(Message& message, const RouteMetrics& metrics) {
  if (metrics.empty()) return;
  std::uint32_t locks = metrics.congestion_lock ? 1U << RTAX_CC_ALGO : 0;
  for (const auto& metric : metrics.values) {
    if (metric.lock) locks |= 1U << metric.field->attribute;
  }
  const std::size_t nest = message.open_nest(RTA_METRICS);
  if (locks != 0) message.put_u32(RTAX_LOCK, locks);
  for (const auto& metric : metrics.values) {
    message.put_u32(metric.field->attribute, metric.value * metric.field->scale);
  }
  if (!metrics.congestion.empty()) message.put_string(RTAX_CC_ALGO, metrics.congestion);
  message.close_nest(nest);
}

RouteMetrics read_metrics(const nlattr* nest) {
  RouteMetrics out;
  const Attributes attributes(nest);
  const std::uint32_t locks = attributes.number(RTAX_LOCK).value_or(0);
  out.congestion = attributes.text(RTAX_CC_ALGO);
  for (const auto& field : kMetrics) {
    const auto value = attributes.number(field.attribute);
    if (value) out.values.push_back({&field, *value / field.scale, false});
  }
  for (auto& metric : out.values) metric.lock = ((locks >> metric.field->attribute) & 1) != 0;
  out.congestion_lock = ((locks >> RTAX_CC_ALGO) & 1) != 0 && !out.congestion.empty();
  return out;
}

}  // namespace netyard
