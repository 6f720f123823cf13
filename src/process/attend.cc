// SPDX-License-Identifier: Apache-2.0
#include "process/attend.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "process/init/program.h"

namespace netyard {
namespace {

constexpr std::array kPassed = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1,
                                SIGUSR2, SIGALRM, SIGCONT, SIGWINCH};

FileDescriptor open_process(pid_t pid) {
  FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process) throw system_error("watch", "process " + std::to_string(pid));
  return process;
}

// Marked, so that run_as_init() knows it from one of the terminal.
void pass_on(const FileDescriptor& process, int number) {
  siginfo_t passed{};
  passed.si_signo = number;
  passed.si_code = SI_QUEUE;
  syscall(SYS_pidfd_send_signal, process.get(), number, &passed, 0);
}

bool is_over(const FileDescriptor& process) {
  pollfd ended = {process.get(), POLLIN, 0};
  return poll(&ended, 1, 0) > 0;
}

int status_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

[[noreturn]] void execute(const std::vector<std::string>& argv, const CallersSignals& signals) {
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  signals.restore();
  execvp(words.front(), words.data());
  const int code = errno;
  std::fputs(fmt::format("netyard: execute {}: {}\n", argv.front(), errno_sentence(code)).c_str(),
             stderr);
  _exit(code == ENOENT ? init::kNotFound : init::kNotExecutable);
}

// True, with its status, when it was the command that ended.
bool reap(pid_t command, int& status) {
  int ended = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &ended, WNOHANG)) > 0;) {
    if (pid != command) continue;
    status = status_of(ended);
    return true;
  }
  return false;
}

}  // namespace

CallersSignals::CallersSignals() {
  for (int number = 1; number < NSIG; ++number) {
    sigaction(number, nullptr, &actions_[static_cast<std::size_t>(number)]);
  }
  sigemptyset(&passed_);
  for (const int number : kPassed) sigaddset(&passed_, number);
  sigprocmask(SIG_BLOCK, &passed_, &before_);
}

CallersSignals::~CallersSignals() {
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void CallersSignals::unblock() const {
  sigprocmask(SIG_UNBLOCK, &passed_, nullptr);
}

void CallersSignals::block() const {
  sigprocmask(SIG_BLOCK, &passed_, nullptr);
}

void CallersSignals::restore() const {
  for (int number = 1; number < NSIG; ++number) {
    sigaction(number, &actions_[static_cast<std::size_t>(number)], nullptr);
  }
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

pid_t fork_init() {
  const FileDescriptor own = open_file("/proc/self/ns/pid", O_RDONLY);
  const FileDescriptor caller = open_process(getpid());
  if (unshare(CLONE_NEWPID) < 0) {
    Error error = system_error("create", "pid namespace");
    if (error.code() == EPERM) error.hint("this needs CAP_SYS_ADMIN: run netyard as root");
    throw error;
  }
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Died before that?
    if (is_over(caller)) _exit(128 + SIGKILL);
    return 0;
  }
  const int failed = errno;
  // Later children are ours again.
  if (setns(own.get(), CLONE_NEWPID) < 0) std::abort();
  if (pid < 0) throw Error(failed, "create", "process");
  return pid;
}

int run_as_init(const std::vector<std::string>& argv, const CallersSignals& signals) {
  sigset_t awaited = signals.passed();
  sigaddset(&awaited, SIGCHLD);
  sigprocmask(SIG_BLOCK, &awaited, nullptr);
  const pid_t command = fork();
  if (command < 0) throw system_error("create", "process");
  if (command == 0) execute(argv, signals);
  for (int status = 0;;) {
    siginfo_t info{};
    const int number = sigwaitinfo(&awaited, &info);
    if (number == SIGCHLD && reap(command, status)) return status;
    // Those of the terminal reach the command without us.
    if (number > 0 && number != SIGCHLD && info.si_code == SI_QUEUE) kill(command, number);
  }
}

void pass_on_what_came(pid_t init, const CallersSignals& signals) {
  const FileDescriptor process = open_process(init);
  constexpr timespec kNow{};
  for (int number = 0; (number = sigtimedwait(&signals.passed(), nullptr, &kNow)) > 0;) {
    pass_on(process, number);
  }
}

int follow_init(pid_t init, const CallersSignals& signals) {
  const FileDescriptor process = open_process(init);
  const FileDescriptor source(signalfd(-1, &signals.passed(), SFD_CLOEXEC | SFD_NONBLOCK));
  for (;;) {
    pollfd ready[2] = {{process.get(), POLLIN, 0}, {source.get(), POLLIN, 0}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR) throw system_error("wait for", "command");
    signalfd_siginfo info{};
    while (read(source.get(), &info, sizeof info) == sizeof info) {
      if (info.ssi_code > 0) continue;  // the kernel's: of the terminal
      pass_on(process, static_cast<int>(info.ssi_signo));
    }
    if ((ready[0].revents & POLLIN) == 0) continue;
    int status = 0;
    while (waitpid(init, &status, 0) < 0 && errno == EINTR) {
    }
    return status_of(status);
  }
}

ForegroundGroup::ForegroundGroup() : ours_(tcgetpgrp(STDIN_FILENO) == getpgrp()) {}

ForegroundGroup::~ForegroundGroup() {
  if (!ours_ || tcgetpgrp(STDIN_FILENO) == getpgrp()) return;
  // Whoever is in the background is stopped for trying, else.
  sigset_t ttou, before;
  sigemptyset(&ttou);
  sigaddset(&ttou, SIGTTOU);
  sigprocmask(SIG_BLOCK, &ttou, &before);
  tcsetpgrp(STDIN_FILENO, getpgrp());
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace netyard
