// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/lab.h"
#include "engine/leftover.h"

namespace netyard {

/// A lab that lives for one command. The callbacks run in a process of its own, which is the first
/// of a pid namespace and has a mount namespace with a /run/netns, /run/netyard and /etc/netns that
/// nobody else sees; so does the command.
struct EphemeralRun {
  const LoadedLab& lab;
  std::string instance;  // new_instance(), which the lab was loaded with
  std::vector<std::string> argv;
  /// Remembers signals that interrupt `bring_up`; which came, or 0.
  std::function<void()> listen;
  std::function<int()> interrupted;
  /// Brings the lab up. nullopt: it is up; else the exit status, and the command is not run.
  std::function<std::optional<int>()> bring_up;
  /// Takes it down; false when something was left.
  std::function<bool()> take_down;
};

struct EphemeralResult {
  int status = 0;              // of the command, 128 + N when signal N ended it; or of `bring_up`
  bool left = false;           // `take_down` left something
  std::vector<Leftover> rest;  // outside of the lab's mount namespace
};

/// Runs a command in a lab that is gone when this returns, and also when this process, the command
/// or both are killed. Throws Error when it cannot be prepared; nothing was made then.
EphemeralResult run_ephemeral(const EphemeralRun& run);

}  // namespace netyard
