// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "process/capabilities.h"
#include "process/identity.h"
#include "process/seccomp.h"
#include "process/workload.h"

namespace netyard {

/// A workload with all names resolved: ready to be started, any number of times.
struct Prepared {
  Workload workload;
  Identity identity;
  CapabilitySet capabilities = 0;
  SeccompFilter filter;                 // empty: unconfined
  std::vector<std::string> env;         // complete
  std::vector<std::string> candidates;  // paths to try for argv[0], in order
};

/// Resolves names, reads env files, compiles or finds the seccomp program. Throws Error.
Prepared prepare(const Workload& workload);

/// Directories that are private to a workload and empty at its start, on the host's file system.
const std::vector<std::string>& private_directories();
/// True for a path inside a part of the file system that nobody else has, on the host's.
bool is_private(const Workload& workload, const std::string& path);

}  // namespace netyard
