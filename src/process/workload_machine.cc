// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "process/cgroup.h"
#include "process/prepared.h"
#include "process/workload.h"

namespace netyard {
namespace {

class MachineChecker {
 public:
  explicit MachineChecker(const Workload& workload) : workload_(workload) {}

  std::vector<WorkloadProblem> run() {
    check_rootfs();
    check_identity();
    check_files();
    check_mounts();
    check_limits();
    check_landlock();
    if (out_.empty()) check_command();
    return std::move(out_);
  }

 private:
  void problem(const char* key, const std::string& word, std::string message,
               std::string hint = {}) {
    out_.push_back({key, word, std::move(message), std::move(hint)});
  }
  void problem(const char* key, const std::string& word, const Error& error) {
    problem(key, word, error.what(), error.hint());
  }

  void check_rootfs() {
    const std::string& path = workload_.rootfs;
    struct stat status {};
    if (path.empty()) return;
    if (lstat(path.c_str(), &status) < 0) {
      problem("rootfs", path, fmt::format("{}: {}", path, errno_sentence(errno)));
    } else if (S_ISLNK(status.st_mode)) {
      problem("rootfs", path, fmt::format("{} is a symbolic link", path),
              "name the directory itself: links can be changed under us");
    } else if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) {
      problem("rootfs", path, fmt::format("{} is neither a directory nor an image", path));
    } else {
      plain_root_ = S_ISDIR(status.st_mode) && access((path + "/oci-layout").c_str(), F_OK) != 0;
    }
  }

  // An image's own passwd is known once it is unpacked.
  bool root_is_here() const { return workload_.rootfs.empty() || plain_root_; }

  void check_identity() {
    if (!root_is_here()) return;
    try {
      resolve_identity(workload_.user, workload_.groups, workload_.rootfs);
    } catch (const Error& error) {
      problem("user", workload_.user, error);
    }
    try {
      capability_set(workload_.capabilities);
    } catch (const Error& error) {
      problem("capabilities", "", error);
    }
  }

  void check_files() {
    for (const auto& path : workload_.env_files) readable("env_files", path);
    if (workload_.seccomp.base != SeccompPolicy::Base::file) return;
    try {
      make_seccomp_filter(workload_.seccomp, 0);
    } catch (const Error& error) {
      problem("seccomp", workload_.seccomp.file, error);
    }
  }

  void readable(const char* key, const std::string& path) {
    try {
      open_file(path, O_RDONLY | O_NONBLOCK);
    } catch (const Error& error) {
      problem(key, path, error);
    }
  }

  void check_mounts() {
    for (const auto& mount : workload_.mounts) {
      if (mount.kind == Mount::Kind::tmpfs) continue;
      const char* key = mount.kind == Mount::Kind::bind ? "binds" : "devices";
      struct stat status {};
      if (stat(mount.source.c_str(), &status) < 0) {
        problem(key, mount.source, fmt::format("{}: {}", mount.source, errno_sentence(errno)));
      } else if (mount.kind == Mount::Kind::device && !S_ISCHR(status.st_mode) &&
                 !S_ISBLK(status.st_mode)) {
        problem(key, mount.source, fmt::format("{} is no device", mount.source));
      } else if (mount.kind == Mount::Kind::bind) {
        check_target(mount, S_ISDIR(status.st_mode));
      }
    }
  }

  // On the host's own file system nothing can be made for a mount to stand on.
  void check_target(const Mount& mount, bool directory) {
    if (!workload_.rootfs.empty() || is_private(workload_, mount.target)) return;
    struct stat status {};
    if (stat(mount.target.c_str(), &status) < 0) {
      problem("binds", mount.target, fmt::format("{}: {}", mount.target, errno_sentence(errno)),
              "bind onto something that exists, or below /tmp, /run or a tmpfs");
    } else if (S_ISDIR(status.st_mode) != directory) {
      problem("binds", mount.target,
              fmt::format("{} is {}, {} is {}", mount.source, directory ? "a directory" : "a file",
                          mount.target, directory ? "a file" : "a directory"));
    }
  }

  void check_limits() {
    const CgroupLayout layout = CgroupLayout::detect();
    for (const auto& controller : controllers_for(workload_.limits)) {
      if (layout.with(controller) != nullptr) continue;
      problem("limits", controller,
              fmt::format("this machine has no cgroup controller '{}' to be used", controller));
    }
    for (const auto& io : workload_.limits.io) {
      struct stat status {};
      if (stat(io.device.c_str(), &status) < 0) {
        problem("limits", io.device, fmt::format("{}: {}", io.device, errno_sentence(errno)));
      } else if (!S_ISBLK(status.st_mode)) {
        problem("limits", io.device, fmt::format("{} is no block device", io.device));
      }
    }
  }

  void check_landlock() {
    if (!workload_.landlock) return;
    const long version =
        syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) {
      problem("landlock", "", "this kernel has no Landlock (CONFIG_SECURITY_LANDLOCK)");
    }
  }

  void check_command() {
    if (!root_is_here() || !workload_.rootfs.empty() || workload_.argv.empty()) return;
    const Prepared prepared = prepare(workload_);
    if (!workload_.mounts.empty() || workload_.argv.front().find('/') == 0) {
      // It may come with a mount; and below a private directory nothing is seen from here.
      if (is_private(workload_, workload_.argv.front()) || !workload_.mounts.empty()) return;
    }
    std::string places;
    for (const auto& path : prepared.candidates) {
      struct stat status {};
      const bool there = stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
      if (there && (status.st_mode & 0111) != 0) return;
      if (there) {
        problem("command", "", fmt::format("{} is not executable", path));
        return;
      }
      places += (places.empty() ? "" : ", ") + path;
    }
    problem("command", "", fmt::format("there is no {}", workload_.argv.front()),
            "looked for " + places);
  }

  const Workload& workload_;
  bool plain_root_ = false;
  std::vector<WorkloadProblem> out_;
};

}  // namespace

std::vector<WorkloadProblem> check_machine(const Workload& workload) {
  return MachineChecker(workload).run();
}

}  // namespace netyard
