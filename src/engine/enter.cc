// SPDX-License-Identifier: Apache-2.0
#include "engine/enter.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "engine/find.h"
#include "engine/services.h"
#include "netns/namespace.h"
#include "netns/processes.h"
#include "process/command.h"
#include "process/foreground.h"

namespace netyard {

int exec_in_node(const std::string& lab, const std::string& node,
                 const std::vector<std::string>& argv, std::string& failure) {
  const FoundNode found = find_node(lab, node);
  return exec_command({argv, found.netns, found.fd.get(), found.name}, failure);
}

int exec_in_workload(const std::string& lab, const std::string& workload,
                     const std::vector<std::string>& argv, bool terminal) {
  const std::string name = find_lab(lab);
  const PlacedService placed = running_service(name, workload);
  const auto state = load_state(service_files(name), placed.service);
  Foreground how;
  FileDescriptor process;
  if (state && state->pid != 0) {
    process = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, state->pid, 0)));
  }
  if (!process || !is_running({state->pid, state->start_time})) {
    throw Error(0, "run in workload", workload).reason("it does not run");
  }
  Workload beside = placed.service.workload;
  beside.argv = argv;
  beside.rootfs = placed.rootfs;
  const Cgroup group = Cgroup::find(placed.group);
  how.spawn.join_pidfd = process.get();
  how.spawn.cgroup = group ? &group : nullptr;
  how.terminal = terminal;
  return run_in_foreground(prepare(beside), std::move(how)).ending.status;
}

int exec_in_namespace(const std::string& name, const std::vector<std::string>& argv,
                      std::string& failure) {
  const FileDescriptor fd = open_namespace(name);
  return exec_command({argv, name, fd.get(), {}}, failure);
}

}  // namespace netyard
