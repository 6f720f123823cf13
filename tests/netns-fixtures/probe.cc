// SPDX-License-Identifier: Apache-2.0
// What a hostile workload tries and a shell cannot: each argument is one attempt, "NAME" or
// "NAME:WHAT", and prints a line "NAME:WHAT RESULT", where RESULT is "ok", a number, or the name of
// an errno. Static, so that it runs in any root file system. Nothing it does changes the host even
// where it succeeds.
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/vm_sockets.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

using Attempt = std::string (*)(const char* what);

std::string result(long value) {
  if (value >= 0) return value == 0 ? "ok" : std::to_string(value);
  const char* name = strerrorname_np(static_cast<int>(-value));
  return name != nullptr ? name : "errno " + std::to_string(-value);
}

template <class... Args>
long call(long number, Args... args) {
  const long value = syscall(number, args...);
  return value < 0 ? -errno : value;
}

// What only success or failure is of interest of.
std::string tried(long value) {
  return result(value > 0 ? 0 : value);
}

#if defined(__x86_64__)
// The way into the kernel of 32-bit programs; pointers have to be low.
long call_i386(long number, long a = 0, long b = 0, long c = 0) {
  long value = number;
  __asm__ volatile("int $0x80"
                   : "+a"(value)
                   : "b"(a), "c"(b), "d"(c)
                   : "memory", "r8", "r9", "r10", "r11");
  return static_cast<int>(value);
}

constexpr long kX32 = 0x40000000;

unsigned* low_words(unsigned a, unsigned b, unsigned c) {
  void* memory =
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  auto* words = static_cast<unsigned*>(memory);
  words[0] = a;
  words[1] = b;
  words[2] = c;
  return words;
}
#else
constexpr long kX32 = 0;
#endif

std::string open_as(const char* path, int flags) {
  const int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return result(-errno);
  close(fd);
  return "ok";
}

std::string make_file(const char* path) {
  return open_as(path, O_WRONLY | O_CREAT);
}

std::string show_file(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return result(-errno);
  char text[4096];
  const ssize_t got = read(fd, text, sizeof text);
  close(fd);
  if (got < 0) return result(-errno);
  std::string out(text, static_cast<std::size_t>(got));
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return "'" + out + "'";
}

std::string show_status(const char* path) {
  struct stat status {};
  if (lstat(path, &status) < 0) return result(-errno);
  char text[64];
  const char* kind = S_ISDIR(status.st_mode)   ? "directory"
                     : S_ISCHR(status.st_mode) ? "device"
                     : S_ISLNK(status.st_mode) ? "link"
                                               : "file";
  std::snprintf(text, sizeof text, "%s %o %u:%u", kind, status.st_mode & 07777U,
                major(status.st_rdev), minor(status.st_rdev));
  return text;
}

std::string count_entries(const char* path) {
  DIR* directory = opendir(path);
  if (directory == nullptr) return result(-errno);
  long count = -2;  // "." and ".."
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return std::to_string(count);
}

std::string count_processes(const char*) {
  DIR* directory = opendir("/proc");
  long count = 0;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') ++count;
  }
  closedir(directory);
  return std::to_string(count);
}

std::string list_descriptors(const char*) {
  std::string out;
  for (int fd = 0; fd < 1024; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) out += (out.empty() ? "" : ",") + std::to_string(fd);
  }
  return out;
}

std::string current_directory(const char*) {
  char path[4096];
  const long got = call(SYS_getcwd, path, sizeof path);
  return got < 0 ? result(got) : path;
}

std::string send_signal(const char* what) {
  const char* number = std::strchr(what, ':');
  return result(call(SYS_kill, std::atol(what), number == nullptr ? 0 : std::atoi(number + 1)));
}

std::string trace_child(const char*) {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  const long got = call(SYS_ptrace, PTRACE_SEIZE, child, nullptr, nullptr);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return result(got);
}

std::string read_init_memory(const char*) {
  char byte = 0;
  iovec ours = {&byte, 1};
  iovec theirs = {reinterpret_cast<void*>(0x400000), 1};
  return result(call(SYS_process_vm_readv, 1, &ours, 1, &theirs, 1, 0));
}

