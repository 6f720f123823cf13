// SPDX-License-Identifier: Apache-2.0
#include "engine/secret_file.h"

#include <sys/stat.h>

#include "base/file_descriptor.h"

namespace netyard {
namespace {

constexpr std::size_t kLargestKeyFile = 4096;

bool others_can_read(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && (found.st_mode & S_IROTH) != 0;
}

}  // namespace

std::string read_secret(const std::string& path) {
  std::string text = read_file(path, kLargestKeyFile);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

void warn_if_readable(const std::string& path, const Location& at, Diagnostics& diagnostics) {
  if (!others_can_read(path)) return;
  diagnostics.warning(at, "everybody can read the key in " + path, "chmod 600 " + path);
}

void warn_if_written(const Location& at, Diagnostics& diagnostics) {
  if (at.source == nullptr || !others_can_read(at.source->name())) return;
  diagnostics.warning(at, "everybody can read this file, and the key in it",
                      "chmod 600 it, or leave the key to netyard");
}

}  // namespace netyard
