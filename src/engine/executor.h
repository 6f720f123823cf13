// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/kernel.h"
#include "engine/record.h"
#include "topology/plan.h"

namespace netyard {

/// What an execution tells its caller, and asks.
struct ExecutionHooks {
  std::function<bool()> interrupted = [] { return false; };
  std::function<void(std::size_t done, std::size_t of)> progress = [](auto, auto) {};
};

/// How an execution ended, and what it made that outlives the process.
struct Execution {
  bool complete = false;
  std::optional<Error> error;   // nothing, when not complete: it was interrupted
  std::vector<NodeId> created;  // namespaces
};

/// Runs the steps of a plan in order until one fails. Consecutive steps that go through one netlink
/// socket become one batch. Does not throw.
Execution execute(Kernel& kernel, const Topology& topology, const Plan& plan,
                  const ExecutionHooks& hooks);

/// Takes down what a record says, in the reverse order of making: gives links back, deletes pairs
/// with an end on the host, deletes namespaces. Never stops at an error; returns what stayed.
std::vector<Leftover> tear_down(Kernel& kernel, const LabRecord& record);

}  // namespace netyard
