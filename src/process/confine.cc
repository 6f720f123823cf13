// SPDX-License-Identifier: Apache-2.0
#include "process/confine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/words.h"

namespace netyard {
namespace {

constexpr unsigned kFirstFree = 3;  // descriptor after standard error
constexpr unsigned kDefaultUmask = 022;
// Younger than the headers of some systems.
constexpr std::uint64_t kLandlockRefer = std::uint64_t{1} << 13;
constexpr std::uint64_t kLandlockTruncate = std::uint64_t{1} << 14;

class Confinement {
 public:
  Confinement(const Prepared& prepared, const Surroundings& surroundings)
      : prepared_(prepared), workload_(prepared.workload), around_(surroundings) {}

  StepList run() {
    // An ignored SIGCHLD would lose what children come to.
    steps_.reset_signals();
    wait_for_maps();
    join_cgroups();
    hide();
    set_host_limits();
    join_namespaces();
    if (around_.join_fd < 0) {
      if (around_.new_netns) bring_up_loopback();
      if (!workload_.shares("mount")) add_filesystem_steps(steps_, prepared_, around_);
      if (!workload_.hostname.empty()) set_hostname();
    }
    // What the init has for a working directory is seen by all as /proc/1/cwd.
    steps_.call("go to /", SYS_chdir, {steps_.text("/")});
    if (outside_pid_namespace()) {
      steps_.call("adopt orphans", SYS_prctl, {PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0});
    }
    // With a listener the descriptors are shared until exec: the init passes it on.
    steps_.fork(around_.listener_fd >= 0 ? CLONE_FILES | CLONE_VFORK : 0);
    become_workload();
    steps_.after_fork();
    become_init();
    return std::move(steps_);
  }

 private:
  void wait_for_maps() {
    if (around_.map_fd < 0) return;
    const auto byte = steps_.slot();
    steps_.call_is(1, "wait for the user namespace's maps", SYS_read,
                   {around_.map_fd, StepList::Data{byte.offset, 1}, 1});
    steps_.call("become root of the user namespace", SYS_setresgid, {0, 0, 0});
    steps_.call("become root of the user namespace", SYS_setresuid, {0, 0, 0});
  }

  // By itself, into `tasks`: the kernel takes no global lock for that, and 0.1 ms instead of 10.
  void join_cgroups() {
    for (const int fd : around_.task_fds) {
      steps_.call("join cgroup", SYS_write, {fd, steps_.text("0"), 1});
    }
  }

  // Nobody reads our memory or opens our /proc files; exec ends it.
  void hide() {
    if (around_.map_fd < 0) steps_.call("hide from ptrace", SYS_prctl, {PR_SET_DUMPABLE, 0});
  }

  void set_host_limits() {
    if (workload_.oom_score_adj) {
      steps_.write_file("/proc/self/oom_score_adj", std::to_string(*workload_.oom_score_adj));
    }
    for (const auto& limit : workload_.rlimits) {
      if (limit.name != "nproc") set_rlimit(limit);
    }
    if (workload_.nice) {
      steps_.call(fmt::format("set nice {}", *workload_.nice), SYS_setpriority,
                  {PRIO_PROCESS, 0, *workload_.nice});
    }
  }

  void set_rlimit(const ResourceLimit& limit) {
    const std::uint64_t values[2] = {limit.soft, limit.hard};
    steps_.call("set resource limit " + limit.name, SYS_prlimit64,
                {0, rlimit_number(limit.name), steps_.bytes(values, sizeof values), 0});
  }

  void join_namespaces() {
    if (around_.join_fd >= 0) {
      long all =
          CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
      if (workload_.has_user_namespace()) all |= CLONE_NEWUSER;
      steps_.call("join the workload's namespaces", SYS_setns, {around_.join_fd, all});
      return;
    }
    if (around_.netns_fd >= 0) {
      steps_.call("join network namespace", SYS_setns, {around_.netns_fd, CLONE_NEWNET});
    }
    // After the cgroups, so that its root is the workload's own.
    if (!workload_.shares("cgroup")) {
      steps_.call("create cgroup namespace", SYS_unshare, {CLONE_NEWCGROUP});
    }
    if (workload_.boottime_offset || workload_.monotonic_offset) {
      constexpr long kNewTime = 0x80;  // CLONE_NEWTIME
      steps_.call("create time namespace", SYS_unshare, {kNewTime});
      std::string lines;
      if (workload_.monotonic_offset) {
        lines += fmt::format("monotonic {} 0\n", *workload_.monotonic_offset);
      }
      if (workload_.boottime_offset) {
        lines += fmt::format("boottime {} 0\n", *workload_.boottime_offset);
      }
      steps_.write_file("/proc/self/timens_offsets", lines);
    }
  }

