// SPDX-License-Identifier: Apache-2.0
#include "process/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/words.h"
#include "process/confine.h"
#include "process/embedded.h"
#include "process/init/program.h"
#include "process/init/syscall.h"
#include "process/pipe.h"

namespace netyard {
namespace {

constexpr std::size_t kStack = std::size_t{64} << 10;
constexpr int kStandard = 3;  // standard input, output, error
using init::kCannotPrepare;
using init::kNotExecutable;
using init::kNotFound;

struct Ends {
  FileDescriptor ours, theirs;
};

Ends make_ends(bool ours_reads) {
  Pipe pipe = make_pipe();
  if (!ours_reads) std::swap(pipe.read, pipe.write);
  return {std::move(pipe.read), std::move(pipe.write)};
}

Ends make_socket_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
    throw system_error("make", "socket pair");
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

FileDescriptor memory_file(const char* name, std::string_view content) {
  FileDescriptor file(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) throw system_error("make", "memory file");
  write_all(file.get(), std::string(content), name);
  // Nobody changes what others run: not even who finds it as /proc/PID/exe.
  fcntl(file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  return file;
}

int init_file() {
  static const FileDescriptor file = memory_file("netyard-init", embedded_init());
  return file.get();
}

/// What the child needs between clone and the init, where it has the caller's memory and must not
/// touch it.
struct Child {
  const int* inherited = nullptr;
  std::size_t inherited_count = 0;
  int standard[kStandard] = {};
  bool ambient = false;  // keep capabilities over exec without being root
  unsigned capabilities = 0;
  int init = -1;
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  int error = 0;  // why the init could not be executed
};

// In a user namespace without maps it is nobody, whom exec strips of all capabilities but these.
__attribute__((no_sanitize("address", "undefined"))) void raise_ambient(const Child& child) {
  using init::raw;
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  init::raw_call(SYS_capget, raw(&header), raw(data));
  data[0].inheritable = data[0].permitted;
  data[1].inheritable = data[1].permitted;
  init::raw_call(SYS_capset, raw(&header), raw(data));
  for (unsigned number = 0; number < child.capabilities; ++number) {
    init::raw_call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0);
  }
}

extern "C" __attribute__((no_sanitize("address", "undefined"), used)) void netyard_child(
    Child* child) {
  using init::raw;
  using init::raw_call;
  for (int i = 0; i < kStandard; ++i) {
    if (child->standard[i] == i) {
      raw_call(SYS_fcntl, i, F_SETFD, 0);
    } else {
      raw_call(SYS_dup3, child->standard[i], i, 0);
    }
  }
  for (std::size_t i = 0; i < child->inherited_count; ++i) {
    raw_call(SYS_fcntl, child->inherited[i], F_SETFD, 0);
  }
  if (child->ambient) raise_ambient(*child);
  const long result = raw_call(SYS_execveat, child->init, raw(""), raw(child->argv),
                               raw(child->envp), AT_EMPTY_PATH);
  child->error = static_cast<int>(-result);
  for (;;) raw_call(SYS_exit_group, kCannotPrepare);
}

// clone3 whose child calls netyard_child on a stack of its own, the caller's being in use.
long clone_child(clone_args& arguments, Child& child) {
  long result = SYS_clone3;
#if defined(__x86_64__)
  register Child* argument __asm__("r12") = &child;
  __asm__ volatile(
      "syscall\n"
      "test %%rax, %%rax\n"
      "jnz 1f\n"
      "xor %%ebp, %%ebp\n"
      "mov %%r12, %%rdi\n"
      "call netyard_child\n"
      "1:"
      : "+a"(result)
      : "D"(&arguments), "S"(sizeof arguments), "r"(argument)
      : "rcx", "r11", "memory");
#else
  register long number __asm__("x8") = SYS_clone3;
  register long first __asm__("x0") = reinterpret_cast<long>(&arguments);
  register long second __asm__("x1") = sizeof arguments;
  register Child* argument __asm__("x19") = &child;
  __asm__ volatile(
      "svc 0\n"
      "cbnz x0, 1f\n"
      "mov x29, #0\n"
      "mov x0, x19\n"
      "bl netyard_child\n"
      "1:"
      : "+r"(first)
      : "r"(number), "r"(second), "r"(argument)
      : "memory", "x30");
  result = first;
#endif
  return result;
}

class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

std::string map_lines(const std::vector<IdRange>& ranges) {
  std::string out;
  for (const auto& range : ranges) {
    out += fmt::format("{} {} {}\n", range.inside, range.outside, range.count);
  }
  return out;
}

void write_proc(pid_t pid, const char* file, const std::string& text) {
  const std::string path = fmt::format("/proc/{}/{}", pid, file);
  const FileDescriptor fd = open_file(path, O_WRONLY);
  write_all(fd.get(), text, path);
}

class Spawner {
 public:
  Spawner(const Prepared& prepared, const SpawnOptions& options)
      : prepared_(prepared), workload_(prepared.workload), options_(options) {}

