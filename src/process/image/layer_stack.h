// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "process/image/archive.h"
#include "process/image/tree.h"

namespace netyard::image {

/// Unpacks layers, one over the other, into one directory (layer.md of the OCI image
/// specification). Nothing in a layer reaches what is outside: openat2(2) with RESOLVE_IN_ROOT
/// finds each entry's directory, and the last name of a path is never followed.
class LayerStack {
 public:
  /// `root` is an empty directory of ours, and stays open while this lives.
  LayerStack(int root, const Blame& blame);
  /// Throws Error; then nothing more can be done with the directory.
  void apply(ArchiveReader& layer, const Blame& blame);
  /// Gives directories their modes and times, which until then would stand in the way.
  void finish();

 private:
  using Names = std::span<const std::string>;
  struct Place {
    FileDescriptor parent;
    ino_t parent_inode;
    std::string name;
  };
  struct DirectoryStatus {
    mode_t mode = 0755;
    timespec times[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  };

  void add(ArchiveReader& layer, archive_entry* entry);
  std::vector<std::string> split(const char* path) const;
  FileDescriptor find_directory(Names names) const;
  FileDescriptor make_directories(Names names);
  Place place_of(FileDescriptor parent, const std::string& name) const;

  using Make = void (LayerStack::*)(ArchiveReader&, archive_entry*, const Place&);
  static Make maker_of(archive_entry* entry);
  void add_directory(ArchiveReader& layer, archive_entry* entry, const Place& place);
  void add_file(ArchiveReader& layer, archive_entry* entry, const Place& place);
  void add_symbolic_link(ArchiveReader& layer, archive_entry* entry, const Place& place);
  void add_hard_link(ArchiveReader& layer, archive_entry* entry, const Place& place);
  void add_fifo(ArchiveReader& layer, archive_entry* entry, const Place& place);
  void add_nothing(ArchiveReader& layer, archive_entry* entry, const Place& place);
  void describe_directory(int directory, archive_entry* entry);
  void own(int parent, const std::string& name, archive_entry* entry) const;
  void set_times(int parent, const std::string& name, archive_entry* entry) const;

  void white_out(Names directory, const std::string& mark);
  void hide(int parent, ino_t parent_inode, const std::string& name);
  void hide_children(int directory);
  void clear(const Place& place) const { remove_tree(place.parent.get(), place.name, at_); }
  ino_t inode(int fd) const;
  void settle(int directory) const;

  int root_;
  Blame at_;                                        // the entry in hand
  std::map<ino_t, DirectoryStatus> directories_;    // what finish() sets
  std::set<std::pair<ino_t, std::string>> placed_;  // by the layer in hand: directory, name
};

}  // namespace netyard::image
