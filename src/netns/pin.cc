// SPDX-License-Identifier: Apache-2.0
#include "netns/pin.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <map>

namespace netyard {
namespace {

std::string path_of(const std::string& name) {
  return std::string(kNetnsDirectory) + "/" + name;
}

// What an errno of making a namespace usually means to a user.
Error explained(Error error) {
  static const std::map<int, const char*> kHints = {
      {EPERM, "this needs CAP_SYS_ADMIN: run netyard as root"},
      {EACCES, "this needs root, or write access to /run/netns"},
      {EEXIST, "a namespace of this name is there already: 'ip netns list' shows it"},
      {ENOSPC, "a limit is reached: user.max_net_namespaces, or fs.mount-max"},
      {EBUSY, "it is also mounted in another mount namespace, which keeps it"}};
  const auto hint = kHints.find(error.code());
  if (hint != kHints.end()) error.hint(hint->second);
  return error;
}

void require_name(const std::string& name, const char* operation) {
  if (const auto problem = namespace_name_problem(name); !problem.empty()) {
    throw Error(EINVAL, operation, name).reason(problem);
  }
}

// The empty file that a namespace is mounted on; removed again unless keep() is called.
class MountPoint {
 public:
  explicit MountPoint(const std::string& name) : path_(path_of(name)) {
    const int fd = open(path_.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    if (fd < 0) throw explained(system_error("create namespace", name));
    close(fd);
  }
  MountPoint(const MountPoint&) = delete;
  MountPoint& operator=(const MountPoint&) = delete;
  ~MountPoint() {
    if (!kept_) unlink(path_.c_str());
  }
  const char* path() const { return path_.c_str(); }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  bool kept_ = false;
};

// A mounted namespace is a regular, empty file too, on another file system.
bool is_stale(const std::string& path, struct stat& info) {
  struct stat directory {};
  return lstat(path.c_str(), &info) == 0 && stat(kNetnsDirectory, &directory) == 0 &&
         info.st_dev == directory.st_dev && S_ISREG(info.st_mode) && info.st_size == 0;
}

// Not one that is just being made.
bool is_old_and_stale(const std::string& path) {
  struct stat info {};
  struct timespec now {};
  if (!is_stale(path, info) || clock_gettime(CLOCK_REALTIME, &now) < 0) return false;
  return (info.st_mode & 07777) == 0 && now.tv_sec - info.st_ctim.tv_sec > 1;
}

}  // namespace

void prepare_netns_directory() {
  if (mkdir(kNetnsDirectory, 0755) < 0 && errno != EEXIST) {
    throw explained(system_error("create directory", kNetnsDirectory));
  }
  const FileDescriptor directory = open_file(kNetnsDirectory, O_RDONLY | O_DIRECTORY);
  // The lock ip(8) takes: without it, two first users bind the directory on itself again and again.
  if (flock(directory.get(), LOCK_EX) < 0) throw system_error("lock", kNetnsDirectory);
  if (mount("", kNetnsDirectory, "none", MS_SHARED | MS_REC, nullptr) == 0) return;
  if (errno != EINVAL) throw explained(system_error("share mounts of", kNetnsDirectory));
  // EINVAL: no mount point yet. Private first, so that it gets a peer group of its own.
  if (mount(kNetnsDirectory, kNetnsDirectory, "none", MS_BIND | MS_REC, nullptr) < 0) {
    throw explained(system_error("bind on itself", kNetnsDirectory));
  }
  if (mount("", kNetnsDirectory, "none", MS_PRIVATE | MS_REC, nullptr) < 0 ||
      mount("", kNetnsDirectory, "none", MS_SHARED | MS_REC, nullptr) < 0) {
    throw explained(system_error("share mounts of", kNetnsDirectory));
  }
}

FileDescriptor create_pinned_namespace(const std::string& name,
                                       const std::function<void()>& inside) {
  require_name(name, "create namespace");
  MountPoint point(name);
  const FileDescriptor before = current_namespace();
  if (unshare(CLONE_NEWNET) < 0) throw explained(system_error("create namespace", name));
  try {
    FileDescriptor made = current_namespace();
    inside();
    if (mount("/proc/thread-self/ns/net", point.path(), "none", MS_BIND, nullptr) < 0) {
      throw explained(system_error("bind namespace to", point.path()));
    }
    point.keep();
    return made;
  } catch (const Error&) {
    go_home(before.get());
    throw;
  }
}

void pin_namespace(int namespace_fd, const std::string& name) {
  require_name(name, "attach namespace");
  MountPoint point(name);
  const std::string source = "/proc/self/fd/" + std::to_string(namespace_fd);
  if (mount(source.c_str(), point.path(), "none", MS_BIND, nullptr) < 0) {
    throw explained(system_error("bind namespace to", point.path()));
  }
  point.keep();
}

void unpin_namespace(const std::string& name) {
  require_name(name, "delete namespace");
  const std::string path = path_of(name);
  struct stat info {};
  if (lstat(path.c_str(), &info) < 0) {
    throw explained(system_error("delete namespace", name));
  }
  // As ip(8): a stale file is no mount point, so only the unlink decides.
  umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  if (remove_file(path) < 0) throw explained(system_error("delete namespace", name));
}

std::vector<UnpinFailure> unpin_namespaces(const std::vector<std::string>& names) {
  std::vector<UnpinFailure> failures;
  std::vector<FileDescriptor> held;
  held.reserve(names.size());
  for (const auto& name : names) {
    const int fd = open(path_of(name).c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    held.emplace_back(fd);
  }
  for (const auto& name : names) {
    try {
      unpin_namespace(name);
    } catch (const Error& error) {
      if (error.code() != ENOENT) failures.push_back({name, error});
    }
  }
  return failures;
}

bool is_stale_pin(const std::string& name) {
  struct stat info {};
  return is_stale(path_of(name), info);
}

std::vector<std::string> stale_pinned() {
  std::vector<std::string> stale;
  for (const auto& entry : list_pinned()) {
    if (!entry.is_namespace && is_old_and_stale(path_of(entry.name))) stale.push_back(entry.name);
  }
  return stale;
}

std::vector<std::string> prune_pinned() {
  const int fd = open(kNetnsDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return {};
  if (fd < 0) throw explained(system_error("open", kNetnsDirectory));
  const FileDescriptor directory(fd);
  if (flock(directory.get(), LOCK_EX) < 0) throw system_error("lock", kNetnsDirectory);
  auto stale = stale_pinned();
  for (const auto& name : stale) {
    const std::string path = path_of(name);
    if (unlink(path.c_str()) < 0) throw explained(system_error("remove", path));
  }
  return stale;
}

}  // namespace netyard
