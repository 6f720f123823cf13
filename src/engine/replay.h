// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/link.h"

namespace netyard {

/// A packet-delivery trace of mahimahi: one line each for 1504 bytes that may be delivered, the
/// millisecond from the start, not falling. Repeats after the last.
struct Trace {
  std::vector<std::uint32_t> times;  // ms
  std::uint32_t length() const { return times.back(); }
};
/// Throws Error naming file and line for what is no trace.
Trace read_trace(const std::string& path);
/// The same of the text of a file.
Trace parse_trace(const std::string& text, const std::string& path);

/// Bytes of a trace in consecutive windows, as many as it lasts; the last may be cut short.
std::vector<std::uint64_t> trace_windows(const Trace& trace, std::chrono::milliseconds window);

struct ReplayOptions {
  std::chrono::milliseconds window{100};
  bool once = false;  // instead of again and again
};

struct ReplayResult {
  std::uint64_t steps = 0;  // times that the rate was changed
  double seconds = 0;
  double mean_rate = 0;  // bit/s that were granted
};

/// Lets an end send what a trace delivers, by changes of the rate of a token bucket, until the end
/// of the trace or `interrupted`; then gives it back what it had. Its other impairments stay: the
/// bucket stands inside netem. Throws Error.
ReplayResult replay(const std::string& lab, const LinkEnd& end, const Trace& trace,
                    const ReplayOptions& options, const std::function<bool()>& interrupted);

}  // namespace netyard
