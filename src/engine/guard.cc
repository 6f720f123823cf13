// SPDX-License-Identifier: Apache-2.0
#include "engine/guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/log.h"
#include "engine/instance.h"
#include "engine/lab.h"
#include "engine/services.h"

namespace netyard {
namespace {

constexpr const char* kReady = "ready\n";
constexpr const char* kOwnMounts = "/proc/self/ns/mnt";

// Takes the root directory along: the caller's may be another than the namespace's.
void enter_mounts(int mounts, int root) {
  if (setns(mounts, CLONE_NEWNS) < 0 || fchdir(root) < 0 || chroot(".") < 0 || chdir("/") < 0) {
    throw system_error("enter", "mount namespace");
  }
}

void take_from(std::vector<Leftover>& out, std::vector<Leftover> more) {
  for (auto& one : more) out.push_back(std::move(one));
}

// Inside the lab's mount namespace; its processes are dead. A lab that went as it should has no
// record any more.
std::vector<Leftover> clear_inside(const std::string& lab) {
  std::vector<Leftover> left;
  try {
    // Or a supervisor would be started to end workloads that are dead.
    std::filesystem::remove_all(service_files(lab).directory);
    take_from(left, sweep_instances(true));  // ephemeral labs that the command began
    take_from(left, take_down(lab).left);
  } catch (const std::exception& error) {
    log::debug(error.what());  // then its namespaces go with the mount namespace
  }
  return left;
}

std::string read_line(int line) {
  std::string text;
  for (char byte = 0; read(line, &byte, 1) == 1;) {
    text += byte;
    if (byte == '\n') break;
  }
  return text;
}

void send_text(int line, const std::string& text) {
  if (send(line, text.data(), text.size(), MSG_NOSIGNAL) < 0) log::debug("nobody reads any more");
}

/// The guard's side.
class Watch {
 public:
  Watch(const std::string& instance, LabRecord record, int home, int root, int line)
      : instance_(instance), record_(std::move(record)), home_(home), root_(root), line_(line) {}

  void run() {
    try {
      record_.owner = this_process();
      enter_instance(instance_, record_);
      send_text(line_, kReady);
      while (obey(read_line(line_))) send_text(line_, kReady);
    } catch (const std::exception& error) {
      send_text(line_, std::string(error.what()) + "\n");
    }
    if (init_) {
      pollfd ended = {init_.get(), POLLIN, 0};
      while (poll(&ended, 1, -1) < 0 && errno == EINTR) {
      }
    }
    report(clear());
  }

 private:
  // "join PID", "watch PID"; false: there is nobody any more.
  bool obey(const std::string& request) {
    std::istringstream words(request);
    std::string verb;
    pid_t pid = 0;
    if (!(words >> verb >> pid)) return false;
    if (verb == "watch") {
      init_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
      if (!init_) throw system_error("watch", "process " + std::to_string(pid));
      return true;
    }
    const std::string process = fmt::format("/proc/{}/", pid);
    const FileDescriptor root = open_file(process + "root", O_PATH | O_DIRECTORY);
    const FileDescriptor mounts = open_file(process + "ns/mnt", O_RDONLY);
    enter_mounts(mounts.get(), root.get());
    joined_ = true;
    return true;
  }

  std::vector<Leftover> clear() {
    std::vector<Leftover> left;
    if (joined_) {
      left = clear_inside(record_.name);
      enter_mounts(home_, root_);
    }
    take_from(left, clear_instance(instance_));
    return left;
  }

  void report(const std::vector<Leftover>& left) const {
    for (const auto& one : left) send_text(line_, one.what + "\t" + one.error.what() + "\n");
  }

  const std::string& instance_;
  LabRecord record_;
  int home_, root_, line_;
  FileDescriptor init_;
  bool joined_ = false;
};

// Nothing of the caller's but standard error.
[[noreturn]] void be_guard(const std::string& instance, LabRecord record, int line) {
  setsid();
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  int status = 0;
  try {
    dup2(line, 3);
    close_range(4, ~0U, 0);
    const FileDescriptor nowhere = open_file("/dev/null", O_RDWR);
    dup2(nowhere.get(), STDIN_FILENO);
    dup2(nowhere.get(), STDOUT_FILENO);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    const FileDescriptor home = open_file(kOwnMounts, O_RDONLY);
    const FileDescriptor root = open_file("/", O_PATH | O_DIRECTORY);
    Watch(instance, std::move(record), home.get(), root.get(), 3).run();
  } catch (const std::exception& error) {
    send_text(3, std::string(error.what()) + "\n");
    status = 1;
  }
  _exit(status);
}

}  // namespace

Guard::Guard(std::string instance, LabRecord record)
    : instance_(std::move(instance)), lab_(record.name), home_(open_file(kOwnMounts, O_RDONLY)) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
    throw system_error("make", "socket pair");
  }
  line_ = FileDescriptor(ends[0]);
  FileDescriptor theirs(ends[1]);
  pid_ = fork();
  if (pid_ < 0) throw system_error("create", "process");
  if (pid_ == 0) be_guard(instance_, std::move(record), theirs.get());
  theirs.reset();  // or the line would never end
  try {
    expect({});
  } catch (const Error&) {
    finish();
    throw;
  }
}

Guard::~Guard() {
  if (pid_ > 0) finish();
}

void Guard::expect(const std::string& message) {
  send_text(line_.get(), message);
  const std::string answer = read_line(line_.get());
  if (answer == kReady) return;
  throw Error(0, "prepare", "ephemeral lab")
      .reason(answer.empty() ? "its guard was killed" : answer.substr(0, answer.size() - 1));
}

void Guard::join() {
  expect(fmt::format("join {}\n", getpid()));
}

void Guard::watch(pid_t init) {
  expect(fmt::format("watch {}\n", init));
}

std::vector<Leftover> Guard::finish() {
  std::vector<Leftover> left;
  shutdown(line_.get(), SHUT_WR);
  for (std::string line; !(line = read_line(line_.get())).empty();) {
    const std::size_t tab = std::min(line.find('\t'), line.size() - 1);
    left.push_back({line.substr(0, tab), Error(0, "clear", line.substr(0, tab))
                                             .reason(line.substr(tab + 1, line.size() - tab - 2))});
  }
  int status = 0;
  while (waitpid(std::exchange(pid_, -1), &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFSIGNALED(status)) return left;
  left = clear_inside(lab_);
  if (setns(home_.get(), CLONE_NEWNS) < 0) return left;
  take_from(left, clear_instance(instance_));
  return left;
}

}  // namespace netyard
