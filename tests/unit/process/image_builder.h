// SPDX-License-Identifier: Apache-2.0
// Makes images for the tests: tars with any entries, OCI layouts, docker archives.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "process/image.h"
#include "process/image/manifest.h"
#include "process/image/sha256.h"
#include "process/image/tree.h"

namespace netyard::test {

using nlohmann::json;
namespace fs = std::filesystem;

struct Entry {
  std::string path;
  unsigned type = AE_IFREG;
  std::string content;  // of a file; the target of a link
  unsigned mode = 0644;
  bool hard = false;
  long uid = 0, gid = 0;
  long mtime = 1'000'000'000;
  std::map<std::string, std::string> attributes = {};
};
inline Entry file(std::string path, std::string content = "x", unsigned mode = 0644) {
  return {std::move(path), AE_IFREG, std::move(content), mode};
}
inline Entry directory(std::string path, unsigned mode = 0755) {
  return {std::move(path), AE_IFDIR, "", mode};
}
inline Entry symbolic(std::string path, std::string target) {
  return {std::move(path), AE_IFLNK, std::move(target), 0777};
}
inline Entry hard(std::string path, std::string target) {
  return {std::move(path), AE_IFREG, std::move(target), 0644, true};
}

inline void put_entry(archive* writer, const Entry& from) {
  archive_entry* entry = archive_entry_new();
  archive_entry_copy_pathname(entry, from.path.c_str());
  archive_entry_set_filetype(entry, from.type);
  archive_entry_set_perm(entry, from.mode);
  archive_entry_set_uid(entry, from.uid);
  archive_entry_set_gid(entry, from.gid);
  archive_entry_set_mtime(entry, from.mtime, 0);
  const bool data = from.type == AE_IFREG && !from.hard;
  archive_entry_set_size(entry, data ? static_cast<la_int64_t>(from.content.size()) : 0);
  if (from.hard) archive_entry_copy_hardlink(entry, from.content.c_str());
  if (from.type == AE_IFLNK) archive_entry_copy_symlink(entry, from.content.c_str());
  if (from.type == AE_IFCHR || from.type == AE_IFBLK) archive_entry_set_rdev(entry, 0);
  for (const auto& [name, value] : from.attributes) {
    archive_entry_xattr_add_entry(entry, name.c_str(), value.data(), value.size());
  }
  EXPECT_GE(archive_write_header(writer, entry), ARCHIVE_WARN) << archive_error_string(writer);
  if (data) archive_write_data(writer, from.content.data(), from.content.size());
  archive_entry_free(entry);
}

/// A pax tar. filter: "", "gzip", "zstd", "xz".
inline std::string tar(const std::vector<Entry>& entries, const char* filter = "") {
  std::string out;
  archive* writer = archive_write_new();
  archive_write_set_format_pax(writer);
  if (*filter != '\0') {
    EXPECT_EQ(archive_write_add_filter_by_name(writer, filter), ARCHIVE_OK);
  }
  archive_write_set_bytes_in_last_block(writer, 1);
  const auto append = [](archive*, void* text, const void* bytes, std::size_t size) {
    static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
  };
  archive_write_open(writer, &out, nullptr, append, nullptr);
  for (const auto& entry : entries) put_entry(writer, entry);
  archive_write_free(writer);
  return out;
}

inline void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}
inline std::string read_text(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr const char* kLayerType = "application/vnd.oci.image.layer.v1.tar";

inline std::string native_architecture() {
  return image::native_platform().substr(std::string("linux/").size());
}

/// An image in pieces; what is not said otherwise is right.
struct Layout {
  fs::path directory;

  explicit Layout(fs::path where) : directory(std::move(where)) {
    write_text(directory / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  }
  fs::path blob_path(const json& descriptor) const {
    return directory / "blobs/sha256" / descriptor["digest"].get<std::string>().substr(7);
  }
  json blob(const std::string& bytes, const std::string& type) const {
    json descriptor = {
        {"mediaType", type}, {"digest", "sha256:" + image::sha256(bytes)}, {"size", bytes.size()}};
    write_text(blob_path(descriptor), bytes);
    return descriptor;
  }
  static json config_of(const std::vector<std::string>& tars) {
    json config = {{"os", "linux"},
                   {"architecture", native_architecture()},
                   {"rootfs", {{"type", "layers"}, {"diff_ids", json::array()}}}};
    for (const auto& bytes : tars) {
      config["rootfs"]["diff_ids"].push_back("sha256:" + image::sha256(bytes));
    }
    return config;
  }
  /// The manifest's descriptor.
  json manifest(const json& config, const std::vector<json>& layers) const {
    const json manifest = {{"schemaVersion", 2},
                           {"mediaType", kManifestType},
                           {"config", blob(config.dump(), kConfigType)},
                           {"layers", layers}};
    return blob(manifest.dump(), kManifestType);
  }
  json image(const std::vector<std::string>& tars) const {
    std::vector<json> layers;
    layers.reserve(tars.size());
    for (const auto& bytes : tars) layers.push_back(blob(bytes, kLayerType));
    return manifest(config_of(tars), layers);
  }
  void index(const std::vector<json>& manifests) const {
    write_text(directory / "index.json",
               json{{"schemaVersion", 2}, {"manifests", manifests}}.dump());
  }
  /// The layout as a tar.
  std::string packed(const char* filter = "") const {
    std::vector<Entry> entries;
    for (const auto& item : fs::recursive_directory_iterator(directory)) {
      const std::string name = item.path().lexically_relative(directory);
      if (item.is_regular_file()) entries.push_back(file("./" + name, read_text(item.path())));
    }
    return tar(entries, filter);
  }
};

/// A directory for the test's files, with an image in it and a cache.
class ImageTest : public testing::Test {
 protected:
  ImageTest() {
    std::string place = fs::temp_directory_path() / "netyard-image-XXXXXX";
    if (mkdtemp(place.data()) == nullptr) throw system_error("make", place);
    home = place;
    cache = home / "cache";
  }
  ~ImageTest() override { image::remove_tree(AT_FDCWD, home.string(), {home.string(), ""}); }

  RootImage open() const { return open_root_image(layout, cache); }
  /// An image of these layers; what it is unpacked to.
  fs::path unpack(const std::vector<std::vector<Entry>>& layers) const {
    build(layers);
    return open().directory;
  }
  void build(const std::vector<std::vector<Entry>>& layers) const {
    std::vector<std::string> tars;
    tars.reserve(layers.size());
    for (const auto& entries : layers) tars.push_back(tar(entries));
    const Layout made(layout);
    made.index({made.image(tars)});
  }
  /// What opening says, with the test's own paths and digests made short: PATH, HOME, DIGEST.
  std::string refusal(const std::string& path) const {
    try {
      open_root_image(path, cache);
    } catch (const Error& error) {
      return shorten(error.what());
    }
    return "no error";
  }
  std::string refusal() const { return refusal(layout); }
  std::string shorten(std::string text) const {
    for (std::size_t at = 0; (at = text.find(home.string())) != std::string::npos;) {
      text.replace(at, home.string().size(), "HOME");
    }
    const char* hex = "0123456789abcdef";
    for (std::size_t at = 0; (at = text.find_first_of(hex, at)) != std::string::npos;) {
      const std::size_t end = std::min(text.find_first_not_of(hex, at), text.size());
      if (end - at == 64) text.replace(at, 64, "DIGEST");
      at = end - at == 64 ? at + 6 : end;
    }
    return text;
  }
  bool nothing_half_done() const { return !fs::exists(cache / "images/.unpack"); }

  fs::path home, cache;
  fs::path layout = "";

  void SetUp() override { layout = home / "image"; }
};

}  // namespace netyard::test