  Process run() {
    const StepList steps = make_steps();
    const FileDescriptor block = memory_file("netyard-steps", steps.block(around_.report_fd));
    start(block.get());
    if (around_.map_fd >= 0) write_maps();
    report_.theirs.reset();
    maps_.theirs.reset();
    if (around_.listener_fd >= 0) {
      listener_.theirs.reset();
      process_.listener = receive_listener();
    }
    check_report(steps);
    return std::move(process_);
  }

 private:
  bool joins() const { return options_.join_pidfd >= 0; }

  StepList make_steps() {
    report_ = make_ends(true);
    around_.report_fd = report_.theirs.get();
    around_.netns_fd = options_.netns_fd;
    around_.new_netns = options_.new_netns;
    around_.netns_name = options_.netns_name;
    around_.join_fd = options_.join_pidfd;
    around_.rootfs = options_.rootfs;
    around_.record_fd = options_.record_fd;
    around_.kept_by_init = options_.kept_by_init;
    around_.terminal = options_.terminal;
    around_.controlling_terminal = !options_.terminal.empty();
    if (workload_.has_user_namespace() && !joins()) {
      maps_ = make_ends(false);
      around_.map_fd = maps_.theirs.get();
    }
    if (workload_.seccomp.report && !prepared_.filter.empty()) {
      listener_ = make_socket_pair();
      around_.listener_fd = listener_.theirs.get();
    }
    if (options_.die_with_caller) {
      caller_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
      around_.parent_fd = caller_.get();
    }
    if (options_.cgroup != nullptr) {
      tasks_ = options_.cgroup->open_tasks();
      for (const auto& file : tasks_) around_.task_fds.push_back(file.get());
    }
    return confinement_steps(prepared_, around_);
  }

  __u64 clone_flags() const {
    __u64 flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
    if (joins()) return flags;
    if (!workload_.shares("mount")) flags |= CLONE_NEWNS;
    if (!workload_.shares("pid")) flags |= CLONE_NEWPID;
    if (!workload_.shares("uts")) flags |= CLONE_NEWUTS;
    if (!workload_.shares("ipc")) flags |= CLONE_NEWIPC;
    if (options_.new_netns) flags |= CLONE_NEWNET;
    if (workload_.has_user_namespace()) flags |= CLONE_NEWUSER;
    return flags;
  }

  std::vector<int> inherited(int block) const {
    std::vector<int> out = around_.task_fds;
    out.insert(out.end(), around_.kept_by_init.begin(), around_.kept_by_init.end());
    for (const int fd :
         {block, around_.report_fd, around_.netns_fd, around_.join_fd, around_.record_fd,
          around_.map_fd, around_.listener_fd, around_.parent_fd}) {
      if (fd >= 0) out.push_back(fd);
    }
    return out;
  }

  // The three, none of which is the number of another.
  void choose_standard(Child& child) {
    const int wanted[kStandard] = {options_.input, options_.output, options_.error};
    for (int i = 0; i < kStandard; ++i) {
      int fd = wanted[i];
      if (fd < 0) {
        if (!nothing_) nothing_ = open_file("/dev/null", O_RDWR);
        fd = nothing_.get();
      }
      if (fd < kStandard && fd != i) {
        copies_[static_cast<std::size_t>(i)] =
            FileDescriptor(fcntl(fd, F_DUPFD_CLOEXEC, kStandard));
        fd = copies_[static_cast<std::size_t>(i)].get();
      }
      child.standard[i] = fd;
    }
  }

  void start(int block) {
    const std::vector<int> kept = inherited(block);
    std::string name = "netyard-init";
    std::string number = std::to_string(block);
    char* argv[] = {name.data(), number.data(), nullptr};
    char* envp[] = {nullptr};
    Child child;
    child.inherited = kept.data();
    child.inherited_count = kept.size();
    choose_standard(child);
    child.ambient = around_.map_fd >= 0;
    child.capabilities = kernel_capabilities();
    child.init = init_file();
    child.argv = argv;
    child.envp = envp;
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = clone_flags();
    arguments.pidfd = reinterpret_cast<__u64>(&pidfd);
    arguments.exit_signal = SIGCHLD;
    FileDescriptor group;
    if (options_.cgroup != nullptr) group = options_.cgroup->open_unified();
    if (group) {
      arguments.flags |= CLONE_INTO_CGROUP;
      arguments.cgroup = static_cast<__u64>(group.get());
    }
    const auto stack = std::make_unique_for_overwrite<char[]>(kStack);
    arguments.stack = reinterpret_cast<__u64>(stack.get());
    arguments.stack_size = kStack;
    long pid = 0;
    {
      const SignalsBlocked blocked;
      pid = clone_child(arguments, child);
    }
    if (pid < 0) throw clone_error(static_cast<int>(-pid));
    process_.pid = static_cast<pid_t>(pid);
    process_.pidfd = FileDescriptor(pidfd);
    if (child.error == 0) return;
    reap();
    throw SpawnError(Error(child.error, "start the init of", subject()), kCannotPrepare);
  }

