// SPDX-License-Identifier: Apache-2.0
#include "process/image/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace netyard::image {
namespace {

struct CloseDirectory {
  void operator()(DIR* stream) const { closedir(stream); }
};

bool is_directory(int parent, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status {};
  return fstatat(parent, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(status.st_mode);
}

}  // namespace

FileDescriptor open_directory(int parent, const std::string& name, const Blame& blame) {
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  FileDescriptor directory(openat(parent, name.c_str(), flags));
  if (!directory) throw blame.error("open directory " + name, errno);
  return directory;
}

std::vector<Child> children(int directory, const Blame& blame) {
  // A descriptor of its own: reading moves an offset, and closedir closes.
  FileDescriptor own = open_directory(directory, ".", blame);
  const std::unique_ptr<DIR, CloseDirectory> stream(fdopendir(own.get()));
  if (!stream) throw blame.error("read a directory", errno);
  own.release();
  std::vector<Child> out;
  errno = 0;
  while (const dirent* entry = readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..")
      out.push_back({entry->d_name, is_directory(directory, *entry)});
    errno = 0;
  }
  if (errno != 0) throw blame.error("read a directory", errno);
  return out;
}

void remove_tree(int parent, const std::string& name, const Blame& blame) {
  struct stat status {};
  if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno == ENOENT) return;
    throw blame.error("look at " + name, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    // Images have directories that their owner may not write.
    if (fchmodat(parent, name.c_str(), S_IRWXU, 0) < 0) {
      throw blame.error("open directory " + name, errno);
    }
    const FileDescriptor directory = open_directory(parent, name, blame);
    for (const auto& child : children(directory.get(), blame)) {
      remove_tree(directory.get(), child.name, blame);
    }
  }
  const int flags = S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0;
  if (unlinkat(parent, name.c_str(), flags) < 0 && errno != ENOENT) {
    throw blame.error("remove " + name, errno);
  }
}

}  // namespace netyard::image
