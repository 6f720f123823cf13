// SPDX-License-Identifier: Apache-2.0
// fault count|kill|error [N [ERRNO]] COMMAND…: runs a command under ptrace(2).
//   count         prints how many system calls it made, behind its own output
//   kill N        kills it as it begins its Nth system call
//   error N ERRNO lets its Nth system call that may fail so (see kinds below) fail without doing it
// Its children are not looked at. Exits with the status of the command, 137 when it was killed, 99
// when it made fewer calls.
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct Fallible {
  long call;
  int error;
};

// What the kernel does answer when memory, descriptors, room or patience is at its end.
const std::vector<Fallible> kFallible = {
    {SYS_openat, ENOMEM},   {SYS_openat, EMFILE},  {SYS_openat, ENOSPC},  {SYS_mkdir, ENOSPC},
    {SYS_mkdir, ENOMEM},    {SYS_mount, ENOMEM},   {SYS_mount, EBUSY},    {SYS_umount2, EBUSY},
    {SYS_umount2, ENOMEM},  {SYS_unshare, ENOMEM}, {SYS_unshare, ENOSPC}, {SYS_setns, ENOMEM},
    {SYS_socket, ENOMEM},   {SYS_socket, EMFILE},  {SYS_socket, ENOBUFS}, {SYS_bind, ENOMEM},
    {SYS_sendmsg, ENOBUFS}, {SYS_sendmsg, ENOMEM}, {SYS_sendto, ENOBUFS}, {SYS_sendto, ENOMEM},
    {SYS_recvmsg, ENOBUFS}, {SYS_recvmsg, ENOMEM}, {SYS_recvmsg, EINTR},  {SYS_recvfrom, ENOBUFS},
    {SYS_recvfrom, EINTR},  {SYS_write, ENOSPC},   {SYS_write, EINTR},    {SYS_rename, ENOSPC},
    {SYS_rename, ENOMEM},   {SYS_unlink, ENOMEM},  {SYS_unlink, EBUSY},   {SYS_symlink, ENOSPC},
    {SYS_symlink, ENOMEM},  {SYS_flock, EINTR},    {SYS_flock, ENOMEM},   {SYS_clone3, ENOMEM},
    {SYS_clone3, EAGAIN},   {SYS_fsopen, ENOMEM},  {SYS_fsmount, EMFILE}, {SYS_rmdir, ENOMEM}};

bool may_fail(long call, int error) {
  return std::any_of(kFallible.begin(), kFallible.end(),
                     [&](const Fallible& one) { return one.call == call && one.error == error; });
}

enum class Mode { count, kill, error };

class Tracer {
 public:
  Tracer(pid_t child, Mode mode, long number, int error)
      : child_(child), mode_(mode), number_(number), error_(error) {}

  int run() {
    int status = 0;
    waitpid(child_, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child_, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    int signal = 0;
    while (true) {
      ptrace(PTRACE_SYSCALL, child_, nullptr, signal);
      signal = 0;
      if (waitpid(child_, &status, 0) < 0) return 98;
      if (WIFEXITED(status)) return done(WEXITSTATUS(status));
      if (WIFSIGNALED(status)) return done(128 + WTERMSIG(status));
      if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
        inside_ = !inside_;
        inside_ ? enter() : leave();
      } else if (WSTOPSIG(status) != SIGTRAP) {
        signal = WSTOPSIG(status);
      }
    }
  }

 private:
  void enter() {
    user_regs_struct registers{};
    ptrace(PTRACE_GETREGS, child_, nullptr, &registers);
    const auto call = static_cast<long>(registers.orig_rax);
    if (mode_ == Mode::error && !may_fail(call, error_)) return;
    if (++seen_ != number_) return;
    struck_ = true;
    if (mode_ == Mode::kill) kill(child_, SIGKILL);
    if (mode_ != Mode::error) return;
    registers.orig_rax = static_cast<unsigned long long>(-1);
    ptrace(PTRACE_SETREGS, child_, nullptr, &registers);
    failing_ = true;
  }

  void leave() {
    if (!failing_) return;
    failing_ = false;
    user_regs_struct registers{};
    ptrace(PTRACE_GETREGS, child_, nullptr, &registers);
    registers.rax = static_cast<unsigned long long>(-error_);
    ptrace(PTRACE_SETREGS, child_, nullptr, &registers);
  }

  int done(int status) const {
    if (mode_ == Mode::count) std::printf("%ld\n", seen_);
    return mode_ != Mode::count && !struck_ ? 99 : status;
  }

  pid_t child_;
  Mode mode_;
  long number_;
  int error_;
  long seen_ = 0;
  bool inside_ = false, struck_ = false, failing_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string word = argc > 1 ? argv[1] : "";
  const int words = word == "count" ? 0 : word == "kill" ? 1 : word == "error" ? 2 : -1;
  if (words < 0 || argc < 3 + words) return 97;
  const Mode mode = words == 0 ? Mode::count : words == 1 ? Mode::kill : Mode::error;
  const long number = words > 0 ? std::atol(argv[2]) : 0;
  const int error = words > 1 ? std::atoi(argv[3]) : 0;
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    execvp(argv[2 + words], argv + 2 + words);
    _exit(127);
  }
  return Tracer(child, mode, number, error).run();
}
