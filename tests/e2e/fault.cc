// SPDX-License-Identifier: Apache-2.0
// fault [--all|--children] MODE [N [ERRNO or SIGNAL]] COMMAND…: runs a command under ptrace(2).
//   count          prints how many system calls it made, behind its own output
//   kill N         kills it as it begins its Nth system call
//   signal N SIG   sends it a signal as it begins its Nth system call
//   error N ERRNO  its Nth system call that may fail so (fault_calls.h) fails, and is not made
//   drop N         its Nth message to netlink is not sent, and it is told that it was
//   lose N         its Nth answer of netlink is lost, and it is told so, as of an overrun (ENOBUFS)
//   silence N      its Nth ack of netlink is lost, and it is not told
//   cut N          its Nth write to a file writes one half, then it is killed
// With --all the calls of its descendants count, too, in the order in which they come, and `kill`
// kills the one that makes the Nth; with --children only theirs do, as long as they run netyard.
// Exits with the status of the command, 137 when it was killed, 99 when there were fewer calls.
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "e2e/fault_calls.h"

namespace {

using namespace netyard::test;

constexpr int kNoCommand = 127, kWrongUse = 97, kTracerFailed = 98, kFewerCalls = 99;
constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;
constexpr long kFollow = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;

enum class Mode { count, kill, signal, error, drop, lose, silence, cut };

struct ModeWord {
  const char* word;
  Mode mode;
  int arguments;
  bool counts_results;  // what counts is what a call came to, not that it begins
};

constexpr ModeWord kModes[] = {
    {"count", Mode::count, 0, false},    {"kill", Mode::kill, 1, false},
    {"signal", Mode::signal, 2, false},  {"error", Mode::error, 2, false},
    {"drop", Mode::drop, 1, false},      {"lose", Mode::lose, 1, true},
    {"silence", Mode::silence, 1, true}, {"cut", Mode::cut, 1, false}};

struct Plan {
  const ModeWord* what = nullptr;
  bool all = false;
  bool children = false;  // only
  long number = 0;
  int argument = 0;
};

class Tracer {
 public:
  Tracer(pid_t child, const Plan& plan) : child_(child), plan_(plan) {}

  int run() {
    const long options = kOptions | (follows() ? kFollow : 0);
    int status = 0;
    // It stops itself, so that nothing of it is missed.
    if (waitpid(child_, &status, WUNTRACED) < 0) return kTracerFailed;
    if (ptrace(PTRACE_SEIZE, child_, nullptr, options) < 0) return kTracerFailed;
    ::kill(child_, SIGCONT);
    for (pid_t pid = 0; (pid = waitpid(-1, &status, __WALL)) > 0;) {
      if (pid == child_ && WIFEXITED(status)) return done(WEXITSTATUS(status));
      if (pid == child_ && WIFSIGNALED(status)) return done(128 + WTERMSIG(status));
      if (WIFSTOPPED(status)) go_on(pid, status);
    }
    return kTracerFailed;
  }

 private:
  bool follows() const { return plan_.all || plan_.children; }

  void go_on(pid_t pid, int status) {
    int signal = 0;
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      look(pid);
    } else if ((status >> 16) == 0) {
      signal = WSTOPSIG(status);
    }
    ptrace(PTRACE_SYSCALL, pid, nullptr, signal);
  }

