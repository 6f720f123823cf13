// SPDX-License-Identifier: Apache-2.0
// The entries of a layer: directories, files, links, FIFOs, with their owners, modes and times.
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <string_view>

#include "process/image/layer_stack.h"

namespace netyard::image {
namespace {

// user.overlay.* would steer the overlay mount that is made of the directory, trusted.* likewise;
// system.* and the labels of security modules mean nothing on this machine.
bool is_welcome(std::string_view name) {
  if (name == "security.capability") return true;
  return name.starts_with("user.") && !name.starts_with("user.overlay.");
}

// As far as the file system and our privilege allow.
void set_attributes(int fd, archive_entry* entry) {
  archive_entry_xattr_reset(entry);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (archive_entry_xattr_next(entry, &name, &value, &size) == 0) {
    if (name != nullptr && is_welcome(name)) fsetxattr(fd, name, value, size, 0);
  }
}

mode_t mode_of(archive_entry* entry) {
  return archive_entry_perm(entry) & 07777;
}

timespec time_of(archive_entry* entry) {
  if (archive_entry_mtime_is_set(entry) == 0) return {0, UTIME_OMIT};
  return {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)};
}

void write_block(int fd, const ArchiveReader::Block& block, const Blame& blame) {
  std::size_t done = 0;
  while (done < block.bytes.size()) {
    const ssize_t put = pwrite(fd, block.bytes.data() + done, block.bytes.size() - done,
                               block.offset + static_cast<std::int64_t>(done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw blame.error("write", errno);
    done += static_cast<std::size_t>(put);
  }
}

}  // namespace

LayerStack::Make LayerStack::maker_of(archive_entry* entry) {
  // Devices are the workload's own affair, and in a lower layer 0:0 would hide what is below.
  constexpr struct {
    mode_t type;
    Make make;
  } makers[] = {
      {AE_IFREG, &LayerStack::add_file},
      {AE_IFDIR, &LayerStack::add_directory},
      {AE_IFLNK, &LayerStack::add_symbolic_link},
      {AE_IFIFO, &LayerStack::add_fifo},
  };
  if (archive_entry_hardlink(entry) != nullptr) return &LayerStack::add_hard_link;
  for (const auto& row : makers) {
    if (row.type == archive_entry_filetype(entry)) return row.make;
  }
  return &LayerStack::add_nothing;
}

void LayerStack::own(int parent, const std::string& name, archive_entry* entry) const {
  if (geteuid() != 0) return;
  const auto uid = archive_entry_uid(entry);
  const auto gid = archive_entry_gid(entry);
  // The highest number means "leave it" to chown(2).
  constexpr la_int64_t end = std::numeric_limits<uid_t>::max();
  if (uid < 0 || uid >= end || gid < 0 || gid >= end) {
    throw at_.error(fmt::format("owner {}:{} is out of range", uid, gid));
  }
  const int flags = AT_SYMLINK_NOFOLLOW | (name.empty() ? AT_EMPTY_PATH : 0);
  // EINVAL: the user namespace we are root of has no such id. As for any plain user, our own do.
  if (fchownat(parent, name.c_str(), static_cast<uid_t>(uid), static_cast<gid_t>(gid), flags) < 0 &&
      errno != EINVAL) {
    throw at_.error("set its owner", errno);
  }
}

void LayerStack::set_times(int parent, const std::string& name, archive_entry* entry) const {
  const timespec times[2] = {{0, UTIME_OMIT}, time_of(entry)};
  if (utimensat(parent, name.c_str(), times, AT_SYMLINK_NOFOLLOW) < 0) {
    throw at_.error("set its time", errno);
  }
}

void LayerStack::describe_directory(int directory, archive_entry* entry) {
  own(directory, "", entry);
  set_attributes(directory, entry);
  directories_[inode(directory)] = {mode_of(entry), {{0, UTIME_OMIT}, time_of(entry)}};
}

void LayerStack::add_directory(ArchiveReader&, archive_entry* entry, const Place& place) {
  struct stat status {};
  const int parent = place.parent.get();
  const char* name = place.name.c_str();
  if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(status.st_mode)) {
    clear(place);
    if (mkdirat(parent, name, S_IRWXU) < 0) throw at_.error("make directory", errno);
  }
  describe_directory(open_directory(parent, place.name, at_).get(), entry);
}

void LayerStack::add_file(ArchiveReader& layer, archive_entry* entry, const Place& place) {
  clear(place);
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const FileDescriptor file(
      openat(place.parent.get(), place.name.c_str(), flags, S_IRUSR | S_IWUSR));
  if (!file) throw at_.error("create", errno);
  while (const auto block = layer.block()) write_block(file.get(), *block, at_);
  if (ftruncate(file.get(), archive_entry_size(entry)) < 0) throw at_.error("set its size", errno);
  // Changing the owner takes set-user-ID bits and capabilities away, so it comes first.
  own(file.get(), "", entry);
  if (fchmod(file.get(), mode_of(entry)) < 0) throw at_.error("set its mode", errno);
  set_attributes(file.get(), entry);
  const timespec times[2] = {{0, UTIME_OMIT}, time_of(entry)};
  if (futimens(file.get(), times) < 0) throw at_.error("set its time", errno);
}

void LayerStack::add_symbolic_link(ArchiveReader&, archive_entry* entry, const Place& place) {
  const char* target = archive_entry_symlink(entry);
  if (target == nullptr || *target == '\0') throw at_.error("is a symbolic link to no name");
  clear(place);
  if (symlinkat(target, place.parent.get(), place.name.c_str()) < 0) {
    throw at_.error("make symbolic link", errno);
  }
  own(place.parent.get(), place.name, entry);
  set_times(place.parent.get(), place.name, entry);
}

void LayerStack::add_hard_link(ArchiveReader&, archive_entry* entry, const Place& place) {
  const std::string target = archive_entry_hardlink(entry);
  const auto names = split(target.c_str());
  if (names.empty()) throw at_.error("is a hard link to the root");
  const FileDescriptor directory = find_directory(Names(names).first(names.size() - 1));
  struct stat from {
  }, to{};
  if (!directory ||
      fstatat(directory.get(), names.back().c_str(), &from, AT_SYMLINK_NOFOLLOW) < 0) {
    throw at_.error("is a hard link to what is not there");
  }
  if (S_ISDIR(from.st_mode)) throw at_.error("is a hard link to a directory");
  const int parent = place.parent.get();
  if (fstatat(parent, place.name.c_str(), &to, AT_SYMLINK_NOFOLLOW) == 0 &&
      to.st_ino == from.st_ino) {
    return;
  }
  clear(place);
  if (linkat(directory.get(), names.back().c_str(), parent, place.name.c_str(), 0) < 0) {
    throw at_.error("make hard link", errno);
  }
}

void LayerStack::add_fifo(ArchiveReader&, archive_entry* entry, const Place& place) {
  clear(place);
  const int parent = place.parent.get();
  if (mkfifoat(parent, place.name.c_str(), S_IRUSR | S_IWUSR) < 0) {
    throw at_.error("make FIFO", errno);
  }
  own(parent, place.name, entry);
  if (fchmodat(parent, place.name.c_str(), mode_of(entry), 0) < 0) {
    throw at_.error("set its mode", errno);
  }
  set_times(parent, place.name, entry);
}

void LayerStack::add_nothing(ArchiveReader&, archive_entry*, const Place& place) {
  clear(place);
}

}  // namespace netyard::image
