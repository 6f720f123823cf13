// SPDX-License-Identifier: Apache-2.0
#include "process/image/bytes.h"

#include <unistd.h>

#include <cerrno>

namespace netyard::image {

FileBytes::FileBytes(FileDescriptor file, Blame blame)
    : file_(std::move(file)), blame_(std::move(blame)), buffer_(kChunk) {}

std::string_view FileBytes::next() {
  for (;;) {
    const ssize_t got = ::read(file_.get(), buffer_.data(), buffer_.size());
    if (got >= 0) return {buffer_.data(), static_cast<std::size_t>(got)};
    if (errno != EINTR) throw blame_.error("read", errno);
  }
}

std::string_view HashedBytes::next() {
  const std::string_view bytes = from_.next();
  hash_.update(bytes);
  count_ += bytes.size();
  return bytes;
}

void HashedBytes::drain() {
  while (!next().empty()) {
  }
}

}  // namespace netyard::image
