// SPDX-License-Identifier: Apache-2.0
// What fault knows of system calls (x86-64).
#pragma once

#include <sys/types.h>
#include <sys/user.h>

#include <vector>

namespace netyard::test {

/// Whether the kernel may answer a call so when memory, descriptors, room or patience is at its
/// end.
bool may_fail(long call, int error);

/// The tracees of a process.
std::vector<pid_t> traced_by(pid_t tracer);

/// A system call of a traced process, as it begins or ends.
struct Call {
  Call(pid_t pid, const user_regs_struct& registers);

  /// Its process has not become another program.
  bool is_of_netyard() const;
  bool sends() const;
  bool receives() const;  // and does not only peek
  bool writes() const;
  bool is_on_netlink() const;
  bool is_on_file() const;
  /// What it received begins with an ack or a refusal.
  bool got_ack() const;
  long size_to_send() const;

  pid_t process;
  long number;
  long result;
  unsigned long long arguments[6];
};

}  // namespace netyard::test