  std::string subject() const { return join_words({workload_.argv.front()}); }

  SpawnError clone_error(int code) const {
    Error error(code, "start", subject());
    if (code == EPERM) {
      error.hint("namespaces of its own need root, or a user namespace: --map-root");
    } else if (code == EAGAIN) {
      error.hint("a limit of processes is reached: pids of a cgroup, or ulimit -u");
    } else if (code == ENOSPC) {
      error.hint("a limit of namespaces is reached: /proc/sys/user/max_*_namespaces");
    }
    return {std::move(error), kCannotPrepare};
  }

  void write_maps() {
    try {
      // Without privilege groups may be mapped only where none can be dropped.
      if (geteuid() != 0) write_proc(process_.pid, "setgroups", "deny");
      write_proc(process_.pid, "uid_map", map_lines(workload_.uid_map));
      write_proc(process_.pid, "gid_map", map_lines(workload_.gid_map));
      write_all(maps_.ours.get(), "m", "pipe");
    } catch (const Error& error) {
      maps_.ours.reset();
      reap();
      throw SpawnError(Error(error.code(), "map users for", subject())
                           .reason("the kernel does not take the map")
                           .hint("without root only one's own id can be mapped"),
                       kCannotPrepare);
    }
  }

  FileDescriptor receive_listener() const {
    char byte = 0;
    iovec part = {&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t got = 0;
    do {
      got = recvmsg(listener_.ours.get(), &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    const cmsghdr* header = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return {};
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return FileDescriptor(fd);
  }

  // Ends when the workload executes (close-on-exec), or with what kept it from that.
  void check_report(const StepList& steps) {
    init::Report report{};
    ssize_t got = 0;
    do {
      got = read(report_.ours.get(), &report, sizeof report);
    } while (got < 0 && errno == EINTR);
    if (got != sizeof report) return;
    reap();
    const std::string& step = steps.name(report.step);
    if (!step.starts_with("execute ")) {
      throw SpawnError(Error(report.error, step, "for " + subject()), kCannotPrepare);
    }
    throw execute_error(report.error);
  }

  SpawnError execute_error(int code) const {
    const bool missing = code == ENOENT || code == ENOTDIR;
    Error error(code, "execute", subject());
    if (missing) {
      std::string places;
      for (const auto& path : prepared_.candidates) {
        places += (places.empty() ? "" : ", ") + path;
      }
      error.hint(fmt::format("looked for {}{}", places,
                             options_.rootfs.empty() ? "" : " in " + workload_.rootfs));
    } else if (code == EACCES) {
      error.hint("it is no executable file, or its user may not reach it");
    } else if (code == ENOEXEC) {
      error.hint("it is no program, and names none in a first line like #!/bin/sh");
    }
    return {std::move(error), missing ? kNotFound : kNotExecutable};
  }

  void reap() {
    siginfo_t info{};
    while (waitid(P_PIDFD, static_cast<id_t>(process_.pidfd.get()), &info, WEXITED) < 0 &&
           errno == EINTR) {
    }
  }

  const Prepared& prepared_;
  const Workload& workload_;
  const SpawnOptions& options_;
  Surroundings around_;
  Ends report_, maps_, listener_;
  FileDescriptor caller_, nothing_;
  std::array<FileDescriptor, kStandard> copies_;
  std::vector<FileDescriptor> tasks_;
  Process process_;
};

}  // namespace

Process spawn(const Prepared& prepared, const SpawnOptions& options) {
  return Spawner(prepared, options).run();
}

std::string Ending::describe() const {
  if (signal != 0) return "was ended by " + signal_name(signal);
  return fmt::format("exited with status {}", status);
}

std::optional<Ending> read_ending(const std::string& record) {
  init::ExitRecord found{};
  if (record.size() != sizeof found) return {};
  std::memcpy(&found, record.data(), sizeof found);
  if (found.magic != init::kMagic) return {};
  Ending out;
  const int status = static_cast<int>(found.wait_status);
  if (WIFSIGNALED(status)) {
    out.signal = WTERMSIG(status);
    out.status = 128 + out.signal;
  } else {
    out.status = WEXITSTATUS(status);
  }
  out.user_us = found.user_us;
  out.system_us = found.system_us;
  out.max_rss = found.max_rss_kib << 10;
  return out;
}

}  // namespace netyard
