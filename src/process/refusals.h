// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace netyard {

/// A system call that a seccomp filter with `report` refused.
struct RefusedCall {
  std::string name;     // "ptrace"
  pid_t pid = 0;        // of who called, as the caller of answer_refusal() sees it
  std::string command;  // its comm; "" when it is gone
};

/// Takes one notification from a listener (Process::listener) and answers it with EPERM; nullopt
/// when the caller is gone. Blocks until there is one: poll first. No argument of the call is
/// looked at: another thread could change it meanwhile. seccomp_unotify(2).
std::optional<RefusedCall> answer_refusal(int listener);

}  // namespace netyard
