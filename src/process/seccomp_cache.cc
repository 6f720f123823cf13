// SPDX-License-Identifier: Apache-2.0
#include "process/seccomp_cache.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "process/image.h"
#include "process/image/sha256.h"

namespace netyard {
namespace {

constexpr const char* kFormat = "1";  // of what stands in a file, and how it is made
constexpr std::size_t kLargest = BPF_MAXINSNS * sizeof(sock_filter);

void make_private(const std::string& directory) {
  mkdir(directory.c_str(), 0700);
  struct stat status {};
  if (lstat(directory.c_str(), &status) < 0) throw system_error("use cache", directory);
  const bool ours = S_ISDIR(status.st_mode) && status.st_uid == geteuid();
  if (!ours || (status.st_mode & 022) != 0) {
    throw Error(0, "use cache", directory).reason("others can write to it");
  }
}

SeccompFilter load(const std::string& path) {
  const std::string bytes = read_file(path, kLargest);
  SeccompFilter out(bytes.size() / sizeof(sock_filter));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(sock_filter));
  return out;
}

void keep(const SeccompFilter& filter, const std::string& path) {
  const std::string fresh = path + "." + std::to_string(getpid());
  const std::string bytes(reinterpret_cast<const char*>(filter.data()),
                          filter.size() * sizeof(sock_filter));
  try {
    const FileDescriptor file = open_file(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    write_all(file.get(), bytes, fresh);
    if (std::rename(fresh.c_str(), path.c_str()) < 0) throw system_error("keep", path);
  } catch (const Error&) {
    unlink(fresh.c_str());
    throw;
  }
}

}  // namespace

SeccompFilter cached_seccomp_program(const std::string& text,
                                     const std::function<SeccompFilter()>& compile) {
  std::string path;
  try {
    const std::string top = image_cache();
    const std::string directory = top + "/seccomp";
    make_private(top);
    make_private(directory);
    path = directory + "/" + image::sha256(kFormat + text) + ".bpf";
    if (access(path.c_str(), F_OK) == 0) return load(path);
  } catch (const Error& error) {
    log::debug(error.what());
    return compile();
  }
  SeccompFilter filter = compile();
  try {
    keep(filter, path);
  } catch (const Error& error) {
    log::debug(error.what());
  }
  return filter;
}

}  // namespace netyard
