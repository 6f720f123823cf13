// SPDX-License-Identifier: Apache-2.0
// The way to an entry's place, and whiteouts; layer_entries.cc makes the entries.
#include "process/image/layer_stack.h"

#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace netyard::image {
namespace {

constexpr std::size_t kMostEntries = 2'000'000;  // of a layer
constexpr std::size_t kMostDepth = 200;          // removing keeps a descriptor a level
constexpr std::size_t kMostShown = 200;

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kWhiteoutOfAll = ".wh..wh..opq";
constexpr std::string_view kOfAufs = ".wh..wh.";  // its housekeeping, no part of the image

// Names come from strangers and go to terminals.
std::string printable(std::string_view name) {
  std::string out(name.substr(0, kMostShown));
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return out;
}

std::string join(std::span<const std::string> names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : "/") + name;
  return out;
}

}  // namespace

LayerStack::LayerStack(int root, const Blame& blame) : root_(root), at_(blame) {
  directories_[inode(root_)] = {};
}

ino_t LayerStack::inode(int fd) const {
  struct stat status {};
  if (fstat(fd, &status) < 0) throw at_.error("look at a directory", errno);
  return status.st_ino;
}

void LayerStack::apply(ArchiveReader& layer, const Blame& blame) {
  placed_.clear();
  std::size_t entries = 0;
  while (archive_entry* entry = layer.next()) {
    if (++entries > kMostEntries) {
      throw blame.error(fmt::format("has more than {} entries", kMostEntries));
    }
    const char* path = archive_entry_pathname(entry);
    if (path == nullptr) throw blame.error("has an entry without a name");
    at_ = blame.in(blame.part + ": " + printable(path));
    add(layer, entry);
  }
  at_ = blame;
}

// An absolute path is meant from the image's root; ".." is in no honest layer.
std::vector<std::string> LayerStack::split(const char* path) const {
  std::vector<std::string> names;
  std::string_view rest = path;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('/'), rest.size());
    const std::string_view name = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (name == "..") throw at_.error("a path with \"..\" may lead out of the image");
    if (!name.empty() && name != ".") names.emplace_back(name);
  }
  if (names.size() > kMostDepth) {
    throw at_.error(fmt::format("is more than {} directories deep", kMostDepth));
  }
  return names;
}

// None, with errno, when it is not there.
FileDescriptor LayerStack::find_directory(Names names) const {
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  const std::string path = names.empty() ? "." : join(names);
  for (;;) {
    const long fd = syscall(SYS_openat2, root_, path.c_str(), &how, sizeof how);
    // EAGAIN: something, anywhere, was renamed while a ".." of a link was looked up.
    if (fd >= 0 || errno != EAGAIN) return FileDescriptor(static_cast<int>(fd));
  }
}

FileDescriptor LayerStack::make_directories(Names names) {
  FileDescriptor found = find_directory(names);
  if (found) return found;
  if (errno != ENOENT && errno != ENOTDIR) throw at_.error("open its directory", errno);
  const Names above = names.first(names.size() - 1);
  const Place place = place_of(make_directories(above), names.back());
  struct stat status {};
  const int there = fstatat(place.parent.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW);
  if (there == 0 && S_ISLNK(status.st_mode)) {
    throw at_.error(
        fmt::format("\"{}\" is a symbolic link to no directory", printable(join(names))));
  }
  clear(place);
  if (mkdirat(place.parent.get(), place.name.c_str(), S_IRWXU) < 0) {
    throw at_.error("make its directory", errno);
  }
  FileDescriptor made = open_directory(place.parent.get(), place.name, at_);
  directories_[inode(made.get())] = {};
  placed_.emplace(place.parent_inode, place.name);
  return made;
}

LayerStack::Place LayerStack::place_of(FileDescriptor parent, const std::string& name) const {
  const ino_t number = inode(parent.get());
  return {std::move(parent), number, name};
}

void LayerStack::add(ArchiveReader& layer, archive_entry* entry) {
  const auto names = split(archive_entry_pathname(entry));
  const Make make = maker_of(entry);
  if (names.empty()) {
    if (make != &LayerStack::add_directory) throw at_.error("the root must be a directory");
    return describe_directory(root_, entry);
  }
  const Names directory = Names(names).first(names.size() - 1);
  if (std::any_of(directory.begin(), directory.end(),
                  [](const auto& name) { return name.starts_with(kOfAufs); })) {
    return;
  }
  if (names.back().starts_with(kWhiteout)) return white_out(directory, names.back());
  const Place place = place_of(make_directories(directory), names.back());
  (this->*make)(layer, entry, place);
  placed_.emplace(place.parent_inode, place.name);
}

void LayerStack::white_out(Names directory, const std::string& mark) {
  const std::string name = mark.substr(kWhiteout.size());
  if (name.empty() || name == "." || name == "..") throw at_.error("is a whiteout of no name");
  const bool all = mark == kWhiteoutOfAll;
  if (!all && mark.starts_with(kOfAufs)) return;
  const FileDescriptor parent = find_directory(directory);
  if (!parent) return;  // it hides nothing
  if (all) return hide_children(parent.get());
  hide(parent.get(), inode(parent.get()), name);
}

// A whiteout is of what lower layers have, also when it comes after its own layer's entries.
void LayerStack::hide(int parent, ino_t parent_inode, const std::string& name) {
  struct stat status {};
  if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) return;
  const bool directory = S_ISDIR(status.st_mode);
  if (directory) hide_children(open_directory(parent, name, at_).get());
  if (placed_.contains({parent_inode, name})) return;
  // ENOTEMPTY: this layer has something in it.
  if (unlinkat(parent, name.c_str(), directory ? AT_REMOVEDIR : 0) < 0 && errno != ENOTEMPTY) {
    throw at_.error("remove " + printable(name), errno);
  }
}

void LayerStack::hide_children(int directory) {
  const ino_t number = inode(directory);
  for (const auto& child : children(directory, at_)) hide(directory, number, child.name);
}

void LayerStack::finish() {
  settle(root_);
}

// From the leaves up: a mode may close the way down, and a change below sets a time.
void LayerStack::settle(int directory) const {
  for (const auto& child : children(directory, at_)) {
    if (child.directory) settle(open_directory(directory, child.name, at_).get());
  }
  const auto found = directories_.find(inode(directory));
  const DirectoryStatus status = found == directories_.end() ? DirectoryStatus() : found->second;
  if (fchmod(directory, status.mode) < 0) throw at_.error("set a directory's mode", errno);
  if (futimens(directory, status.times) < 0) throw at_.error("set a directory's time", errno);
}

}  // namespace netyard::image