  // A namespace begins with nothing up.
  void bring_up_loopback() {
    const auto socket = steps_.slot();
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    steps_.call_into(socket, "open a socket", SYS_socket, {AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0});
    steps_.call("bring up lo", SYS_ioctl,
                {socket, SIOCSIFFLAGS, steps_.bytes(&request, sizeof request)});
    steps_.call("close the socket", SYS_close, {socket});
  }

  // Then the workload does not die with its init by itself.
  bool outside_pid_namespace() const { return workload_.shares("pid") || around_.join_fd >= 0; }

  void set_hostname() {
    const auto name = steps_.text(workload_.hostname);
    steps_.call("set hostname", SYS_sethostname, {name, name.size});
  }

  // Closes everything from `from` on but those to be kept.
  void close_all_but(std::vector<int> kept, unsigned from) {
    std::sort(kept.begin(), kept.end());
    for (const int fd : kept) {
      const auto keep = static_cast<unsigned>(fd);
      if (fd < 0 || keep < from) continue;
      if (keep > from) steps_.call("close descriptors", SYS_close_range, {from, keep - 1, 0});
      from = keep + 1;
    }
    steps_.call("close descriptors", SYS_close_range, {from, ~0U, 0});
  }

  void become_workload() {
    // Before any path is followed: /proc/self/fd leads nowhere then.
    const std::vector<int> kept = kept_until_exec();
    close_all_but(kept, kFirstFree);
    for (const int fd : kept) {
      if (fd < 0) continue;
      steps_.call("close on exec", SYS_fcntl, {fd, F_SETFD, FD_CLOEXEC});
    }
    steps_.call("start a session", SYS_setsid, {}, {EPERM});
    if (around_.controlling_terminal) {
      steps_.call("take the terminal", SYS_ioctl, {STDIN_FILENO, TIOCSCTTY, 0});
    }
    steps_.call("start a keyring", SYS_keyctl, {KEYCTL_JOIN_SESSION_KEYRING, 0},
                {ENOSYS, EDQUOT, EPERM});
    steps_.call("set umask", SYS_umask, {workload_.umask.value_or(kDefaultUmask)});
    // As whoever starts it where its user may not, and then again: what it may not see it is not
    // in.
    change_directory({EACCES, EBADF});
    drop_privileges();
    change_directory({});
    for (const auto& limit : workload_.rlimits) {
      if (limit.name == "nproc") set_rlimit(limit);
    }
    if (outside_pid_namespace()) {
      steps_.call("die with the init", SYS_prctl, {PR_SET_PDEATHSIG, SIGKILL});
      // If it is gone already, it was because netyard is.
      find_parent_alive();
    }
    if (workload_.no_new_privs) {
      steps_.call("set no_new_privs", SYS_prctl, {PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0});
    }
    if (workload_.landlock) {
      restrict_paths(*workload_.landlock);
      close_all_but(kept, kFirstFree);
    }
    const std::uint64_t none = 0;
    steps_.call("unblock signals", SYS_rt_sigprocmask,
                {SIG_SETMASK, steps_.bytes(&none, sizeof none), 0, sizeof none});
    if (!prepared_.filter.empty()) install_filter();
    execute();
  }

  // Not by the links of /proc: they lead out of the root, to descriptors of ours and processes of
  // others.
  void change_directory(std::initializer_list<int> tolerated) {
    const std::string cwd = workload_.cwd.empty() ? "/" : workload_.cwd;
    const std::string name = "change directory to " + cwd;
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_NO_MAGICLINKS;
    const auto place = steps_.slot();
    steps_.call_into(place, name, SYS_openat2,
                     {AT_FDCWD, steps_.text(cwd), steps_.bytes(&how, sizeof how), sizeof how},
                     tolerated);
    steps_.call(name, SYS_fchdir, {place}, tolerated);
    steps_.call(name, SYS_close, {place}, tolerated);
  }

