// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "process/image/blame.h"
#include "process/image/sha256.h"

namespace netyard::image {

inline constexpr std::size_t kChunk = 64 << 10;

/// Bytes in order: of a file, of an archive's entry, out of a decompressor.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;
  /// The next bytes, valid until the next call; none at the end. Throws Error.
  virtual std::string_view next() = 0;
};

/// The bytes of an open file.
class FileBytes : public ByteSource {
 public:
  FileBytes(FileDescriptor file, Blame blame);
  std::string_view next() override;

 private:
  FileDescriptor file_;
  Blame blame_;
  std::vector<char> buffer_;
};

/// Passes bytes on, counts them and takes their digest.
class HashedBytes : public ByteSource {
 public:
  explicit HashedBytes(ByteSource& from) : from_(from) {}
  std::string_view next() override;
  /// Reads what nobody has read, so that the digest is of all bytes.
  void drain();
  std::uint64_t count() const { return count_; }
  /// "sha256:" and the digest; to be asked once.
  std::string digest() { return "sha256:" + hash_.hex(); }

 private:
  ByteSource& from_;
  Sha256 hash_;
  std::uint64_t count_ = 0;
};

}  // namespace netyard::image