std::string set_namespace(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return result(-errno);
  return result(call(SYS_setns, fd, 0));
}

std::string new_process(long flags) {
  const long child = call(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  if (child < 0) return result(child);
  waitpid(static_cast<pid_t>(child), nullptr, 0);
  return "ok";
}

std::string make_socket(const char* what) {
  const long domain = std::atol(what);
  const long got = call(SYS_socket, domain, domain == AF_PACKET || domain == AF_ALG ? 5L : 1L, 0);
  return tried(got);
}

std::string make_raw_socket(const char*) {
  return tried(call(SYS_socket, AF_INET, SOCK_RAW, 1));
}

std::string open_events(const char*) {
  perf_event_attr events{};
  events.size = sizeof events;
  events.type = PERF_TYPE_SOFTWARE;
  events.exclude_kernel = 1;
  return tried(call(SYS_perf_event_open, &events, 0, -1, -1, 0));
}

// A handle that is none: EPERM shows that it was not looked at.
std::string open_handle(const char*) {
  struct {
    unsigned size = 8;
    int type = 1;
    unsigned char bytes[8] = {2};
  } handle;
  return tried(call(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY));
}

std::string set_groups(const char* what) {
  const gid_t group = static_cast<gid_t>(std::atol(what));
  return result(call(SYS_setgroups, 1, &group));
}

// Children of children, whose parents are gone: somebody has to reap them.
std::string make_orphans(const char* what) {
  const long count = std::atol(what);
  for (long i = 0; i < count; ++i) {
    const pid_t child = fork();
    if (child < 0) return result(-errno);
    if (child == 0) {
      if (fork() == 0) usleep(1000);
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
  // Ours and the init's.
  for (int i = 0; i < 400 && count_processes(nullptr) != "2"; ++i) usleep(10'000);
  return count_processes(nullptr);
}

// Until it is refused; with "again", the children do the same.
std::string bomb(const char* what) {
  const bool again = std::strcmp(what, "again") == 0;
  long children = 0;
  for (;;) {
    const pid_t child = fork();
    if (child > 0) ++children;
    if (child == 0 && !again) {
      for (;;) pause();
    }
    if (child < 0 && !again) return std::to_string(children) + " " + result(-errno);
    if (child < 0) usleep(100);
  }
}

// A daemon: a session of its own, no descriptors of its parents.
std::string make_daemon(const char*) {
  if (fork() == 0) {
    setsid();
    if (fork() == 0) {
      for (int fd = 0; fd < 64; ++fd) close(fd);
      for (;;) pause();
    }
    _exit(0);
  }
  wait(nullptr);
  return "ok";
}

std::string take_memory(const char* what) {
  const std::size_t size = std::strtoull(what, nullptr, 0);
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return result(-errno);
  for (std::size_t at = 0; at < size; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
  return "ok";
}

// Looks at every other process until so many could be seen: what of those on their way to be a
// workload can be read? The path of a program that is in no file system, or "ok".
std::string watch(const char* what) {
  long wanted = std::atol(what);
  while (wanted > 0) {
    DIR* directory = opendir("/proc");
    while (const dirent* entry = readdir(directory)) {
      const int pid = std::atoi(entry->d_name);
      char path[256] = {};
      const std::string link = std::string("/proc/") + entry->d_name + "/exe";
      if (pid < 3 || readlink(link.c_str(), path, sizeof path - 1) < 0) continue;
      if (std::strstr(path, "memfd") != nullptr) return path;
      --wanted;
    }
    closedir(directory);
  }
  return "ok";
}

// Milliseconds of processor time had in so many of the wall's.
std::string spin(const char* what) {
  const auto now = [](clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
  };
  const long end = now(CLOCK_MONOTONIC) + std::atol(what);
  while (now(CLOCK_MONOTONIC) < end) {
  }
  return std::to_string(now(CLOCK_PROCESS_CPUTIME_ID));
}

std::string clock_seconds(const char* what) {
  timespec time{};
  clock_gettime(std::atoi(what), &time);
  return std::to_string(time.tv_sec);
}

std::string be_scheduled_first(const char*) {
  const sched_param first = {1};
  const long got = call(SYS_sched_setscheduler, 0, SCHED_FIFO, &first);
  return result(got);
}

std::string run_on(const char* what) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(std::strtoul(what, nullptr, 0), &set);
  return tried(call(SYS_sched_setaffinity, 0, sizeof set, &set));
}

std::string send_ioctl(unsigned long request, const void* argument) {
  // Past libc, which has the request as an int on some machines.
  return result(call(SYS_ioctl, 0, request, argument));
}

#if defined(__x86_64__)
std::string vsock_by_socketcall(const char*) {
  const unsigned* words = low_words(AF_VSOCK, SOCK_STREAM, 0);
  return tried(call_i386(102, 1, reinterpret_cast<long>(words)));
}
#endif

constexpr unsigned long kHigh = 1UL << 32;
constexpr unsigned long kInject = 0x5412;   // TIOCSTI
constexpr unsigned long kConsole = 0x541C;  // TIOCLINUX
const char kKey = 'x';
const char kPaste = 3;

struct Named {
  const char* name;
  Attempt attempt;
};

const Named kAttempts[] = {
    {"read", [](const char* path) { return open_as(path, O_RDONLY); }},
    {"write", [](const char* path) { return open_as(path, O_WRONLY); }},
    {"make", make_file},
    {"show", show_file},
    {"status", show_status},
    {"entries", count_entries},
    {"mkdir", [](const char* path) { return result(call(SYS_mkdirat, AT_FDCWD, path, 0755)); }},
    {"unlink", [](const char* path) { return result(call(SYS_unlinkat, AT_FDCWD, path, 0)); }},
    {"truncate", [](const char* path) { return result(call(SYS_truncate, path, 0L)); }},
    {"mknod",
     [](const char* path) {
       return result(call(SYS_mknodat, AT_FDCWD, path, S_IFCHR | 0666, makedev(1, 1)));
     }},
    {"cwd", current_directory},
    {"descriptors", list_descriptors},
    {"processes", count_processes},
    {"kill", send_signal},
    {"ptrace-child", trace_child},
    {"ptrace-init",
     [](const char*) { return result(call(SYS_ptrace, PTRACE_SEIZE, 1, nullptr, nullptr)); }},
    {"read-init", read_init_memory},
    {"setns", set_namespace},
    {"unshare",
     [](const char* what) { return result(call(SYS_unshare, std::strtol(what, nullptr, 0))); }},
    {"clone", [](const char* what) { return new_process(std::strtol(what, nullptr, 0)); }},
    {"clone3",
     [](const char*) {
       clone_args arguments{};
       arguments.exit_signal = SIGCHLD;
       const long child = call(SYS_clone3, &arguments, sizeof arguments);
       if (child == 0) _exit(0);
       return tried(child);
     }},
    {"mount",
     [](const char* type) { return result(call(SYS_mount, "none", "/tmp", type, 0, nullptr)); }},
    {"remount",
     [](const char* path) {
       return result(call(SYS_mount, "none", path, "none", 0x1000 | 32, nullptr));
     }},
    {"umount", [](const char* path) { return result(call(SYS_umount2, path, 2)); }},
    {"pivot_root", [](const char*) { return result(call(SYS_pivot_root, "/", "/")); }},
    {"open_tree", [](const char* path) { return tried(call(SYS_open_tree, AT_FDCWD, path, 1)); }},
    {"fsopen", [](const char* type) { return tried(call(SYS_fsopen, type, 0)); }},
    {"chroot", [](const char*) { return result(call(SYS_chroot, "/")); }},
    {"keyctl", [](const char*) { return tried(call(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0)); }},
    {"add_key", [](const char*) { return tried(call(SYS_add_key, "user", "probe", "x", 1, -3)); }},
    {"socket", make_socket},
    {"raw-socket", make_raw_socket},
    {"io_uring", [](const char*) { return tried(call(SYS_io_uring_setup, 1, nullptr)); }},
    {"userfaultfd", [](const char*) { return tried(call(SYS_userfaultfd, 1)); }},
    {"bpf", [](const char*) { return tried(call(SYS_bpf, 0, nullptr, 0)); }},
    {"perf", open_events},
    {"open_by_handle_at", open_handle},
    {"kexec", [](const char*) { return result(call(SYS_kexec_load, 0, 1L << 20, nullptr, 0)); }},
    {"module", [](const char*) { return result(call(SYS_init_module, nullptr, 0, "")); }},
    {"syslog", [](const char*) { return tried(call(SYS_syslog, 10, nullptr, 0)); }},
    {"sethostname", [](const char*) { return result(call(SYS_sethostname, "victim", 6)); }},
    {"settimeofday", [](const char*) { return result(call(SYS_settimeofday, nullptr, nullptr)); }},
    {"reboot", [](const char*) { return result(call(SYS_reboot, 0, 0, 0, nullptr)); }},
    {"swapon", [](const char*) { return result(call(SYS_swapon, nullptr, 0)); }},
    {"personality",
     [](const char* what) { return tried(call(SYS_personality, std::strtoul(what, nullptr, 0))); }},
    {"setgroups", set_groups},
    {"setuid", [](const char* what) { return result(call(SYS_setuid, std::atol(what))); }},
    {"session", [](const char*) { return result(getsid(0) == getpid() ? 0 : -1); }},
    {"tiocsti", [](const char*) { return send_ioctl(kInject, &kKey); }},
    {"tiocsti-high", [](const char*) { return send_ioctl(kInject | kHigh, &kKey); }},
    {"tioclinux", [](const char*) { return send_ioctl(kConsole, &kPaste); }},
    {"tioclinux-high", [](const char*) { return send_ioctl(kConsole | kHigh, &kPaste); }},
    {"terminal", [](const char*) { return tried(isatty(0) != 0 ? 0 : -errno); }},
    {"orphans", make_orphans},
    {"bomb", bomb},
    {"daemon", make_daemon},
    {"memory", take_memory},
    {"spin", spin},
    {"clock", clock_seconds},
    {"watch", watch},
    {"fifo", be_scheduled_first},
    {"cpu", run_on},
    {"sleep",
     [](const char* what) {
       return result(usleep(1000U * static_cast<unsigned>(std::atol(what))));
     }},
    {"umask",
     [](const char*) {
       char text[16];
       std::snprintf(text, sizeof text, "%03o", umask(0));
       return std::string(text);
     }},
#if defined(__x86_64__)
    {"x32-getpid", [](const char*) { return tried(call(kX32 | SYS_getpid)); }},
    {"x32-kill", [](const char*) { return tried(call(kX32 | SYS_kill, getpid(), 0)); }},
    {"x32-mount", [](const char*) { return tried(call(kX32 | SYS_mount, 0, 0, 0, 0, 0)); }},
    {"i386-getpid", [](const char*) { return tried(call_i386(20)); }},
    {"i386-kill", [](const char*) { return tried(call_i386(37, getpid(), 0)); }},
    {"i386-mount", [](const char*) { return tried(call_i386(21)); }},
    {"i386-ptrace", [](const char*) { return tried(call_i386(26)); }},
    {"i386-clone3", [](const char*) { return tried(call_i386(435)); }},
    {"i386-unshare", [](const char*) { return tried(call_i386(310, CLONE_NEWUSER)); }},
    {"i386-keyctl", [](const char*) { return tried(call_i386(288)); }},
    {"i386-socket", [](const char* what) { return tried(call_i386(359, std::atol(what), 1)); }},
    {"i386-socketcall-vsock", vsock_by_socketcall},
    {"i386-tiocsti", [](const char*) { return tried(call_i386(54, 0, kInject, 0)); }},
#endif
};

std::string attempt(const std::string& name, const char* what) {
  for (const Named& known : kAttempts) {
    if (name == known.name) return known.attempt(what);
  }
  return "no such attempt";
}

}  // namespace

int main(int argc, char** argv) {
  setvbuf(stdout, nullptr, _IONBF, 0);
  for (int i = 1; i < argc; ++i) {
    const char* colon = std::strchr(argv[i], ':');
    const std::string name = colon == nullptr
                                 ? argv[i]
                                 : std::string(argv[i], static_cast<std::size_t>(colon - argv[i]));
    const std::string came = attempt(name, colon == nullptr ? "" : colon + 1);
    std::printf("%s %s\n", argv[i], came.c_str());
  }
  return 0;
}
