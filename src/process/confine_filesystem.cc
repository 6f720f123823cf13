// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>
#include <utility>

#include "process/confine.h"

namespace netyard {
namespace {

constexpr unsigned long kQuiet = MS_NOSUID | MS_NODEV;
constexpr unsigned long kInert = kQuiet | MS_NOEXEC;

struct Device {
  const char* name;
  unsigned major, minor;
};
constexpr std::array kDevices = {Device{"null", 1, 3},    Device{"zero", 1, 5},
                                 Device{"full", 1, 7},    Device{"random", 1, 8},
                                 Device{"urandom", 1, 9}, Device{"tty", 5, 0}};
constexpr std::array<std::pair<const char*, const char*>, 5> kDeviceLinks = {
    {{"/dev/ptmx", "pts/ptmx"},
     {"/dev/fd", "/proc/self/fd"},
     {"/dev/stdin", "/proc/self/fd/0"},
     {"/dev/stdout", "/proc/self/fd/1"},
     {"/dev/stderr", "/proc/self/fd/2"}}};

constexpr std::array kReadOnlyProc = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                      "/proc/sysrq-trigger"};
constexpr std::array kMasked = {"/proc/acpi",          "/proc/asound",      "/proc/kcore",
                                "/proc/keys",          "/proc/kallsyms",    "/proc/kmsg",
                                "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
                                "/proc/timer_list",    "/proc/timer_stats", "/sys/firmware",
                                "/sys/kernel"};

bool is_directory(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool exists(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

/// A mount that was taken from the host's view, to be put into the workload's.
struct Taken {
  StepList::Slot tree;
  std::string target;
  bool directory = false;
  bool read_only = false;
  bool device = false;
};

class FileSystem {
 public:
  FileSystem(StepList& steps, const Prepared& prepared, const Surroundings& surroundings)
      : steps_(steps),
        workload_(prepared.workload),
        around_(surroundings),
        capabilities_(prepared.capabilities),
        user_namespace_(prepared.workload.has_user_namespace()),
        root_(!user_namespace_ && in_initial_user_namespace()) {}

  void run() {
    // A slave, not private: what the host unmounts, a named namespace for one, goes here too.
    steps_.call("detach mounts", SYS_mount,
                {nothing(), path("/"), nothing(), MS_REC | MS_SLAVE, 0});
    steps_.call("set umask", SYS_umask, {0});
    take_trees();
    if (on_host()) {
      if (workload_.read_only) {
        set_attributes("make / read-only", "/", AT_RECURSIVE, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV);
      } else {
        set_attributes("close devices under /", "/", AT_RECURSIVE, MOUNT_ATTR_NODEV);
      }
    } else {
      enter_rootfs();
    }
    for (const auto& directory : private_directories()) mount_private(directory);
    for (const auto& mount : workload_.mounts) {
      if (mount.kind == Mount::Kind::tmpfs) mount_tmpfs(mount.target, kQuiet, "1777", mount.size);
    }
    mount_dev();
    attach(proc_, "/proc");
    mount_sys();
    for (const auto& taken : taken_) put(taken);
    mask();
    if (!on_host() && workload_.read_only) {
      set_attributes("make / read-only", "/", 0, MOUNT_ATTR_RDONLY);
    }
  }

 private:
  StepList::Data path(const std::string& text) { return steps_.text(text); }
  StepList::Data nothing() { return steps_.text(""); }
  bool on_host() const { return around_.rootfs.empty(); }

  void set_attributes(const std::string& name, const std::string& where, int flags,
                      std::uint64_t set, std::uint64_t clear = 0) {
    mount_attr attributes{};
    attributes.attr_set = set;
    attributes.attr_clr = clear;
    steps_.call(name, SYS_mount_setattr,
                {AT_FDCWD, path(where), flags, steps_.bytes(&attributes, sizeof attributes),
                 sizeof attributes});
  }

  void take(const std::string& source, const std::string& target, bool read_only, bool device) {
    Taken taken{steps_.slot(), target, is_directory(source), read_only, device};
    // Its own mounts go along; a device or a file has none.
    const long flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (taken.directory ? AT_RECURSIVE : 0);
    steps_.call_into(taken.tree, "open " + source, SYS_open_tree, {AT_FDCWD, path(source), flags});
    taken_.push_back(std::move(taken));
  }

  // Before anything is covered: their paths are the host's, and a user namespace gets a /proc and a
  // /sys only where it sees whole ones.
  void take_trees() {
    constexpr unsigned kPlain = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    proc_ = make_mount("proc", kPlain);
    if (!sys_is_foreign()) sys_ = make_mount("sysfs", kPlain | MOUNT_ATTR_RDONLY);
    for (const auto& mount : workload_.mounts) {
      if (mount.kind == Mount::Kind::bind) take(mount.source, mount.target, mount.read_only, false);
      if (mount.kind == Mount::Kind::device) take(mount.source, mount.target, false, true);
    }
    if (!root_) {
      for (const auto& device : kDevices) {
        const std::string node = std::string("/dev/") + device.name;
        take(node, node, false, true);
      }
    }
    if (!around_.terminal.empty()) take(around_.terminal, "/dev/console", false, true);
    take_etc();
  }

  // The files of /etc/netns/NAME over those of /etc, as ip-netns(8) does.
  void take_etc() {
    if (around_.netns_name.empty()) return;
    const std::string directory = "/etc/netns/" + around_.netns_name;
    DIR* entries = opendir(directory.c_str());
    if (entries == nullptr) return;
    while (const dirent* entry = readdir(entries)) {
      const std::string name = entry->d_name;
      const std::string target = "/etc/" + name;
      if (name == "." || name == ".." || (on_host() && !exists(target))) continue;
      take(directory + "/" + name, target, true, false);
    }
    closedir(entries);
  }

  // An overlay whose upper part is memory: the directory itself is never written.
  void enter_rootfs() {
    // By a relative path then: it may be below /tmp, and hold what separates overlay's options.
    steps_.call("go to " + around_.rootfs, SYS_chdir, {path(around_.rootfs)});
    steps_.call("mount a place for the root", SYS_mount,
                {path("netyard"), path("/tmp"), path("tmpfs"), kQuiet, path("mode=0700")});
    for (const char* directory : {"/tmp/upper", "/tmp/work", "/tmp/root"}) {
      steps_.call(std::string("make ") + directory, SYS_mkdirat, {AT_FDCWD, path(directory), 0755});
    }
    const std::string options = fmt::format("lowerdir=.,upperdir=/tmp/upper,workdir=/tmp/work{}",
                                            root_ ? "" : ",userxattr");
    steps_.call("mount " + around_.rootfs, SYS_mount,
                {path("netyard"), path("/tmp/root"), path("overlay"), kQuiet, path(options)});
    steps_.call("go to the new root", SYS_chdir, {path("/tmp/root")});
    steps_.call("change the root", SYS_pivot_root, {path("."), path(".")});
    steps_.call("let go of the old root", SYS_umount2, {path("."), MNT_DETACH});
    steps_.call("go to /", SYS_chdir, {path("/")});
    for (const char* directory : {"/proc", "/sys", "/dev"}) {
      make_directory(directory);
      // A symbolic link there would send our mounts, and what is masked, elsewhere.
      open_how how{};
      how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
      how.resolve = RESOLVE_NO_SYMLINKS;
      steps_.call(std::string("find a plain directory ") + directory, SYS_openat2,
                  {AT_FDCWD, path(directory), steps_.bytes(&how, sizeof how), sizeof how});
    }
  }

  // Follows links, but none of /proc's: those lead out of the root, to descriptors of ours and the
  // roots of others.
  StepList::Slot open_place(const std::string& where) {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_NO_MAGICLINKS;
    const auto place = steps_.slot();
    steps_.call_into(place, "open " + where, SYS_openat2,
                     {AT_FDCWD, path(where), steps_.bytes(&how, sizeof how), sizeof how});
    return place;
  }
  void close_place(StepList::Slot place) { steps_.call("close", SYS_close, {place}); }

  void make_node(const std::string& where, unsigned mode) {
    const std::size_t slash = where.rfind('/');
    const auto parent = open_place(slash == 0 ? "/" : where.substr(0, slash));
    const auto name = path(where.substr(slash + 1));
    if (S_ISDIR(mode)) {
      steps_.call("make " + where, SYS_mkdirat, {parent, name, mode & ALLPERMS}, {EEXIST});
    } else {
      steps_.call("make " + where, SYS_mknodat, {parent, name, mode, 0}, {EEXIST});
    }
    close_place(parent);
  }
  void make_directory(const std::string& where) { make_node(where, S_IFDIR | 0755); }

  void mount_tmpfs(const std::string& where, unsigned long flags, const char* mode,
                   std::optional<std::uint64_t> size) {
    std::string options = fmt::format("mode={}", mode);
    if (size) options += fmt::format(",size={}", *size);
    if (is_ours(where)) make_parents(where, true);
    steps_.call("mount tmpfs on " + where, SYS_mount,
                {path("tmpfs"), path(where), path("tmpfs"), flags, path(options)});
  }

  void mount_private(const std::string& where) {
    if (where.starts_with("/dev/")) return;  // mount_dev makes it
    if (on_host() && !exists(where)) return;
    mount_tmpfs(where, kQuiet, where == "/run" ? "0755" : "1777", {});
  }

  void mount_dev() {
    steps_.call("mount /dev", SYS_mount,
                {path("tmpfs"), path("/dev"), path("tmpfs"), MS_NOSUID | MS_NOEXEC,
                 path("mode=0755,size=64k")});
    if (root_) {
      for (const auto& device : kDevices) {
        steps_.call(std::string("make /dev/") + device.name, SYS_mknodat,
                    {AT_FDCWD, path(std::string("/dev/") + device.name), S_IFCHR | 0666,
                     makedev(device.major, device.minor)});
      }
    }
    make_directory("/dev/pts");
    steps_.call("mount /dev/pts", SYS_mount,
                {path("devpts"), path("/dev/pts"), path("devpts"), MS_NOSUID | MS_NOEXEC,
                 path("newinstance,ptmxmode=0666,mode=0620")});
    make_directory("/dev/shm");
    mount_tmpfs("/dev/shm", kInert, "1777", {});
    for (const auto& [link, to] : kDeviceLinks) {
      steps_.call(std::string("make ") + link, SYS_symlinkat, {path(to), AT_FDCWD, path(link)});
    }
  }

  // A mount that is nowhere yet.
  StepList::Slot make_mount(const std::string& type, unsigned attributes) {
    const auto system = steps_.slot();
    const auto made = steps_.slot();
    steps_.call_into(system, "open " + type, SYS_fsopen, {path(type), FSOPEN_CLOEXEC});
    steps_.call("create " + type, SYS_fsconfig, {system, FSCONFIG_CMD_CREATE, 0, 0, 0});
    steps_.call_into(made, "mount " + type, SYS_fsmount, {system, FSMOUNT_CLOEXEC, attributes});
    steps_.call("close", SYS_close, {system});
    return made;
  }

  void attach(StepList::Slot made, const std::string& where) {
    steps_.call("mount " + where, SYS_move_mount,
                {made, nothing(), AT_FDCWD, path(where), MOVE_MOUNT_F_EMPTY_PATH});
  }

  // It shows the network namespace of the one who mounts it, and only the owner of that may.
  bool sys_is_foreign() const { return user_namespace_ && around_.netns_fd >= 0; }

  void mount_sys() {
    if (!sys_is_foreign()) return attach(sys_, "/sys");
    steps_.call("mount /sys", SYS_mount,
                {path("tmpfs"), path("/sys"), path("tmpfs"), kInert | MS_RDONLY, 0});
  }

  void cover(const std::string& where) {
    if (is_directory(where)) {
      steps_.call("cover " + where, SYS_mount,
                  {path("tmpfs"), path(where), path("tmpfs"), kInert | MS_RDONLY,
                   path("size=0,nr_inodes=1")});
    } else {
      steps_.call("cover " + where, SYS_mount,
                  {path("/dev/null"), path(where), nothing(), MS_BIND, 0});
    }
  }

  void mask() {
    for (const char* where : kMasked) {
      const bool shown =
          exists(where) && !(sys_is_foreign() && std::string_view(where).starts_with("/sys"));
      if (shown) cover(where);
    }
    for (const char* where : kReadOnlyProc) {
      if (!exists(where)) continue;
      steps_.call(fmt::format("bind {}", where), SYS_mount,
                  {path(where), path(where), nothing(), MS_BIND, 0});
      set_attributes(fmt::format("make {} read-only", where), where, 0,
                     MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    }
    // Who may administer the network may set its sysctls: they are the namespace's own.
    constexpr unsigned kNetAdmin = 12;
    if ((capabilities_ >> kNetAdmin & 1) != 0) {
      steps_.call("bind /proc/sys/net", SYS_mount,
                  {path("/proc/sys/net"), path("/proc/sys/net"), nothing(), MS_BIND, 0});
      set_attributes("make /proc/sys/net writable", "/proc/sys/net", 0, 0, MOUNT_ATTR_RDONLY);
    }
  }

  // A path where what is missing can be made.
  bool is_ours(const std::string& where) const {
    return !on_host() || is_private(workload_, where);
  }

  void make_parents(const std::string& where, bool itself) {
    std::string made;
    std::istringstream parts(where.substr(1));
    std::vector<std::string> names;
    for (std::string part; std::getline(parts, part, '/');) {
      if (!part.empty()) names.push_back(part);
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      made += "/" + names[i];
      if (itself || i + 1 < names.size()) make_directory(made);
    }
  }

  void put(const Taken& taken) {
    std::uint64_t set = MOUNT_ATTR_NOSUID;
    if (!taken.device) set |= MOUNT_ATTR_NODEV;
    if (taken.read_only) set |= MOUNT_ATTR_RDONLY;
    mount_attr attributes{};
    attributes.attr_set = set;
    // The host's / may have been made one that takes no devices; the tree was taken before that.
    steps_.call("restrict " + taken.target, SYS_mount_setattr,
                {taken.tree, nothing(), AT_EMPTY_PATH | (taken.directory ? AT_RECURSIVE : 0),
                 steps_.bytes(&attributes, sizeof attributes), sizeof attributes});
    if (is_ours(taken.target)) {
      make_parents(taken.target, taken.directory);
      if (!taken.directory) make_node(taken.target, S_IFREG | 0644);
    }
    const auto place = open_place(taken.target);
    steps_.call("bind " + taken.target, SYS_move_mount,
                {taken.tree, nothing(), place, nothing(),
                 MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH});
    close_place(place);
  }

  StepList& steps_;
  const Workload& workload_;
  const Surroundings& around_;
  CapabilitySet capabilities_;
  bool user_namespace_;
  bool root_;  // outside of all user namespaces: devices can be made
  std::vector<Taken> taken_;
  StepList::Slot proc_, sys_;
};

}  // namespace

void add_filesystem_steps(StepList& steps, const Prepared& prepared,
                          const Surroundings& surroundings) {
  FileSystem(steps, prepared, surroundings).run();
}

}  // namespace netyard
