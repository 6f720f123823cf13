// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/file_descriptor.h"

namespace netyard {

/// Writes and reads sysctls of the network namespace the calling thread is in.
/// All namespaces' entries hang under one dentry name in one procfs, so that a lookup gets slower
/// with each namespace; a fresh private procfs (fsopen, fsmount, never attached) every 64
/// namespaces keeps it flat. Falls back to /proc/sys where that is refused.
class SysctlWriter {
 public:
  /// Call once for each namespace entered.
  void next_namespace();
  /// path as base/sysctl_path.h gives it. Throws Error.
  void write(const std::string& path, const std::string& value);
  std::string read(const std::string& path);

 private:
  int proc();
  FileDescriptor proc_;
  int used_ = 0;
  bool private_refused_ = false;
};

}  // namespace netyard
