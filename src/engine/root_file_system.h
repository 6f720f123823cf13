// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/workload.h"

namespace netyard {

/// The workload with its `rootfs:` as a directory: an image is unpacked, unless it was before, and
/// says what the workload does not: command, environment, user, working directory. A workload on
/// the host's file system comes back as it is. Throws Error.
Workload with_root_directory(Workload workload);

/// Mistakes that can be seen on this machine: first of the rootfs, then of all that depends on it.
std::vector<WorkloadProblem> check_on_machine(const Workload& workload);

}  // namespace netyard
