// SPDX-License-Identifier: Apache-2.0
// `up FILE -- COMMAND` on a terminal: Ctrl-C is typed, and the terminal sends SIGINT to all that
// are in its foreground.
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/workloads.h"

namespace netyard::test {
namespace {

constexpr char kCtrlC = '\x03';

/// netyard with a lab for a shell's SCRIPT, on a terminal of its own.
class OnTerminal {
 public:
  OnTerminal(const std::string& file, const std::string& script) {
    int master = -1;
    pid_ = forkpty(&master, nullptr, nullptr, nullptr);
    if (pid_ == 0) {
      execl(NETYARD_PROGRAM, "netyard", "up", file.c_str(), "--", "sh", "-c", script.c_str(),
            nullptr);
      _exit(127);
    }
    master_ = FileDescriptor(master);
    // Before that what is typed is for nobody.
    EXPECT_TRUE(eventually([&] { return tcgetpgrp(master) == pid_; }, kSoon));
  }
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;
  ~OnTerminal() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  void type(char key) const { EXPECT_EQ(write(master_.get(), &key, 1), 1); }
  bool shows(const std::string& text) {
    return eventually(
        [&] {
          read_some();
          return screen_.find(text) != std::string::npos;
        },
        kSoon);
  }
  /// Exit status, 128 + N of signal N; -1 when it hangs.
  int status() {
    int status = 0;
    const bool over = eventually(
        [&] {
          read_some();
          return waitpid(pid_, &status, WNOHANG) == pid_;
        },
        kSoon);
    if (!over) return -1;
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  const std::string& screen() const { return screen_; }

 private:
  void read_some() {
    pollfd ready = {master_.get(), POLLIN, 0};
    char chunk[4096];
    while (poll(&ready, 1, 0) > 0) {
      const ssize_t got = read(master_.get(), chunk, sizeof chunk);
      if (got <= 0) return;
      screen_.append(chunk, static_cast<std::size_t>(got));
    }
  }

  pid_t pid_ = -1;
  FileDescriptor master_;
  std::string screen_;
};

using EphemeralTerminalTest = CleanNetnsTest;

std::string lab() {
  return with_workloads({"w: {command: sleep 1000}"}, "e");
}

TEST_F(EphemeralTerminalTest, CtrlCEndsTheCommandAndTheLab) {
  const LabFile file(lab());
  OnTerminal terminal(file.path(), "echo there; exec sleep 1000");
  ASSERT_TRUE(terminal.shows("there")) << terminal.screen();
  terminal.type(kCtrlC);
  EXPECT_EQ(terminal.status(), 130) << terminal.screen();
}

TEST_F(EphemeralTerminalTest, CtrlCIsTheCommandsOwnAffair) {
  const LabFile file(lab());
  OnTerminal terminal(file.path(), "trap 'echo caught' INT; echo there; read line; exit 7");
  ASSERT_TRUE(terminal.shows("there")) << terminal.screen();
  for (int i = 0; i < 3; ++i) terminal.type(kCtrlC);
  ASSERT_TRUE(terminal.shows("caught")) << terminal.screen();
  terminal.type('\n');
  EXPECT_EQ(terminal.status(), 7) << terminal.screen();
}

// Whether it reaches netyard before it listens, while the lab comes up, the command, or nobody.
TEST_F(EphemeralTerminalTest, CtrlCAtAnyTime) {
  const LabFile file(lab());
  for (int milliseconds = 0; milliseconds < 80; milliseconds += 4) {
    OnTerminal terminal(file.path(), "exec sleep 1000");
    poll(nullptr, 0, milliseconds);
    terminal.type(kCtrlC);
    const int status = terminal.status();
    EXPECT_EQ(status, 130) << milliseconds << terminal.screen();
    if (status == -1) return;
  }
}

}  // namespace
}  // namespace netyard::test
