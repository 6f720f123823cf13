// SPDX-License-Identifier: Apache-2.0
#include "process/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <optional>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "netns/enter.h"
#include "process/init/program.h"
#include "process/pipe.h"

namespace netyard {
namespace {

constexpr int kTickOfCommands = 100;  // milliseconds between questions to `interrupted`
constexpr auto kGrace = std::chrono::seconds(2);
using init::kCannotPrepare;
using init::kNotExecutable;
using init::kNotFound;

void reset_signals() {
  struct sigaction fallback {};
  fallback.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &fallback, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::vector<char*> pointers(const std::vector<std::string>& argv) {
  std::vector<char*> out;
  out.reserve(argv.size() + 1);
  for (const auto& word : argv) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

// A file, not a pipe: nobody has to feed it.
FileDescriptor input_of(const std::string& text) {
  if (text.empty()) return open_file("/dev/null", O_RDONLY | O_CLOEXEC);
  FileDescriptor file(memfd_create("netyard-input", MFD_CLOEXEC));
  if (!file) throw system_error("create", "standard input");
  write_all(file.get(), text, "standard input");
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

void enter(const Command& command) {
  if (command.namespace_fd < 0) return;
  if (!command.only_network) {
    return enter_for_exec(command.namespace_fd, command.netns_name, command.hostname);
  }
  if (setns(command.namespace_fd, CLONE_NEWNET) < 0) {
    throw system_error("enter namespace", command.netns_name);
  }
}

// In the child. Returns only when there is no going on; writes home what went wrong.
[[noreturn]] void child(const Command& command, int input, int output, int home) {
  setpgid(0, 0);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  std::string failure;
  const int status = exec_command(command, failure);
  failure.resize(std::min<std::size_t>(failure.size(), PIPE_BUF));
  [[maybe_unused]] const ssize_t sent = ::write(home, failure.data(), failure.size());
  _exit(status);
}

// Follows a child: gathers its output, ends it when asked to.
class Watch {
 public:
  Watch(pid_t pid, FileDescriptor process, FileDescriptor output, std::size_t most)
      : pid_(pid), process_(std::move(process)), output_(std::move(output)), most_(most) {}

  std::string follow(const std::function<bool()>& interrupted) {
    while (!exited_) {
      wait_a_moment();
      if (!exited_ && interrupted()) end_it();
    }
    // A background child of the command may hold the pipe for ever: take what is there now.
    fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    while (read_some()) {
    }
    return std::move(text_);
  }

 private:
  void wait_a_moment() {
    pollfd ready[2] = {{process_.get(), POLLIN, 0}, {open_ ? output_.get() : -1, POLLIN, 0}};
    if (poll(ready, 2, kTickOfCommands) < 0 && errno != EINTR)
      throw system_error("wait for", "command");
    if (ready[1].revents != 0) open_ = read_some();
    if ((ready[0].revents & POLLIN) != 0) exited_ = true;
  }

  bool read_some() {
    char chunk[4096];
    const ssize_t got = read(output_.get(), chunk, sizeof chunk);
    if (got <= 0) return got < 0 && errno == EINTR;
    text_.append(chunk, static_cast<std::size_t>(got));
    if (text_.size() > most_) text_.erase(0, text_.size() - most_);
    return true;
  }

  void end_it() {
    const auto now = std::chrono::steady_clock::now();
    if (!asked_) {
      asked_ = now;
      kill(-pid_, SIGTERM);
    } else if (now - *asked_ > kGrace) {
      kill(-pid_, SIGKILL);
    }
  }

  pid_t pid_;
  FileDescriptor process_;
  FileDescriptor output_;
  std::size_t most_;
  std::string text_;
  bool open_ = true;
  bool exited_ = false;
  std::optional<std::chrono::steady_clock::time_point> asked_;
};

void reap(pid_t pid, CommandResult& result) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
}

std::string read_to_end(int fd) {
  std::string text;
  char chunk[512];
  for (;;) {
    const ssize_t got = read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(chunk, static_cast<std::size_t>(got));
  }
}

}  // namespace

std::string CommandResult::describe() const {
  if (signal != 0) {
    const char* name = sigabbrev_np(signal);
    return fmt::format("was ended by signal {} (SIG{})", signal, name != nullptr ? name : "?");
  }
  return fmt::format("exited with status {}", status);
}

RunningCommand::RunningCommand(const Command& command) : most_output_(command.most_output) {
  const FileDescriptor input = input_of(command.input);
  Pipe output = make_pipe();
  Pipe report = make_pipe();
  pid_ = fork();
  if (pid_ < 0) throw system_error("fork for", command.argv.empty() ? "command" : command.argv[0]);
  if (pid_ == 0) child(command, input.get(), output.write.get(), report.write.get());
  setpgid(pid_, pid_);  // in both, so that it is done whoever comes first
  output.write.reset();
  report.write.reset();
  // Ends when the child has executed (close-on-exec) or died.
  failure_ = read_to_end(report.read.get());
  process_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!process_) throw system_error("watch", "command");
  output_ = std::move(output.read);
}

CommandResult RunningCommand::finish(const std::function<bool()>& interrupted) {
  CommandResult result;
  result.failure = failure_;
  result.output =
      Watch(pid_, std::move(process_), std::move(output_), most_output_).follow(interrupted);
  reap(pid_, result);
  return result;
}

CommandResult run_command(const Command& command, const std::function<bool()>& interrupted) {
  return RunningCommand(command).finish(interrupted);
}

int exec_command(const Command& command, std::string& failure) {
  if (command.argv.empty() || command.argv.front().empty()) {
    failure = "there is no command";
    return kCannotPrepare;
  }
  try {
    enter(command);
  } catch (const Error& error) {
    failure = error.what();
    return kCannotPrepare;
  }
  reset_signals();
  // Closing on exec, not now: the caller may still have to say what went wrong.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  execvp(command.argv.front().c_str(), pointers(command.argv).data());
  const int code = errno;
  failure = fmt::format("execute {}: {}", command.argv.front(), errno_sentence(code));
  return code == ENOENT ? kNotFound : kNotExecutable;
}

}  // namespace netyard
