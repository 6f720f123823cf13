// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "netns/namespace.h"

namespace netyard {

/// A process and the network namespace it is in.
struct NamespaceProcess {
  pid_t pid = 0;
  std::string command;  // comm
  NamespaceIdentity identity;
};

/// All processes whose namespace we may read, in one pass over /proc.
std::vector<NamespaceProcess> processes_by_namespace();

/// Pid and start time (clock ticks since boot, field 22 of /proc/PID/stat): the pair names a
/// process even after the pid is used again.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;
  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};
ProcessIdentity this_process();
/// Throws Error when there is no such process.
ProcessIdentity identify_process(pid_t pid);
bool is_running(const ProcessIdentity& process);
/// /proc/sys/kernel/random/boot_id.
std::string boot_id();

}  // namespace netyard
