// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "engine/leftover.h"
#include "engine/record.h"

namespace netyard {

/// A process in a session of its own that sees to the end of an ephemeral lab: when the process
/// that made it has died, or says so, it waits for the lab's first process and clears what is left.
class Guard {
 public:
  /// Starts it; it enters the instance. Throws Error: then there is neither.
  Guard(std::string instance, LabRecord record);
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard();
  /// It follows into the caller's mount namespace, and keeps it.
  void join();
  /// It waits for this process, too, before it clears.
  void watch(pid_t init);
  /// Has all cleared, by ourselves if the guard was killed. What stays.
  std::vector<Leftover> finish();

 private:
  void expect(const std::string& message);

  std::string instance_, lab_;
  FileDescriptor home_;  // mount namespace of the host
  FileDescriptor line_;
  pid_t pid_ = -1;
};

}  // namespace netyard
