// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "process/cgroup.h"
#include "process/prepared.h"

namespace netyard {

/// Where a workload starts. Descriptors are the caller's, and stay its own.
struct SpawnOptions {
  int netns_fd = -1;       // network namespace to join; -1 without new_netns: the caller's
  bool new_netns = false;  // one of its own, with lo up
  std::string netns_name;  // whose /etc/netns/NAME files are laid over /etc
  int join_pidfd = -1;     // a process whose namespaces are all joined, instead of made
  std::string rootfs;      // directory; "": the host's. Never written
  const Cgroup* cgroup = nullptr;
  int input = -1, output = -1, error = -1;  // -1: /dev/null
  std::string terminal;           // pty whose slave the three are: it becomes /dev/console
  bool die_with_caller = true;    // with the calling thread
  int record_fd = -1;             // gets an init::ExitRecord
  std::vector<int> kept_by_init;  // stay open as long as the workload lives
};

/// A workload that was started. The process is its init, which ends when the workload does, with
/// its status, or 128 + the signal that ended it.
struct Process {
  pid_t pid = 0;
  FileDescriptor pidfd;     // readable when it has ended
  FileDescriptor listener;  // seccomp notifications, for `report`
};

/// Starts a workload and returns once it executes. A step that fails is thrown as Error, whose
/// operation is the step; `status` is then 125, 126 for a file that is no program, 127 for none.
class SpawnError : public Error {
 public:
  SpawnError(Error error, int status) : Error(std::move(error)), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};
Process spawn(const Prepared& prepared, const SpawnOptions& options);

/// How a workload ended.
struct Ending {
  int status = 0;  // exit status; 128 + signal when one ended it
  int signal = 0;
  std::uint64_t user_us = 0, system_us = 0;  // processor time, microseconds
  std::uint64_t max_rss = 0;                 // bytes, of its largest process
  /// "exited with status 1", "was ended by SIGKILL".
  std::string describe() const;
};
/// From the record that an init wrote; nullopt when it could not write one: it was killed.
std::optional<Ending> read_ending(const std::string& record);

}  // namespace netyard