  // In the order that leaves each step the right it needs.
  void drop_privileges() {
    const CapabilitySet kept = prepared_.capabilities;
    const Identity& who = prepared_.identity;
    for (unsigned number = 0; number < kernel_capabilities(); ++number) {
      if ((kept >> number & 1) != 0) continue;
      steps_.call("drop " + capability_name(number) + " for good", SYS_prctl,
                  {PR_CAPBSET_DROP, number, 0, 0, 0});
    }
    if (kept != 0 && who.uid != 0) {
      steps_.call("keep capabilities", SYS_prctl, {PR_SET_KEEPCAPS, 1, 0, 0, 0});
    }
    // A user namespace made without privilege has setgroups denied, and no groups to drop.
    std::initializer_list<int> tolerated = {};
    static constexpr std::initializer_list<int> kDenied = {EPERM};
    const bool may_be_denied = around_.map_fd >= 0 || !in_initial_user_namespace();
    if (may_be_denied && who.groups.empty()) tolerated = kDenied;
    steps_.call("set groups", SYS_setgroups,
                {who.groups.size(),
                 steps_.bytes(who.groups.data(), who.groups.size() * sizeof(std::uint32_t))},
                tolerated);
    steps_.call(fmt::format("become group {}", who.gid), SYS_setresgid,
                {who.gid, who.gid, who.gid});
    steps_.call(fmt::format("become user {}", who.uid), SYS_setresuid, {who.uid, who.uid, who.uid});
    // A user other than root keeps capabilities over exec only as ambient ones.
    const CapabilitySet inheritable = who.uid != 0 ? kept : 0;
    set_capabilities(kept, inheritable);
    for (unsigned number = 0; number < kernel_capabilities(); ++number) {
      if ((inheritable >> number & 1) == 0) continue;
      steps_.call("keep " + capability_name(number), SYS_prctl,
                  {PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0});
    }
  }

  void set_capabilities(CapabilitySet kept, CapabilitySet inheritable) {
    const __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
    for (int half = 0; half < 2; ++half) {
      data[half].effective = data[half].permitted = static_cast<std::uint32_t>(kept >> 32 * half);
      data[half].inheritable = static_cast<std::uint32_t>(inheritable >> 32 * half);
    }
    steps_.call("set capabilities", SYS_capset,
                {steps_.bytes(&header, sizeof header), steps_.bytes(data, sizeof data)});
  }

  // Every right over files that this kernel's Landlock knows of, but those over devices: what is
  // not handled is allowed.
  static std::uint64_t landlock_rights() {
    static const long version =
        syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    std::uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    if (version >= 2) rights |= kLandlockRefer;
    if (version >= 3) rights |= kLandlockTruncate;
    return rights;
  }

  void restrict_paths(const LandlockPolicy& policy) {
    constexpr std::uint64_t kRead =
        LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    const std::uint64_t all = landlock_rights();
    const landlock_ruleset_attr handled = {all};
    const auto ruleset = steps_.slot();
    steps_.call_into(ruleset, "create a Landlock ruleset", SYS_landlock_create_ruleset,
                     {steps_.bytes(&handled, sizeof handled), sizeof handled, 0});
    for (const auto& path : policy.read) allow_beneath(ruleset, path, kRead);
    for (const auto& path : policy.write) allow_beneath(ruleset, path, all);
    steps_.call("restrict paths", SYS_landlock_restrict_self, {ruleset, 0});
  }

  // Twice: a rule of a file takes no rights that only a directory can give.
  void allow_beneath(StepList::Slot ruleset, const std::string& path, std::uint64_t access) {
    constexpr std::uint64_t kOfFiles = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
                                       LANDLOCK_ACCESS_FS_WRITE_FILE | kLandlockTruncate;
    static constexpr std::initializer_list<int> kNoDirectory = {EINVAL};
    for (const bool of_files : {true, false}) {
      const landlock_path_beneath_attr rule = {of_files ? access & kOfFiles : access, -1};
      const auto data = steps_.bytes(&rule, sizeof rule);
      const auto fd = StepList::slot_in(data, offsetof(landlock_path_beneath_attr, parent_fd));
      steps_.call_into(fd, "open " + path, SYS_openat,
                       {AT_FDCWD, steps_.text(path), O_PATH | O_CLOEXEC});
      steps_.call("allow " + path, SYS_landlock_add_rule,
                  {ruleset, LANDLOCK_RULE_PATH_BENEATH, data, 0},
                  of_files ? std::initializer_list<int>{} : kNoDirectory);
    }
  }

