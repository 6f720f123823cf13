// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "process/cgroup.h"
#include "process/foreground.h"
#include "process/workload.h"

namespace netyard {

/// One confined command.
struct RunRequest {
  Workload workload;
  std::string lab, node;  // node not "": in a node of a running lab
  std::string netns;      // not "": in a namespace under /run/netns. Neither: in a fresh one
  bool terminal = false;
  std::optional<std::chrono::milliseconds> timeout;
  std::function<void(const RefusedCall&)> refused = [](const auto&) {};
};

/// How it ended, and what it used.
struct RunReport {
  Ending ending;
  bool timed_out = false;
  CgroupUsage usage;  // empty without limits
  double seconds = 0;
  /// A line for people when it did not end by itself; "" else: "killed, out of memory (limit
  /// 64 MiB, peak 64 MiB)".
  std::string complaint() const;
};

/// Mistakes of the request that can be seen before anything starts.
std::vector<WorkloadProblem> check_run(const RunRequest& request);

/// Runs it to its end. Nothing of it is left afterwards, and what earlier runs left that were
/// killed is removed. Throws SpawnError, Error.
RunReport run_workload(const RunRequest& request);

}  // namespace netyard
