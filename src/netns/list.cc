// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>

#include <algorithm>

#include "netns/pin.h"

namespace netyard {
namespace {

PinnedEntry look_at(const std::string& name) {
  PinnedEntry entry;
  entry.name = name;
  try {
    const FileDescriptor fd = open_namespace(name);
    entry.identity = identify(fd.get());
    entry.is_namespace = true;
  } catch (const Error&) {
    entry.is_namespace = false;
  }
  return entry;
}

}  // namespace

std::vector<PinnedEntry> list_pinned() {
  std::vector<PinnedEntry> entries;
  DIR* directory = opendir(kNetnsDirectory);
  if (directory == nullptr) return entries;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") entries.push_back(look_at(name));
  }
  closedir(directory);
  std::sort(entries.begin(), entries.end(),
            [](const PinnedEntry& a, const PinnedEntry& b) { return a.name < b.name; });
  return entries;
}

}  // namespace netyard
