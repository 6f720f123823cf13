// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "process/image/bytes.h"

struct archive;
struct archive_entry;

namespace netyard::image {

/// libarchive reading one stream, compressed with gzip, zstd, xz or bzip2 or not at all.
class ArchiveReader {
 public:
  enum class Form { kTar, kBare };  // kBare: one entry, which is all that was compressed

  ArchiveReader(ByteSource& bytes, Form form, Blame blame);
  /// A tar in a file, from its beginning; what is not read is skipped with lseek(2).
  ArchiveReader(int fd, Blame blame);

  struct Block {
    std::string_view bytes;
    std::int64_t offset;  // in the entry; what lies between blocks is zeros
  };
  /// The next entry, valid until the next call; nullptr after the last. Throws Error.
  archive_entry* next();
  /// The next data of the entry, without its holes.
  std::optional<Block> block();
  /// The next data of the entry, holes and all, as much as fits; 0 at the end.
  std::size_t read(char* buffer, std::size_t size);

 private:
  struct Free {
    void operator()(archive* reader) const;
  };
  static long pull(archive* reader, void* self, const void** buffer);
  void prepare(Form form);
  void check(int result);
  [[noreturn]] void fail();

  std::unique_ptr<archive, Free> reader_;
  ByteSource* bytes_ = nullptr;
  Blame blame_;
  std::exception_ptr thrown_;  // by bytes_, on its way through libarchive
};

/// The data of the entry that `reader` is at; none without a reader.
class EntryBytes : public ByteSource {
 public:
  explicit EntryBytes(std::unique_ptr<ArchiveReader> reader);
  std::string_view next() override;

 private:
  std::unique_ptr<ArchiveReader> reader_;
  std::vector<char> buffer_;
};

/// What `bytes`, which must live longer, hold when decompressed.
std::unique_ptr<ByteSource> decompress(ByteSource& bytes, const Blame& blame);

/// While it lives, libarchive hands out names byte for byte. In a UTF-8 locale it would compose
/// their accents (NFC), and in others convert them.
class PlainNames {
 public:
  PlainNames();
  PlainNames(const PlainNames&) = delete;
  PlainNames& operator=(const PlainNames&) = delete;
  ~PlainNames();

 private:
  void* plain_;
  void* before_;
};

}  // namespace netyard::image
