// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace netyard {

/// "net.ipv4.ip_forward" or "net/ipv4/ip_forward" as the path "net/ipv4/ip_forward". As in
/// sysctl(8) the first separator decides, so net/ipv4/conf/eth0.1/rp_filter can name eth0.1. ""
/// when the key is malformed: "..", empty parts, control bytes, or not under net.
std::string sysctl_path(std::string_view key);

/// Writes and reads sysctls of the network namespace the calling thread is in.
/// All namespaces' entries hang under one dentry name in one procfs, so that a lookup gets slower
/// with each namespace; a fresh private procfs (fsopen, fsmount, never attached) every 64
/// namespaces keeps it flat. Falls back to /proc/sys where that is refused.
class SysctlWriter {
 public:
  /// Call once for each namespace entered.
  void next_namespace();
  /// path as sysctl_path gives it. Throws Error.
  void write(const std::string& path, const std::string& value);
  std::string read(const std::string& path);

 private:
  int proc();
  FileDescriptor proc_;
  int used_ = 0;
  bool private_refused_ = false;
};

}  // namespace netyard
