// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

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

  void check_identity() {
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
    if (!workload_.limits.any()) return;
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

  // Where the workload will look, as far as that can be seen from here.
  void check_command() {
    if (workload_.argv.empty()) {
      problem("command", "",
              fmt::format("{} says no command, and none is given", workload_.rootfs));
      return;
    }
    // It may come with a mount, or be made in a private directory.
    const std::string& program = workload_.argv.front();
    if (!workload_.mounts.empty() || is_private(workload_, program)) return;
    const Prepared prepared = prepare(workload_);
    std::string places;
    for (const auto& path : prepared.candidates) {
      const auto mode = file_mode(path);
      if (mode && (*mode & 0111) != 0) return;
      if (mode) {
        problem("command", "", fmt::format("{} is not executable", path));
        return;
      }
      places += (places.empty() ? "" : ", ") + path;
    }
    problem("command", "", fmt::format("there is no {}", program),
            fmt::format("looked for {}{}", places,
                        workload_.rootfs.empty() ? "" : " in " + workload_.rootfs));
  }

  // Of a regular file in the workload's root.
  std::optional<mode_t> file_mode(const std::string& path) const {
    struct stat status {};
    const FileDescriptor root =
        open_file(workload_.rootfs.empty() ? "/" : workload_.rootfs, O_PATH | O_DIRECTORY);
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const FileDescriptor file(
        static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
    if (!file || fstat(file.get(), &status) < 0 || !S_ISREG(status.st_mode)) return {};
    return status.st_mode;
  }

  const Workload& workload_;
  std::vector<WorkloadProblem> out_;
};

}  // namespace

std::vector<WorkloadProblem> check_rootfs(const Workload& workload) {
  const std::string& path = workload.rootfs;
  struct stat status {};
  if (path.empty()) return {};
  if (lstat(path.c_str(), &status) < 0) {
    return {{"rootfs", path, fmt::format("{}: {}", path, errno_sentence(errno)), ""}};
  }
  if (S_ISLNK(status.st_mode)) {
    return {{"rootfs", path, fmt::format("{} is a symbolic link", path),
             "name the directory itself: links can be changed under us"}};
  }
  if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) {
    return {{"rootfs", path, fmt::format("{} is neither a directory nor an image", path), ""}};
  }
  return {};
}

std::vector<WorkloadProblem> check_machine(const Workload& workload) {
  return MachineChecker(workload).run();
}

}  // namespace netyard
