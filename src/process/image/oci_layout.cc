// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "process/image/json.h"
#include "process/image/manifest.h"

namespace netyard::image {
namespace {

constexpr int kMostIndexes = 8;  // one in the other

enum class Kind { kIndex, kManifest, kConfig, kLayer };
constexpr struct {
  std::string_view type;
  Kind kind;
} kMediaTypes[] = {
    {"application/vnd.oci.image.index.v1+json", Kind::kIndex},
    {"application/vnd.docker.distribution.manifest.list.v2+json", Kind::kIndex},
    {"application/vnd.oci.image.manifest.v1+json", Kind::kManifest},
    {"application/vnd.docker.distribution.manifest.v2+json", Kind::kManifest},
    {"application/vnd.oci.image.config.v1+json", Kind::kConfig},
    {"application/vnd.docker.container.image.v1+json", Kind::kConfig},
    {"application/vnd.oci.image.layer.v1.tar", Kind::kLayer},
    {"application/vnd.oci.image.layer.v1.tar+gzip", Kind::kLayer},
    {"application/vnd.oci.image.layer.v1.tar+zstd", Kind::kLayer},
    {"application/vnd.oci.image.layer.v1.tar+xz", Kind::kLayer},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar", Kind::kLayer},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", Kind::kLayer},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", Kind::kLayer},
    {"application/vnd.docker.image.rootfs.diff.tar", Kind::kLayer},
    {"application/vnd.docker.image.rootfs.diff.tar.gzip", Kind::kLayer},
    {"application/vnd.docker.image.rootfs.diff.tar.zstd", Kind::kLayer},
    {"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Kind::kLayer},
};

struct Descriptor {
  std::string type, digest, file;
  std::uint64_t size;
  std::string platform;  // "" when it does not say
  std::string name;      // what to call it
};

bool is(const Descriptor& descriptor, Kind kind) {
  return std::any_of(std::begin(kMediaTypes), std::end(kMediaTypes), [&](const auto& row) {
    return row.kind == kind && row.type == descriptor.type;
  });
}

Descriptor descriptor_of(const JsonObject& json) {
  Descriptor out;
  out.type = json.text("mediaType");
  out.digest = json.text("digest");
  out.file = "blobs/sha256/" + digits(out.digest, json.blame());
  out.size = json.number("size");
  const JsonObject platform = json.object_or_none("platform");
  const std::string os = platform.text_or_none("os");
  if (!os.empty()) out.platform = os + "/" + platform.text_or_none("architecture");
  out.name = json.object_or_none("annotations").text_or_none("org.opencontainers.image.ref.name");
  if (out.name.empty()) out.name = out.digest;
  return out;
}

void require(const Descriptor& descriptor, Kind kind, const char* what, const Blame& blame) {
  if (is(descriptor, kind)) return;
  throw blame.error(fmt::format("media type {} is no {} that is known", descriptor.type, what));
}

std::string read_blob(const ImageFiles& files, const Descriptor& descriptor) {
  std::string text = files.read(descriptor.file);
  const Blame blame = files.blame(descriptor.file);
  if (text.size() != descriptor.size) {
    throw blame.error(
        fmt::format("has {} bytes where {} are announced", text.size(), descriptor.size));
  }
  const std::string digest = "sha256:" + sha256(text);
  if (digest != descriptor.digest) throw blame.error("is damaged: its digest is " + digest);
  return text;
}

// Why no descriptor of an index will do.
Error nothing_fits(const std::vector<Descriptor>& all, const Blame& blame) {
  std::set<std::string> platforms, types;
  for (const auto& descriptor : all) {
    if (!is(descriptor, Kind::kIndex) && !is(descriptor, Kind::kManifest)) {
      types.insert(descriptor.type);
    } else {
      platforms.insert(descriptor.platform);
    }
  }
  if (!platforms.empty()) {
    return blame.error(fmt::format("has no image for {}, only for {}", native_platform(),
                                   fmt::join(platforms, ", ")));
  }
  if (types.empty()) return blame.error("has no image");
  return blame.error(fmt::format("has no image, only {}", fmt::join(types, ", ")));
}

// Those for this machine, and when there are none those that do not say.
std::vector<Descriptor> fitting(const JsonObject& index) {
  std::vector<Descriptor> all, exact, silent;
  for (const auto& item : index.objects("manifests")) {
    const Descriptor descriptor = descriptor_of(item);
    all.push_back(descriptor);
    if (!is(descriptor, Kind::kIndex) && !is(descriptor, Kind::kManifest)) continue;
    if (descriptor.platform == native_platform()) exact.push_back(descriptor);
    if (descriptor.platform.empty()) silent.push_back(descriptor);
  }
  if (!exact.empty()) return exact;
  if (!silent.empty()) return silent;
  throw nothing_fits(all, index.blame());
}

// The outermost index lists images of all sorts, a nested one the variants of one image, of which
// the first that fits is meant.
Descriptor only_one(const std::vector<Descriptor>& candidates, const Blame& blame) {
  std::set<std::string> digests, names;
  for (const auto& candidate : candidates) {
    digests.insert(candidate.digest);
    names.insert(candidate.name);
  }
  if (digests.size() == 1) return candidates.front();
  throw blame.error(fmt::format("has {} images: {}", digests.size(), fmt::join(names, ", ")))
      .hint("copy the one that is meant into a layout of its own");
}

Descriptor find_manifest(const ImageFiles& files) {
  const Blame outermost = files.blame("index.json");
  const JsonObject index = JsonObject::parse(files.read("index.json"), outermost);
  Descriptor found = only_one(fitting(index), outermost);
  for (int depth = 0; is(found, Kind::kIndex); ++depth) {
    const Blame blame = files.blame(found.file);
    if (depth == kMostIndexes) {
      throw blame.error(fmt::format("is more than {} indexes deep", kMostIndexes));
    }
    found = fitting(JsonObject::parse(read_blob(files, found), blame)).front();
  }
  return found;
}

void require_version(const ImageFiles& files) {
  const Blame blame = files.blame("oci-layout");
  const std::string version =
      JsonObject::parse(files.read("oci-layout"), blame).text("imageLayoutVersion");
  if (version == "1.0.0") return;
  throw blame.error(fmt::format("layout version \"{}\" is not known, only \"1.0.0\"", version));
}

}  // namespace

bool is_oci_layout(const ImageFiles& files) {
  return files.has("oci-layout");
}

Manifest read_oci_layout(const ImageFiles& files) {
  require_version(files);
  const Descriptor found = find_manifest(files);
  const Blame blame = files.blame(found.file);
  const JsonObject manifest = JsonObject::parse(read_blob(files, found), blame);
  const Descriptor config = descriptor_of(manifest.object("config"));
  require(config, Kind::kConfig, "image configuration", blame);
  Manifest out;
  out.id = digits(found.digest, blame);
  for (const auto& item : manifest.objects("layers")) {
    const Descriptor layer = descriptor_of(item);
    require(layer, Kind::kLayer, "layer", blame);
    out.layers.push_back({layer.file, layer.digest, layer.size, ""});
  }
  out.config = read_blob(files, config);
  const auto ids = diff_ids(out.config, out.layers.size(), files.blame(config.file));
  for (std::size_t i = 0; i < ids.size(); ++i) out.layers[i].diff_id = ids[i];
  return out;
}

}  // namespace netyard::image
