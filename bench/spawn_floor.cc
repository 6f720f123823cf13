// SPDX-License-Identifier: Apache-2.0
// The floor of bench/spawn: the steps that confine a workload by default, written straight, with
// nothing around them. Usage: spawn_floor COUNT PAUSE_MS FILTER NETNS PROGRAM, NETNS a file or "-"
// for a network namespace of its own; prints the microseconds of each start, to the end of the
// program, as JSON.
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr unsigned long kInert = MS_NOSUID | MS_NODEV | MS_NOEXEC;
constexpr int kMostMasks = 32;
constexpr int kSignals = 64;

struct Mask {
  const char* path;
  bool directory;
};
constexpr const char* kMasked[] = {"/proc/acpi",          "/proc/asound",      "/proc/kcore",
                                   "/proc/keys",          "/proc/kallsyms",    "/proc/kmsg",
                                   "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
                                   "/proc/timer_list",    "/proc/timer_stats", "/sys/firmware",
                                   "/sys/kernel"};
constexpr const char* kReadOnly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                     "/proc/sysrq-trigger"};

struct Plan {
  Mask masks[kMostMasks];
  int mask_count = 0;
  const char* read_only[kMostMasks] = {};
  int read_only_count = 0;
  int last_capability = 0;
  sock_fprog filter{};
  int netns = -1;
  char* argv[2] = {};
  char* envp[4] = {};
};

void must(long result, const char* what) {
  if (result >= 0) return;
  std::perror(what);
  _exit(125);
}

void attributes(const char* path, unsigned flags, unsigned long long set) {
  mount_attr wanted{};
  wanted.attr_set = set;
  must(syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &wanted, sizeof wanted), path);
}

void mount_tmpfs(const char* path, unsigned long flags, const char* options) {
  must(mount("tmpfs", path, "tmpfs", flags, options), path);
}

