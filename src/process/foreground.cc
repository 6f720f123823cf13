// SPDX-License-Identifier: Apache-2.0
#include "process/foreground.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "process/init/program.h"
#include "process/pipe.h"
#include "process/terminal.h"

namespace netyard {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kGraceOfInterrupt = std::chrono::seconds(2);
constexpr std::array kPassedOn = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1,
                                  SIGUSR2, SIGALRM, SIGCONT, SIGWINCH};

/// The signals that are for the workload, as a descriptor; blocked as long as it lives.
class PassedSignals {
 public:
  PassedSignals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : kPassedOn) sigaddset(&set, number);
    sigprocmask(SIG_BLOCK, &set, &before_);
    fd_ = FileDescriptor(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~PassedSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  PassedSignals(const PassedSignals&) = delete;
  PassedSignals& operator=(const PassedSignals&) = delete;
  int fd() const { return fd_.get(); }
  /// The next one, or 0.
  int next() const {
    signalfd_siginfo info{};
    return read(fd_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo)
                                                              : 0;
  }

 private:
  sigset_t before_{};
  FileDescriptor fd_;
};

class Run {
 public:
  Run(const Prepared& prepared, Foreground how) : how_(std::move(how)) {
    Pipe record = make_pipe();
    record_ = std::move(record.read);
    how_.spawn.record_fd = record.write.get();
    choose_streams();
    if (how_.terminal) take_terminal(prepared.identity.uid);
    process_ = spawn(prepared, how_.spawn);
    if (terminal_) terminal_->close_slave();
    if (how_.timeout) end_at_ = Clock::now() + *how_.timeout;
  }

  ForegroundResult follow() {
    while (!ended_) wait_a_while();
    if (terminal_) drain();
    return finish();
  }

 private:
  void choose_streams() {
    SpawnOptions& spawn = how_.spawn;
    if (spawn.input < 0) spawn.input = STDIN_FILENO;
    if (spawn.output < 0) spawn.output = STDOUT_FILENO;
    if (spawn.error < 0) spawn.error = STDERR_FILENO;
  }

  void take_terminal(uid_t uid) {
    terminal_.emplace();
    terminal_->resize_like(STDIN_FILENO);
    [[maybe_unused]] const int tried = fchown(terminal_->slave(), uid, static_cast<gid_t>(-1));
    SpawnOptions& spawn = how_.spawn;
    spawn.terminal = terminal_->path();
    spawn.input = spawn.output = spawn.error = terminal_->slave();
    raw_.emplace(STDIN_FILENO);
  }

  enum { kProcess, kSignals, kListener, kKeys, kScreen, kSources };

  void wait_a_while() {
    const int listener = process_.listener ? process_.listener.get() : -1;
    const int master = terminal_ ? terminal_->master() : -1;
    pollfd ready[kSources] = {{process_.pidfd.get(), POLLIN, 0},
                              {signals_.fd(), POLLIN, 0},
                              {listener, POLLIN, 0},
                              {terminal_ && keys_open_ ? STDIN_FILENO : -1, POLLIN, 0},
                              {master, POLLIN, 0}};
    if (poll(ready, kSources, patience()) < 0 && errno != EINTR) {
      throw system_error("wait for", "workload");
    }
    if (end_at_ && Clock::now() >= *end_at_) run_out_of_time();
    if (ready[kSignals].revents != 0) pass_signals();
    if ((ready[kListener].revents & POLLIN) != 0) {
      if (const auto call = answer_refusal(process_.listener.get())) how_.refused(*call);
    } else if (ready[kListener].revents != 0) {
      process_.listener.reset();
    }
    if (ready[kKeys].revents != 0) keys_open_ = copy(STDIN_FILENO, master);
    if (ready[kScreen].revents != 0) copy(master, STDOUT_FILENO);
    if (ready[kProcess].revents != 0) ended_ = true;
  }

  int patience() const {
    if (!end_at_) return -1;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(*end_at_ - Clock::now());
    return left.count() < 0 ? 0 : static_cast<int>(left.count()) + 1;
  }

  void send(int number) const {
    syscall(SYS_pidfd_send_signal, process_.pidfd.get(), number, nullptr, 0);
  }

  void run_out_of_time() {
    // A second time: SIGTERM was not enough.
    send(timed_out_ ? SIGKILL : SIGTERM);
    timed_out_ = true;
    end_at_ = Clock::now() + kGraceOfInterrupt;
  }

  void pass_signals() {
    while (const int number = signals_.next()) {
      if (number == SIGWINCH) {
        if (terminal_) terminal_->resize_like(STDIN_FILENO);
      } else {
        send(number);
      }
    }
  }

  // False when there is no more to come.
  static bool copy(int from, int to) {
    char chunk[4096];
    const ssize_t got = read(from, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    for (ssize_t done = 0; done < got;) {
      const ssize_t put = ::write(to, chunk + done, static_cast<std::size_t>(got - done));
      if (put < 0 && errno != EINTR && errno != EAGAIN) return false;
      if (put > 0) done += put;
    }
    return true;
  }

  void drain() const {
    fcntl(terminal_->master(), F_SETFL, O_NONBLOCK);
    while (copy(terminal_->master(), STDOUT_FILENO)) {
    }
  }

  ForegroundResult finish() {
    siginfo_t info{};
    while (waitid(P_PIDFD, static_cast<id_t>(process_.pidfd.get()), &info, WEXITED) < 0 &&
           errno == EINTR) {
    }
    char bytes[sizeof(init::ExitRecord)];
    fcntl(record_.get(), F_SETFL, O_NONBLOCK);
    const ssize_t got = read(record_.get(), bytes, sizeof bytes);
    const auto record = read_ending({bytes, got > 0 ? static_cast<std::size_t>(got) : 0});
    ForegroundResult out;
    out.timed_out = timed_out_;
    if (record) {
      out.ending = *record;
    } else {
      // The init itself was killed.
      out.ending.signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
      out.ending.status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    }
    return out;
  }

  Foreground how_;
  PassedSignals signals_;
  FileDescriptor record_;
  std::optional<PseudoTerminal> terminal_;
  std::optional<RawMode> raw_;
  Process process_;
  std::optional<Clock::time_point> end_at_;
  bool keys_open_ = true, ended_ = false, timed_out_ = false;
};

}  // namespace

ForegroundResult run_in_foreground(const Prepared& prepared, Foreground how) {
  return Run(prepared, std::move(how)).follow();
}

}  // namespace netyard