  void look(pid_t pid) {
    __ptrace_syscall_info info{};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0) return;
    user_regs_struct registers{};
    ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
    const bool begins = info.op == PTRACE_SYSCALL_INFO_ENTRY;
    if (!begins && info.op != PTRACE_SYSCALL_INFO_EXIT) return;
    if (!begins && finish(pid, registers)) return;
    if (begins == plan_.what->counts_results || struck_) return;
    const Call call(pid, registers);
    if (!counts(call) || ++seen_ != plan_.number) return;
    struck_ = true;
    strike(call, registers);
  }

  bool counts(const Call& call) const {
    if (plan_.children && (call.process == child_ || !call.is_of_netyard())) return false;
    switch (plan_.what->mode) {
      case Mode::error:
        return may_fail(call.number, plan_.argument);
      case Mode::drop:
        return call.sends() && call.is_on_netlink();
      case Mode::lose:
        return call.receives() && call.result > 0 && call.is_on_netlink();
      case Mode::silence:
        return call.receives() && call.result > 0 && call.is_on_netlink() && call.got_ack();
      case Mode::cut:
        return call.writes() && call.is_on_file();
      default:
        return true;
    }
  }

  void strike(const Call& call, user_regs_struct& registers) {
    switch (plan_.what->mode) {
      case Mode::count:
        return;
      case Mode::kill:
        ::kill(call.process, SIGKILL);
        return;
      case Mode::signal:
        ::kill(child_, plan_.argument);
        return;
      case Mode::error:
        return skip(call.process, registers, -plan_.argument);
      case Mode::drop:
        return skip(call.process, registers, call.size_to_send());
      case Mode::lose:
        registers.rax = static_cast<unsigned long long>(-ENOBUFS);
        break;
      case Mode::silence:
        again(registers);
        break;
      case Mode::cut:
        registers.rdx /= 2;
        kill_behind_ = call.process;
        break;
    }
    ptrace(PTRACE_SETREGS, call.process, nullptr, &registers);
  }

  // No call has the number -1; what it answers is replaced when it has.
  void skip(pid_t pid, user_regs_struct& registers, long result) {
    registers.orig_rax = static_cast<unsigned long long>(-1);
    ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
    results_[pid] = result;
  }

  // The `syscall` instruction has two bytes.
  static void again(user_regs_struct& registers) {
    registers.rip -= 2;
    registers.rax = registers.orig_rax;
  }

  // Of a call that was struck when it began.
  bool finish(pid_t pid, user_regs_struct& registers) {
    if (kill_behind_ == pid) {
      ::kill(pid, SIGKILL);
      return true;
    }
    const auto result = results_.find(pid);
    if (result == results_.end()) return false;
    registers.rax = static_cast<unsigned long long>(result->second);
    ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
    results_.erase(result);
    return true;
  }

  // Those that live on, a supervisor and what it looks after, must not end with us.
  void let_go() const {
    if (!follows()) return;
    for (const pid_t pid : traced_by(getpid())) {
      ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr);
      int status = 0;
      if (waitpid(pid, &status, __WALL) < 0 || !WIFSTOPPED(status)) continue;
      const bool is_signal = (status >> 16) == 0 && WSTOPSIG(status) != (SIGTRAP | 0x80);
      ptrace(PTRACE_DETACH, pid, nullptr, is_signal ? WSTOPSIG(status) : 0);
    }
  }

  int done(int status) const {
    let_go();
    if (plan_.what->mode == Mode::count) std::printf("%ld\n", seen_);
    return plan_.what->mode != Mode::count && !struck_ ? kFewerCalls : status;
  }

  pid_t child_;
  Plan plan_;
  long seen_ = 0;
  bool struck_ = false;
  pid_t kill_behind_ = 0;
  std::map<pid_t, long> results_;
};

Plan read_plan(int argc, char** argv, int& at) {
  Plan plan;
  if (at < argc && std::string(argv[at]).starts_with("--")) {
    plan.all = std::string(argv[at]) == "--all";
    plan.children = std::string(argv[at]) == "--children";
    ++at;
  }
  for (const auto& mode : kModes) {
    if (at < argc && std::string(argv[at]) == mode.word) plan.what = &mode;
  }
  if (plan.what == nullptr || at + 1 + plan.what->arguments >= argc) return {};
  if (plan.what->arguments > 0) plan.number = std::atol(argv[at + 1]);
  if (plan.what->arguments > 1) plan.argument = std::atoi(argv[at + 2]);
  at += 1 + plan.what->arguments;
  return plan;
}

}  // namespace

int main(int argc, char** argv) {
  int at = 1;
  const Plan plan = read_plan(argc, argv, at);
  if (plan.what == nullptr) return kWrongUse;
  const pid_t child = fork();
  if (child == 0) {
    raise(SIGSTOP);
    execvp(argv[at], argv + at);
    _exit(kNoCommand);
  }
  return Tracer(child, plan).run();
}
