// SPDX-License-Identifier: Apache-2.0
#include "base/file_descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

#include "base/error.h"

namespace netyard {

FileDescriptor open_file(const std::string& path, int flags, unsigned mode) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) throw system_error("open", path);
  return FileDescriptor(fd);
}

std::string read_file(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: a FIFO must not hang us.
  const FileDescriptor fd = open_file(path, O_RDONLY | O_NONBLOCK);
  std::string text;
  char chunk[65536];
  for (;;) {
    const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error("read", path);
    if (got == 0) return text;
    text.append(chunk, static_cast<std::size_t>(got));
    if (text.size() > limit) {
      throw Error(EFBIG, "read", path).hint(fmt::format("the limit is {} MiB", limit >> 20));
    }
  }
}

int remove_file(const std::string& path) {
  constexpr int kTries = 3;
  int result = -1;
  for (int i = 0; i < kTries && result < 0; ++i) {
    result = ::unlink(path.c_str());
    if (result < 0 && (errno == ENOENT || errno == EPERM || errno == EACCES)) break;
  }
  return result;
}

void write_all(int fd, const std::string& bytes, const std::string& what) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw system_error("write", what);
    done += static_cast<std::size_t>(put);
  }
}

}  // namespace netyard
