// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "process/image/bytes.h"

namespace netyard::image {

/// More than any index, manifest or configuration has reason to be.
inline constexpr std::size_t kMostText = 16 << 20;

/// The files of an image: a directory's, or a tar's.
class ImageFiles {
 public:
  explicit ImageFiles(Blame blame) : blame_(std::move(blame)) {}
  ImageFiles(const ImageFiles&) = delete;
  ImageFiles& operator=(const ImageFiles&) = delete;
  virtual ~ImageFiles() = default;

  virtual bool has(const std::string& name) const = 0;
  struct Opened {
    std::unique_ptr<ByteSource> bytes;
    std::uint64_t size;
  };
  /// Throws Error when it is missing, or no file.
  virtual Opened open(const std::string& name) const = 0;
  /// The whole of a small file. Throws Error past kMostText.
  std::string read(const std::string& name) const;
  Blame blame(const std::string& name) const { return blame_.in(name); }
  const Blame& blame() const { return blame_; }

 private:
  Blame blame_;
};

std::unique_ptr<ImageFiles> files_of_directory(const Blame& blame);
/// The files of a tar, compressed or not. Throws Error when it is none.
std::unique_ptr<ImageFiles> files_of_tar(FileDescriptor file, const Blame& blame);

}  // namespace netyard::image
