// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <array>
#include <string>
#include <vector>

namespace netyard {

/// What signals meant to whoever called us. As long as it lives, those that are for the command are
/// blocked, so that they can be waited for.
class CallersSignals {
 public:
  CallersSignals();
  ~CallersSignals();
  CallersSignals(const CallersSignals&) = delete;
  CallersSignals& operator=(const CallersSignals&) = delete;
  /// Lets those that came meanwhile through, to handlers that were installed since.
  void unblock() const;
  void block() const;
  /// Before exec: as they were.
  void restore() const;
  const sigset_t& passed() const { return passed_; }

 private:
  sigset_t passed_{}, before_{};
  std::array<struct sigaction, NSIG> actions_{};
};

/// Makes a process that is the first of a new pid namespace, so that all in it end with it, and
/// that ends with the caller. 0 in the new one, as fork(2). Throws Error.
pid_t fork_init();

/// In the first process of a pid namespace: runs a command with the caller's own streams, signals,
/// and terminal, and waits for orphans until it ends. Signals that follow_init() sends go to it.
/// Returns its exit status, 128 + N when signal N ended it, 126 or 127 when it could not be
/// executed, which is said on standard error.
int run_as_init(const std::vector<std::string>& argv, const CallersSignals& signals);

/// Gives fork_init()'s process what came before it was there to be reached by it: the terminal does
/// not repeat its Ctrl-C. To be called while that process still blocks the signals, so that one
/// that reached both counts once.
void pass_on_what_came(pid_t init, const CallersSignals& signals);

/// Waits for fork_init()'s process, and passes on what others than the terminal send: the command
/// is in the terminal's foreground itself. Returns its exit status, or 128 + N.
int follow_init(pid_t init, const CallersSignals& signals);

/// Gives the terminal on standard input back to the caller's process group, which a shell that took
/// it may not have done, because it could not see who had it before.
class ForegroundGroup {
 public:
  ForegroundGroup();
  ~ForegroundGroup();
  ForegroundGroup(const ForegroundGroup&) = delete;
  ForegroundGroup& operator=(const ForegroundGroup&) = delete;

 private:
  bool ours_ = false;
};

}  // namespace netyard
