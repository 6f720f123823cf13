// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct nlattr;

namespace netyard {

class Message;

/// How a metric is written in a file.
enum class MetricUnit { number, milliseconds, flag, ecn };

/// A metric of a route: its key in the file and for ip-route(8), and RTAX_… of
/// include/uapi/linux/rtnetlink.h.
struct MetricField {
  const char* key;
  std::uint16_t attribute;
  MetricUnit unit;
  std::uint32_t min;
  std::uint32_t max;
  const char* help;
  std::uint32_t scale = 1;  // what the kernel multiplies milliseconds by
};
std::span<const MetricField> metric_fields();
/// nullptr when there is no such metric.
const MetricField* find_metric(std::string_view key);

struct RouteMetric {
  const MetricField* field = nullptr;
  std::uint32_t value = 0;  // of the field's unit
  bool lock = false;        // the kernel leaves it alone: no path MTU discovery, for mtu
  friend bool operator==(const RouteMetric&, const RouteMetric&) = default;
};

/// The metrics that a route says, in the order of metric_fields().
struct RouteMetrics {
  std::vector<RouteMetric> values;
  std::string congestion;  // RTAX_CC_ALGO; "" for the namespace's
  bool congestion_lock = false;
  bool empty() const { return values.empty() && congestion.empty(); }
  friend bool operator==(const RouteMetrics&, const RouteMetrics&) = default;
};

/// Reads "1400", "lock 1400", "200ms", "true" or "ecn" for a metric; on a mistake returns false and
/// says in `problem` what was expected.
bool parse_metric(const MetricField& field, std::string_view text, RouteMetric& metric,
                  std::string& problem);
/// parse_metric read backwards.
std::string format_metric(const RouteMetric& metric);
/// All of them as ip-route(8) words: "mtu lock 1400 congctl reno".
std::string to_string(const RouteMetrics& metrics);

/// Appends RTA_METRICS when there is any.
void put_metrics(Message& message, const RouteMetrics& metrics);
RouteMetrics read_metrics(const nlattr* nest);

}  // namespace netyard
