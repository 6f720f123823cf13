// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <chrono>

#include <functional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"

namespace netyard {

/// A one-shot command in a network namespace.
struct Command {
  std::vector<std::string> argv;
  std::string netns_name;     // whose /etc/netns/NAME applies; "" for none
  int namespace_fd = -1;      // -1: where the caller is
  std::string hostname;       // in a UTS namespace of its own; "": the host's
  bool only_network = false;  // the network namespace alone: mounts and /sys stay as they are
  std::string input;          // its standard input
  std::size_t most_output = std::size_t{64} << 10;  // bytes of its output that are kept, the last
};

/// How a command ended. Exactly one of status and signal counts.
struct CommandResult {
  int status = 0;       // exit status; 126 not executable, 127 not found, 125 could not be prepared
  int signal = 0;       // number, 0 when it exited
  std::string output;   // standard output and error together
  std::string failure;  // why it could not be started: "exec ping: No such file or directory"

  bool ok() const { return status == 0 && signal == 0; }
  /// "exited with status 1", "was ended by signal 9 (SIGKILL)".
  std::string describe() const;
};

/// A command that runs. Not finishing it leaves it alone.
class RunningCommand {
 public:
  /// Starts it. Throws Error only when no process can be made.
  explicit RunningCommand(const Command& command);
  RunningCommand(RunningCommand&&) = default;
  /// As run_command(), once.
  CommandResult finish(const std::function<bool()>& interrupted);

 private:
  pid_t pid_ = -1;
  FileDescriptor process_, output_;
  std::size_t most_output_;
  std::string failure_;
};

/// Runs a command to its end with its input on stdin, all other descriptors closed, signals
/// reset. `interrupted` is asked now and then; when it says true the command's process group gets
/// SIGTERM, then SIGKILL after two seconds. Throws Error only when no process can be made.
CommandResult run_command(const Command& command, const std::function<bool()>& interrupted);

/// Replaces this process by argv in the namespace. Returns the exit status to use if it could not
/// (125, 126, 127), with the reason in `failure`. Signals are reset first.
int exec_command(const Command& command, std::string& failure);

}  // namespace netyard
