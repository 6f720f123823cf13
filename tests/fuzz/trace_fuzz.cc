// SPDX-License-Identifier: Apache-2.0
// A packet-delivery trace of mahimahi. Every line is 1504 bytes of some window.
#include <numeric>

#include "engine/replay.h"
#include "fuzz/input.h"

using namespace netyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::may_refuse([&] {
    const Trace trace = parse_trace(fuzz::text_of(data, size), "trace");
    const auto windows = trace_windows(trace, std::chrono::milliseconds(100));
    const auto sum = std::accumulate(windows.begin(), windows.end(), std::uint64_t{0});
    fuzz::require(sum == trace.times.size() * 1504, "windows have all bytes of the trace");
  });
  return 0;
}
