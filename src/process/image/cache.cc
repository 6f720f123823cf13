// SPDX-License-Identifier: Apache-2.0
#include "process/image/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "process/image/files.h"
#include "process/image/manifest.h"
#include "process/image/tree.h"

namespace netyard::image {
namespace {

constexpr const char* kUnpacking = ".unpack";
constexpr const char* kLock = ".lock";
constexpr const char* kRoot = "rootfs";
constexpr const char* kConfig = "config.json";

std::string plain_path(const std::string& directory) {
  std::string path = std::filesystem::absolute(directory).lexically_normal();
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

void make_with_parents(const std::filesystem::path& directory, const Blame& blame) {
  if (mkdir(directory.c_str(), S_IRWXU) == 0 || errno == EEXIST) return;
  if (errno != ENOENT || !directory.has_parent_path()) throw blame.error("make", errno);
  make_with_parents(directory.parent_path(), blame);
  if (mkdir(directory.c_str(), S_IRWXU) < 0 && errno != EEXIST) throw blame.error("make", errno);
}

// Who can write here chooses what workloads run.
void require_ours(int fd, const std::string& path, const Blame& blame) {
  struct stat status {};
  if (fstat(fd, &status) < 0) throw blame.error("look at", errno);
  if (status.st_uid != geteuid()) {
    throw blame.error(fmt::format("{} belongs to uid {}", path, status.st_uid))
        .hint("set NETYARD_CACHE to a directory of your own");
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw blame.error(path + " can be written to by others").hint("chmod go-w " + path);
  }
}

// The tar's identity, and what changes with its content.
std::string name_of(const struct stat& tar) {
  return fmt::format("{}-{}", tar.st_dev, tar.st_ino);
}
std::string version_of(const struct stat& tar) {
  return fmt::format("{} {}.{} {}.{} ", tar.st_size, tar.st_mtim.tv_sec, tar.st_mtim.tv_nsec,
                     tar.st_ctim.tv_sec, tar.st_ctim.tv_nsec);
}

// Takes a half-unpacked image away when unpacking throws.
class Cleanup {
 public:
  Cleanup(int parent, const Blame& blame) : parent_(parent), blame_(blame) {}
  Cleanup(const Cleanup&) = delete;
  Cleanup& operator=(const Cleanup&) = delete;
  ~Cleanup() {
    try {
      remove_tree(parent_, kUnpacking, blame_);
    } catch (const std::exception&) {  // the next unpacking tries again, and says why not
    }
  }

 private:
  int parent_;
  const Blame& blame_;
};

}  // namespace

Cache::Cache(const std::string& directory, const Blame& blame)
    : directory_(plain_path(directory)), blame_(blame.in("cache " + directory_)) {
  make_with_parents(directory_, blame_);
  top_ = FileDescriptor(open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!top_) throw blame_.error("open", errno);
  require_ours(top_.get(), directory_, blame);
  images_ = subdirectory("images");
  tars_ = subdirectory("tars");
}

// 0700 keeps the set-user-ID programs of images from everybody else on the machine.
FileDescriptor Cache::subdirectory(const char* name) const {
  if (mkdirat(top_.get(), name, S_IRWXU) < 0 && errno != EEXIST) {
    throw blame_.error(fmt::format("make {}", name), errno);
  }
  FileDescriptor made = open_directory(top_.get(), name, blame_);
  require_ours(made.get(), directory_ + "/" + name, {blame_.path, ""});
  if (fchmod(made.get(), S_IRWXU) < 0) throw blame_.error(fmt::format("close {}", name), errno);
  return made;
}

std::optional<RootImage> Cache::find(const std::string& id) const {
  const std::string place = fmt::format("{}/images/{}", directory_, id);
  if (access((place + "/" + kConfig).c_str(), F_OK) < 0) return std::nullopt;
  const Blame blame = blame_.in(fmt::format("{}/{}", place, kConfig));
  return RootImage{place + "/" + kRoot,
                   parse_config(read_file(place + "/" + kConfig, kMostText), blame)};
}

FileDescriptor Cache::lock() const {
  FileDescriptor file(
      openat(images_.get(), kLock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) throw blame_.error("open its lock", errno);
  // EINTR is for the caller: who handles a signal without SA_RESTART wants to be woken.
  if (flock(file.get(), LOCK_EX) < 0) throw blame_.error("wait for its lock", errno);
  return file;
}

void Cache::unpack(const std::string& config, const std::function<void(int)>& fill) const {
  if (mkdirat(images_.get(), kUnpacking, S_IRWXU) < 0) {
    throw blame_.error("make a directory", errno);
  }
  const FileDescriptor place = open_directory(images_.get(), kUnpacking, blame_);
  if (mkdirat(place.get(), kRoot, S_IRWXU) < 0) throw blame_.error("make a directory", errno);
  fill(open_directory(place.get(), kRoot, blame_).get());
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  const FileDescriptor file(openat(place.get(), kConfig, flags, S_IRUSR | S_IWUSR));
  if (!file) throw blame_.error("create the configuration", errno);
  write_all(file.get(), config, kConfig);
  // What is renamed counts as complete, also after the power fails.
  if (syncfs(place.get()) < 0) throw blame_.error("write to disk", errno);
}

RootImage Cache::add(const std::string& id, const std::string& config,
                     const std::function<void(int)>& fill) const {
  const FileDescriptor held = lock();
  if (auto found = find(id)) return *found;
  remove_tree(images_.get(), kUnpacking, blame_);  // whoever made it is gone: the lock was free
  remove_tree(images_.get(), id, blame_);          // without a configuration: somebody broke it
  const Cleanup cleanup(images_.get(), blame_);
  unpack(config, fill);
  if (renameat(images_.get(), kUnpacking, images_.get(), id.c_str()) < 0) {
    throw blame_.error("rename an unpacked image", errno);
  }
  if (auto found = find(id)) return *found;
  throw blame_.error(fmt::format("images/{} is gone again", id));
}

// A symbolic link, because it is made whole or not at all.
std::string Cache::recall(const struct stat& tar) const {
  char text[PATH_MAX];
  const ssize_t size = readlinkat(tars_.get(), name_of(tar).c_str(), text, sizeof text);
  const std::string_view noted(text, size < 0 ? 0 : static_cast<std::size_t>(size));
  const std::string version = version_of(tar);
  return noted.starts_with(version) ? std::string(noted.substr(version.size())) : "";
}

void Cache::remember(const struct stat& tar, const std::string& id) const {
  const std::string name = name_of(tar);
  unlinkat(tars_.get(), name.c_str(), 0);
  [[maybe_unused]] const int done =
      symlinkat((version_of(tar) + id).c_str(), tars_.get(), name.c_str());
}

}  // namespace netyard::image
