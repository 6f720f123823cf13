// SPDX-License-Identifier: Apache-2.0
#include "process/image/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <unistd.h>

#include <cerrno>
#include <new>

namespace netyard::image {

void ArchiveReader::Free::operator()(archive* reader) const {
  archive_read_free(reader);
}

ArchiveReader::ArchiveReader(ByteSource& bytes, Form form, Blame blame)
    : bytes_(&bytes), blame_(std::move(blame)) {
  prepare(form);
  check(archive_read_open(reader_.get(), this, nullptr, pull, nullptr));
}

ArchiveReader::ArchiveReader(int fd, Blame blame) : blame_(std::move(blame)) {
  prepare(Form::kTar);
  if (lseek(fd, 0, SEEK_SET) < 0) throw blame_.error("seek", errno);
  check(archive_read_open_fd(reader_.get(), fd, kChunk));
}

void ArchiveReader::prepare(Form form) {
  reader_.reset(archive_read_new());
  if (!reader_) throw std::bad_alloc();
  // One by one: archive_read_support_filter_all would run programs for some.
  archive_read_support_filter_gzip(reader_.get());
  archive_read_support_filter_zstd(reader_.get());
  archive_read_support_filter_xz(reader_.get());
  archive_read_support_filter_bzip2(reader_.get());
  archive_read_support_format_empty(reader_.get());
  if (form == Form::kTar) archive_read_support_format_tar(reader_.get());
  if (form == Form::kBare) archive_read_support_format_raw(reader_.get());
}

long ArchiveReader::pull(archive* reader, void* self, const void** buffer) {
  auto& me = *static_cast<ArchiveReader*>(self);
  try {
    const std::string_view bytes = me.bytes_->next();
    *buffer = bytes.data();
    return static_cast<long>(bytes.size());
  } catch (...) {
    me.thrown_ = std::current_exception();
    archive_set_error(reader, EIO, "no more bytes");
    return -1;
  }
}

void ArchiveReader::fail() {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  const char* text = archive_error_string(reader_.get());
  const std::string sentence = text != nullptr ? text : "libarchive does not say why";
  if (sentence == "Unrecognized archive format") throw blame_.error("is no tar archive");
  throw blame_.error("is damaged: " + sentence);
}

// Warnings are of names that fit no character set; they are taken as they are.
void ArchiveReader::check(int result) {
  if (result < ARCHIVE_WARN) fail();
}

archive_entry* ArchiveReader::next() {
  archive_entry* entry = nullptr;
  const int result = archive_read_next_header(reader_.get(), &entry);
  if (result == ARCHIVE_EOF) return nullptr;
  if (result == ARCHIVE_RETRY) fail();
  check(result);
  return entry;
}

std::optional<ArchiveReader::Block> ArchiveReader::block() {
  const void* data = nullptr;
  std::size_t size = 0;
  std::int64_t offset = 0;
  const int result = archive_read_data_block(reader_.get(), &data, &size, &offset);
  if (result == ARCHIVE_EOF) return std::nullopt;
  check(result);
  return Block{{static_cast<const char*>(data), size}, offset};
}

std::size_t ArchiveReader::read(char* buffer, std::size_t size) {
  const la_ssize_t got = archive_read_data(reader_.get(), buffer, size);
  if (got < 0) fail();
  return static_cast<std::size_t>(got);
}

EntryBytes::EntryBytes(std::unique_ptr<ArchiveReader> reader)
    : reader_(std::move(reader)), buffer_(kChunk) {}

std::string_view EntryBytes::next() {
  if (!reader_) return {};
  return {buffer_.data(), reader_->read(buffer_.data(), buffer_.size())};
}

std::unique_ptr<ByteSource> decompress(ByteSource& bytes, const Blame& blame) {
  auto reader = std::make_unique<ArchiveReader>(bytes, ArchiveReader::Form::kBare, blame);
  if (reader->next() == nullptr) reader.reset();  // no bytes at all
  return std::make_unique<EntryBytes>(std::move(reader));
}

PlainNames::PlainNames()
    : plain_(newlocale(LC_ALL_MASK, "C", nullptr)),
      before_(uselocale(static_cast<locale_t>(plain_))) {}

PlainNames::~PlainNames() {
  uselocale(static_cast<locale_t>(before_));
  if (plain_ != nullptr) freelocale(static_cast<locale_t>(plain_));
}

}  // namespace netyard::image
