// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "process/service.h"

namespace netyard {

/// Looks once whether a probe of the kinds tcp, udp, unix or file holds for a workload whose init
/// is `init`. Connects to nothing: a listening socket is seen in /proc/PID/net, by the workload's
/// own eyes a file is. False, too, when the process is gone.
bool probe_holds(const Probe& probe, pid_t init);
/// What a probe waits for, in words: "tcp port 8080", "a line with 'ready'".
std::string describe(const Probe& probe);

}  // namespace netyard
