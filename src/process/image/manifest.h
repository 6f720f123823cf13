// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "process/image.h"
#include "process/image/files.h"

namespace netyard::image {

/// A layer's file, and what it must be.
struct Layer {
  std::string file;
  std::string digest;      // "sha256:…" of the file; "" when only diff_id is known
  std::uint64_t size = 0;  // of the file; counts with a digest
  std::string diff_id;     // "sha256:…" of the tar in it
};

/// What an image consists of.
struct Manifest {
  std::string id;      // 64 hexadecimal digits that stand for all of it
  std::string config;  // the text of its configuration
  std::vector<Layer> layers;
};

bool is_oci_layout(const ImageFiles& files);
bool is_docker_archive(const ImageFiles& files);
/// The image for this machine in an OCI image layout (image-layout.md, image-index.md of the OCI
/// image specification). Throws Error.
Manifest read_oci_layout(const ImageFiles& files);
/// The one image of a `docker save` archive (manifest.json). Throws Error.
Manifest read_docker_archive(const ImageFiles& files);

/// Throws Error when the configuration is malformed.
ImageConfig parse_config(const std::string& text, const Blame& blame);
/// The diff_ids of a configuration. Throws Error when it is not for this machine or not of this
/// many layers.
std::vector<std::string> diff_ids(const std::string& config, std::size_t layers,
                                  const Blame& blame);
/// The hexadecimal digits of "sha256:…". Throws Error for anything else.
std::string digits(const std::string& digest, const Blame& blame);
/// "linux/amd64": what images must be for, in the words of the OCI image specification.
std::string native_platform();

}  // namespace netyard::image
