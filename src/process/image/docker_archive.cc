// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "process/image/json.h"
#include "process/image/manifest.h"

namespace netyard::image {
namespace {

// The configuration's file is called after its digest: DIGEST.json or blobs/sha256/DIGEST. Other
// tools than docker give it any name, then nothing can be compared.
void check_name(const std::string& file, const std::string& digest, const Blame& blame) {
  const std::string name = std::filesystem::path(file).stem().string();
  const bool named = name.size() == digest.size() &&
                     name.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (named && name != digest) throw blame.error("is damaged: its digest is sha256:" + digest);
}

JsonObject only_image(const ImageFiles& files) {
  const Blame blame = files.blame("manifest.json");
  const auto images = JsonObject::parse_list(files.read("manifest.json"), blame);
  if (images.empty()) throw blame.error("has no image");
  if (images.size() == 1) return images.front();
  std::vector<std::string> names;
  for (const auto& image : images) {
    const auto tags = image.texts_or_none("RepoTags");
    names.push_back(tags.empty() ? image.text("Config") : tags.front());
  }
  throw blame.error(fmt::format("has {} images: {}", images.size(), fmt::join(names, ", ")))
      .hint("save the one that is meant into an archive of its own");
}

}  // namespace

bool is_docker_archive(const ImageFiles& files) {
  return files.has("manifest.json");
}

Manifest read_docker_archive(const ImageFiles& files) {
  const JsonObject image = only_image(files);
  const std::string file = image.text("Config");
  const Blame blame = files.blame(file);
  Manifest out;
  out.config = files.read(file);
  // The diff_ids in the configuration cover the layers, so that its digest stands for all.
  out.id = sha256(out.config);
  check_name(file, out.id, blame);
  const auto layers = image.texts("Layers");
  const auto ids = diff_ids(out.config, layers.size(), blame);
  for (std::size_t i = 0; i < layers.size(); ++i) out.layers.push_back({layers[i], "", 0, ids[i]});
  return out;
}

}  // namespace netyard::image
