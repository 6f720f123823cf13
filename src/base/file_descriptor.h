// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <string>
#include <utility>

namespace netyard {

/// Owns a file descriptor; -1 is none.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~FileDescriptor() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

/// open(2) with O_CLOEXEC; retried on EINTR. Throws Error naming the path.
FileDescriptor open_file(const std::string& path, int flags, unsigned mode = 0);
/// The whole file, at most `limit` bytes. Throws Error (EFBIG past the limit, EISDIR for a
/// directory).
std::string read_file(const std::string& path, std::size_t limit);
/// unlink(2), tried again when the kernel is short of something: taking down must not fail for
/// that. 0, or -1 and errno.
int remove_file(const std::string& path);
/// Writes all bytes. Throws Error naming `what`.
void write_all(int fd, const std::string& bytes, const std::string& what);

}  // namespace netyard
