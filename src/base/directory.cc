// SPDX-License-Identifier: Apache-2.0
#include "base/directory.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/error.h"

namespace netyard {

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> out;
  struct Closer {
    void operator()(DIR* open) const { closedir(open); }
  };
  const std::unique_ptr<DIR, Closer> open(opendir(directory.c_str()));
  if (!open && (errno == ENOENT || errno == ENOTDIR)) return out;
  if (!open) throw system_error("read directory", directory);
  errno = 0;
  while (const dirent* entry = readdir(open.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") out.push_back(name);
    errno = 0;
  }
  if (errno != 0) throw system_error("read directory", directory);
  std::sort(out.begin(), out.end());
  return out;
}

bool is_there(const std::string& path) {
  return access(path.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

}  // namespace netyard