void make_devices() {
  constexpr struct {
    const char* path;
    unsigned major, minor;
  } kDevices[] = {{"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
                  {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0}};
  constexpr const char* kLinks[][2] = {{"pts/ptmx", "/dev/ptmx"},
                                       {"/proc/self/fd", "/dev/fd"},
                                       {"/proc/self/fd/0", "/dev/stdin"},
                                       {"/proc/self/fd/1", "/dev/stdout"},
                                       {"/proc/self/fd/2", "/dev/stderr"}};
  mount_tmpfs("/dev", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k");
  for (const auto& device : kDevices) {
    must(mknod(device.path, S_IFCHR | 0666, makedev(device.major, device.minor)), device.path);
  }
  must(mkdir("/dev/pts", 0755), "/dev/pts");
  must(mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
             "newinstance,ptmxmode=0666,mode=0620"),
       "/dev/pts");
  must(mkdir("/dev/shm", 0755), "/dev/shm");
  mount_tmpfs("/dev/shm", kInert, "mode=1777");
  for (const auto& link : kLinks) must(symlink(link[0], link[1]), link[1]);
}

void make_file_system(const Plan& plan) {
  must(mount("", "/", "", MS_REC | MS_SLAVE, nullptr), "/");
  umask(0);
  attributes("/", AT_RECURSIVE, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV);
  mount_tmpfs("/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
  mount_tmpfs("/run", MS_NOSUID | MS_NODEV, "mode=0755");
  mount_tmpfs("/var/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
  make_devices();
  must(mount("proc", "/proc", "proc", kInert, nullptr), "/proc");
  must(mount("sysfs", "/sys", "sysfs", kInert | MS_RDONLY, nullptr), "/sys");
  for (int i = 0; i < plan.mask_count; ++i) {
    const Mask& mask = plan.masks[i];
    if (mask.directory) {
      mount_tmpfs(mask.path, kInert | MS_RDONLY, "size=0,nr_inodes=1");
    } else {
      must(mount("/dev/null", mask.path, "", MS_BIND, nullptr), mask.path);
    }
  }
  for (int i = 0; i < plan.read_only_count; ++i) {
    const char* path = plan.read_only[i];
    must(mount(path, path, "", MS_BIND, nullptr), path);
    attributes(path, 0,
               MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  }
}

void bring_up_loopback() {
  const int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  must(ioctl(socket_fd, SIOCSIFFLAGS, &request), "lo");
  close(socket_fd);
}

void set_capabilities(unsigned kept) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  data[0].effective = data[0].permitted = kept;
  must(syscall(SYS_capset, &header, data), "capset");
}

[[noreturn]] void become_workload(const Plan& plan) {
  must(syscall(SYS_close_range, 3U, ~0U, 0), "close_range");
  setsid();
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
  umask(022);
  must(chdir("/"), "chdir");
  for (int number = 0; number <= plan.last_capability; ++number) {
    must(prctl(PR_CAPBSET_DROP, number, 0, 0, 0), "bounding set");
  }
  must(syscall(SYS_setgroups, 0, nullptr), "setgroups");
  must(syscall(SYS_setresgid, 0, 0, 0), "setresgid");
  must(syscall(SYS_setresuid, 0, 0, 0), "setresuid");
  set_capabilities(0);
  must(chdir("/"), "chdir");
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  const unsigned long none = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
  must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &plan.filter),
       "seccomp");
  execve(plan.argv[0], plan.argv, plan.envp);
  _exit(127);
}

[[noreturn]] void become_init(long workload, int parent) {
  set_capabilities(1U << CAP_KILL);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pollfd look = {parent, POLLIN, 0};
  poll(&look, 1, 0);
  syscall(SYS_close_range, 0U, ~0U, 0);
  int status = 0;
  while (waitpid(-1, &status, 0) != workload) {
  }
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

[[noreturn]] void become_confined(const Plan& plan, int parent) {
  for (int number = 1; number <= kSignals; ++number) signal(number, SIG_DFL);
  prctl(PR_SET_DUMPABLE, 0);
  if (plan.netns >= 0) must(setns(plan.netns, CLONE_NEWNET), "setns");
  must(unshare(CLONE_NEWCGROUP), "unshare");
  if (plan.netns < 0) bring_up_loopback();
  make_file_system(plan);
  must(chdir("/"), "chdir");
  const pid_t workload = vfork();
  if (workload == 0) become_workload(plan);
  become_init(workload, parent);
}

int start_and_wait(const Plan& plan) {
  int pidfd = -1;
  const auto parent = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
  clone_args arguments{};
  arguments.flags =
      CLONE_PIDFD | CLONE_CLEAR_SIGHAND | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;
  if (plan.netns < 0) arguments.flags |= CLONE_NEWNET;
  arguments.pidfd = reinterpret_cast<__u64>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  const long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  must(pid, "clone3");
  if (pid == 0) become_confined(plan, parent);
  siginfo_t info{};
  waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED);
  close(pidfd);
  close(parent);
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

void read_filter(const char* path, Plan& plan) {
  static sock_filter code[BPF_MAXINSNS];
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t size = read(fd, code, sizeof code);
  must(size, path);
  plan.filter.len = static_cast<unsigned short>(static_cast<std::size_t>(size) / sizeof code[0]);
  plan.filter.filter = code;
  close(fd);
}

Plan make_plan(const char* filter, char* program) {
  static char environment[][80] = {
      "HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "USER=root"};
  Plan plan;
  for (const char* path : kMasked) {
    struct stat status {};
    if (stat(path, &status) == 0) plan.masks[plan.mask_count++] = {path, S_ISDIR(status.st_mode)};
  }
  for (const char* path : kReadOnly) {
    if (access(path, F_OK) == 0) plan.read_only[plan.read_only_count++] = path;
  }
  while (prctl(PR_CAPBSET_READ, plan.last_capability + 1, 0, 0, 0) >= 0) ++plan.last_capability;
  read_filter(filter, plan);
  plan.argv[0] = program;
  for (int i = 0; i < 3; ++i) plan.envp[i] = environment[i];
  return plan;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  using Clock = std::chrono::steady_clock;
  Plan plan = make_plan(argv[3], argv[5]);
  if (std::strcmp(argv[4], "-") != 0) {
    plan.netns = open(argv[4], O_RDONLY | O_CLOEXEC);
    must(plan.netns, argv[4]);
  }
  const int count = std::atoi(argv[1]);
  for (int i = 0; i < count; ++i) {
    usleep(static_cast<useconds_t>(std::atoi(argv[2])) * 1000);
    const auto start = Clock::now();
    const int status = start_and_wait(plan);
    const std::chrono::duration<double, std::micro> took = Clock::now() - start;
    if (status != 0) return status;
    std::printf("%s%.1f", i == 0 ? "[" : ", ", took.count());
  }
  std::puts("]");
  return 0;
}
