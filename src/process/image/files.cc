// SPDX-License-Identifier: Apache-2.0
#include "process/image/files.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <map>

#include "process/image/archive.h"

namespace netyard::image {
namespace {

constexpr std::size_t kMostFiles = 100'000;
constexpr int kMostLinks = 8;

class DirectoryFiles : public ImageFiles {
 public:
  using ImageFiles::ImageFiles;

  bool has(const std::string& name) const override {
    struct stat status {};
    return stat(place(name).c_str(), &status) == 0 && S_ISREG(status.st_mode);
  }

  Opened open(const std::string& name) const override {
    FileDescriptor file(::open(place(name).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!file && errno == ENOENT) throw blame(name).error("is missing");
    if (!file) throw blame(name).error("open", errno);
    struct stat status {};
    if (fstat(file.get(), &status) < 0) throw blame(name).error("look at", errno);
    if (!S_ISREG(status.st_mode)) throw blame(name).error("is not a regular file");
    auto bytes = std::make_unique<FileBytes>(std::move(file), blame(name));
    return {std::move(bytes), static_cast<std::uint64_t>(status.st_size)};
  }

 private:
  std::string place(const std::string& name) const { return blame().path + "/" + name; }
};

// "./a//b/../c" is "a/c". These names find entries and never a file of the machine.
std::string normal(const std::string& name) {
  return std::filesystem::path(name).relative_path().lexically_normal().string();
}

// Where a symbolic link of the tar points to, in the tar.
std::string beside(const std::string& link, const std::string& target) {
  return normal((std::filesystem::path(link).parent_path() / target).string());
}

class TarFiles : public ImageFiles {
 public:
  TarFiles(FileDescriptor file, const Blame& blame) : ImageFiles(blame), file_(std::move(file)) {
    ArchiveReader reader(file_.get(), blame);
    while (archive_entry* entry = reader.next()) {
      if (archive_entry_pathname(entry) == nullptr)
        throw blame.error("has an entry without a name");
      note(normal(archive_entry_pathname(entry)), entry);
      if (entries_.size() > kMostFiles) {
        throw blame.error(fmt::format("has more than {} entries, which no image has", kMostFiles));
      }
    }
  }

  bool has(const std::string& name) const override { return entries_.contains(follow(name)); }

  Opened open(const std::string& name) const override {
    const auto found = entries_.find(follow(name));
    if (found == entries_.end()) throw blame(name).error("is missing");
    if (!found->second.file) throw blame(name).error("is not a regular file");
    auto reader = std::make_unique<ArchiveReader>(file_.get(), blame(name));
    while (const archive_entry* entry = reader->next()) {
      const char* path = archive_entry_pathname(const_cast<archive_entry*>(entry));
      if (path == nullptr || normal(path) != found->first) continue;
      return {std::make_unique<EntryBytes>(std::move(reader)), found->second.size};
    }
    throw blame(name).error("is missing");
  }

 private:
  struct Entry {
    bool file;
    std::uint64_t size;
    std::string target;  // of a link
  };

  // The first of a name counts, as it does in open().
  void note(const std::string& name, archive_entry* entry) {
    Entry noted{false, 0, ""};
    if (const char* target = archive_entry_hardlink(entry)) {
      noted.target = normal(target);
    } else if (const char* pointed = archive_entry_symlink(entry)) {
      noted.target = beside(name, pointed);
    } else if (archive_entry_filetype(entry) == AE_IFREG) {
      noted.file = true;
      noted.size = static_cast<std::uint64_t>(archive_entry_size(entry));
    }
    entries_.emplace(name, noted);
  }

  // Archives of older `docker save` link equal layers.
  std::string follow(const std::string& name) const {
    std::string at = normal(name);
    for (int links = 0; links < kMostLinks; ++links) {
      const auto found = entries_.find(at);
      if (found == entries_.end() || found->second.target.empty()) break;
      at = found->second.target;
    }
    return at;
  }

  FileDescriptor file_;
  std::map<std::string, Entry> entries_;
};

}  // namespace

std::string ImageFiles::read(const std::string& name) const {
  const Opened opened = open(name);
  std::string text;
  for (auto bytes = opened.bytes->next(); !bytes.empty(); bytes = opened.bytes->next()) {
    text += bytes;
    if (text.size() > kMostText) {
      throw blame(name).error(fmt::format("is larger than {} MiB", kMostText >> 20));
    }
  }
  return text;
}

std::unique_ptr<ImageFiles> files_of_directory(const Blame& blame) {
  return std::make_unique<DirectoryFiles>(blame);
}

std::unique_ptr<ImageFiles> files_of_tar(FileDescriptor file, const Blame& blame) {
  return std::make_unique<TarFiles>(std::move(file), blame);
}

}  // namespace netyard::image
