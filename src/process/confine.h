// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "process/prepared.h"
#include "process/steps.h"

namespace netyard {

/// What the new process finds; descriptors are as it has them, -1 for none.
struct Surroundings {
  int netns_fd = -1;          // network namespace to join
  bool new_netns = false;     // one of its own, made by clone
  std::string netns_name;     // whose /etc/netns/NAME files are laid over /etc
  int join_fd = -1;           // pidfd of a process whose namespaces are all joined
  std::string rootfs;         // directory; "": the host's
  std::vector<int> task_fds;  // cgroup v1: joined by writing "0"
  int map_fd = -1;            // user namespace: a byte comes when the maps are written
  int parent_fd = -1;         // pidfd; the workload dies with it
  int report_fd = -1;         // where a step that fails is told
  int record_fd = -1;         // where the init tells how the workload ended
  int listener_fd = -1;       // socket that takes the seccomp listener
  std::vector<int> kept_by_init;
  std::string terminal;  // path of the pty that becomes /dev/console
  bool controlling_terminal = false;
};

/// All that a process does between clone and the workload, in the order the kernel needs it:
/// docs/design/confinement.md tells why.
StepList confinement_steps(const Prepared& prepared, const Surroundings& surroundings);

/// The part that makes the file system.
void add_filesystem_steps(StepList& steps, const Prepared& prepared,
                          const Surroundings& surroundings);

}  // namespace netyard
