// SPDX-License-Identifier: Apache-2.0
#include "process/image.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "process/image/archive.h"
#include "process/image/cache.h"
#include "process/image/layer_stack.h"
#include "process/image/manifest.h"

namespace netyard {
namespace image {
namespace {

constexpr const char* kForms =
    "an image is a directory, an OCI image layout or a tar of one, or what `docker save` writes";

void verify_file(const Layer& layer, HashedBytes& packed, const Blame& blame) {
  packed.drain();
  const auto digest = packed.digest();
  if (layer.digest.empty() || digest == layer.digest) return;
  throw blame.error("is damaged: its digest is " + digest);
}

void verify_tar(const Layer& layer, HashedBytes& tar, const Blame& blame) {
  const auto digest = tar.digest();
  if (digest == layer.diff_id) return;
  throw blame.error(
      fmt::format("is damaged: its tar's digest is {} and not {}", digest, layer.diff_id));
}

void apply(const ImageFiles& files, const Layer& layer, LayerStack& stack) {
  const Blame blame = files.blame(layer.file);
  const auto file = files.open(layer.file);
  if (!layer.digest.empty() && file.size != layer.size) {
    throw blame.error(fmt::format("has {} bytes where {} are announced", file.size, layer.size));
  }
  HashedBytes packed(*file.bytes);
  try {
    const auto bare = decompress(packed, blame);
    HashedBytes tar(*bare);
    ArchiveReader reader(tar, ArchiveReader::Form::kTar, blame);
    stack.apply(reader, blame);
    tar.drain();
    verify_tar(layer, tar, blame);
  } catch (const Error&) {
    verify_file(layer, packed, blame);  // damage of the file explains the rest
    throw;
  }
  verify_file(layer, packed, blame);
}

RootImage unpack(const ImageFiles& files, const Manifest& manifest, const Cache& cache) {
  if (auto found = cache.find(manifest.id)) return *found;
  parse_config(manifest.config, files.blame());  // before the long work
  return cache.add(manifest.id, manifest.config, [&](int root) {
    LayerStack stack(root, files.blame());
    for (const auto& layer : manifest.layers) apply(files, layer, stack);
    stack.finish();
  });
}

Manifest read_tar(const ImageFiles& files) {
  if (is_oci_layout(files)) return read_oci_layout(files);
  if (is_docker_archive(files)) return read_docker_archive(files);
  throw files.blame()
      .error("is a tar archive without oci-layout and without manifest.json")
      .hint(kForms);
}

RootImage open_tar(const Blame& blame, const std::string& directory) {
  FileDescriptor file(open(blame.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat before {
  }, after{};
  if (!file || fstat(file.get(), &before) < 0) throw system_error("open image", blame.path);
  if (!S_ISREG(before.st_mode)) {
    throw blame.error("is neither a directory nor a regular file").hint(kForms);
  }
  if (before.st_size == 0) throw blame.error("is empty").hint(kForms);
  const Cache cache(directory, blame);
  if (const std::string id = cache.recall(before); !id.empty()) {
    if (auto found = cache.find(id)) return *found;
  }
  const int fd = file.get();
  const auto files = files_of_tar(std::move(file), blame);
  const Manifest manifest = read_tar(*files);
  RootImage image = unpack(*files, manifest, cache);
  if (fstat(fd, &after) == 0 && after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
      after.st_mtim.tv_nsec == before.st_mtim.tv_nsec && after.st_size == before.st_size) {
    cache.remember(after, manifest.id);
  }
  return image;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace
}  // namespace image

RootImage open_root_image(const std::string& path, const std::string& cache) {
  const image::Blame blame{path, ""};
  const image::PlainNames plain;
  struct stat status {};
  if (stat(path.c_str(), &status) < 0) throw system_error("open image", path);
  if (!S_ISDIR(status.st_mode)) return image::open_tar(blame, cache);
  const auto files = image::files_of_directory(blame);
  if (!image::is_oci_layout(*files)) return {path, {}};
  return image::unpack(*files, image::read_oci_layout(*files), image::Cache(cache, blame));
}

std::string image_cache() {
  if (auto own = image::variable("NETYARD_CACHE"); !own.empty()) return own;
  if (geteuid() == 0) return "/var/cache/netyard";
  // A relative one is to be ignored, says the XDG base directory specification.
  if (const auto xdg = image::variable("XDG_CACHE_HOME"); xdg.starts_with('/')) {
    return xdg + "/netyard";
  }
  if (const auto home = image::variable("HOME"); !home.empty()) return home + "/.cache/netyard";
  throw Error(0, "find", "image cache").reason("HOME is not set").hint("set NETYARD_CACHE");
}

}  // namespace netyard