  void install_filter() {
    const auto& filter = prepared_.filter;
    sock_fprog program{};
    program.len = static_cast<unsigned short>(filter.size());
    const auto code = steps_.bytes(filter.data(), filter.size() * sizeof filter[0]);
    const auto data = steps_.bytes(&program, sizeof program);
    steps_.point(data, offsetof(sock_fprog, filter), code);
    const long listen =
        around_.listener_fd >= 0 ? static_cast<long>(SECCOMP_FILTER_FLAG_NEW_LISTENER) : 0;
    const long flags = static_cast<long>(SECCOMP_FILTER_FLAG_LOG) | listen;
    steps_.call("install the seccomp filter", SYS_seccomp, {SECCOMP_SET_MODE_FILTER, flags, data});
  }

  void execute() {
    const auto argv = steps_.texts(workload_.argv);
    const auto env = steps_.texts(prepared_.env);
    for (const auto& path : prepared_.candidates) steps_.execute(path, argv, env);
    steps_.give_up("execute " + workload_.argv.front());
  }

  void die_with_parent() {
    if (around_.parent_fd < 0) return;
    steps_.call("die with netyard", SYS_prctl, {PR_SET_PDEATHSIG, SIGKILL});
    find_parent_alive();
  }

  // It may have died before we asked to die with it: its pidfd is readable then.
  void find_parent_alive() {
    if (around_.parent_fd < 0) return;
    const pollfd look = {around_.parent_fd, POLLIN, 0};
    const timespec now = {0, 0};
    steps_.call_is(0, "find netyard alive", SYS_ppoll,
                   {steps_.bytes(&look, sizeof look), 1, steps_.bytes(&now, sizeof now), 0, 8});
  }

  // It forwards signals to whoever the workload is, and needs no other right for it.
  void become_init() {
    if (around_.listener_fd >= 0) pass_listener();
    steps_.call("set name", SYS_prctl, {PR_SET_NAME, steps_.text("netyard-init")});
    set_capabilities(own_capabilities() & CapabilitySet{1} << CAP_KILL, 0);
    steps_.call("set no_new_privs", SYS_prctl, {PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0});
    die_with_parent();
    std::vector<int> kept = around_.kept_by_init;
    kept.push_back(around_.record_fd);
    close_all_but(kept, 0);
    steps_.reap(around_.record_fd);
  }

  // With a listener what the workload closes is closed for the init, too.
  std::vector<int> kept_until_exec() const {
    std::vector<int> kept = {around_.report_fd};
    if (outside_pid_namespace()) kept.push_back(around_.parent_fd);
    if (around_.listener_fd < 0) return kept;
    kept.insert(kept.end(), around_.kept_by_init.begin(), around_.kept_by_init.end());
    kept.insert(kept.end(), {around_.record_fd, around_.listener_fd, around_.parent_fd});
    return kept;
  }

  // The lowest number that the workload had free when it installed its filter.
  int listener_number() const {
    const std::vector<int> used = kept_until_exec();
    int number = kFirstFree;
    while (std::find(used.begin(), used.end(), number) != used.end()) ++number;
    return number;
  }

  void pass_listener() {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    auto* header = reinterpret_cast<cmsghdr*>(control);
    header->cmsg_len = CMSG_LEN(sizeof(int));
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    const int listener = listener_number();
    std::memcpy(CMSG_DATA(header), &listener, sizeof listener);
    const iovec part = {nullptr, 1};
    msghdr message{};
    message.msg_iovlen = 1;
    message.msg_controllen = sizeof control;
    const auto content = steps_.bytes(&part, sizeof part);
    steps_.point(content, offsetof(iovec, iov_base), steps_.text("l"));
    const auto data = steps_.bytes(&message, sizeof message);
    steps_.point(data, offsetof(msghdr, msg_iov), content);
    steps_.point(data, offsetof(msghdr, msg_control), steps_.bytes(control, sizeof control));
    // The workload may be gone, and the descriptor with it: its report says why.
    steps_.call("pass the seccomp listener", SYS_sendmsg, {around_.listener_fd, data, MSG_NOSIGNAL},
                {EBADF, EPIPE});
  }

  const Prepared& prepared_;
  const Workload& workload_;
  const Surroundings& around_;
  StepList steps_;
};

}  // namespace

StepList confinement_steps(const Prepared& prepared, const Surroundings& surroundings) {
  return Confinement(prepared, surroundings).run();
}

}  // namespace netyard
