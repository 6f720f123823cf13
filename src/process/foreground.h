// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "process/refusals.h"
#include "process/spawn.h"

namespace netyard {

/// A workload that the caller waits for.
struct Foreground {
  SpawnOptions spawn;     // input, output and error are the caller's own unless set
  bool terminal = false;  // a pseudo-terminal between it and the caller's
  std::optional<std::chrono::milliseconds> timeout;
  std::function<void(const RefusedCall&)> refused = [](const auto&) {};
};

/// How it went.
struct ForegroundResult {
  Ending ending;
  bool timed_out = false;
};

/// Runs a workload to its end. Signals that come meanwhile are passed on to it; a change of the
/// window, too. On a timeout it gets SIGTERM, and SIGKILL two seconds later. Throws SpawnError.
ForegroundResult run_in_foreground(const Prepared& prepared, Foreground how);

}  // namespace netyard
