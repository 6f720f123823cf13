// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "engine/run.h"

namespace netyard::cli {

/// Options that say how a command is confined, as `run` has them.
struct ConfinementOptions {
  std::vector<std::string> command;

  void add_to(Command& app);
  /// Throws the error of wrong_use(), naming the option, for a value that is none.
  Workload workload() const;

 private:
  Workload plain;  // what needs no parsing
  std::vector<std::string> env, binds, tmpfs, devices, rlimits, io;
  std::vector<std::string> uid_map, gid_map, landlock_read, landlock_write;
  std::string memory, swap, cpu, umask, seccomp, action;
  std::vector<std::string> allow, deny, only;
  bool report = false, writable = false, new_privileges = false;
};

}  // namespace netyard::cli
