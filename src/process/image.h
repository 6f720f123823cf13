// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace netyard {

/// What an OCI image says of its program; empty for a plain directory.
struct ImageConfig {
  std::vector<std::string> entrypoint, command, env;
  std::string user, cwd;

  bool operator==(const ImageConfig&) const = default;
};

/// A directory that can be the lower layer of an overlay mount.
struct RootImage {
  std::string directory;
  ImageConfig config;
};

/// The root file system that `path` names. A plain directory is taken as it is; an OCI image
/// layout, a tar of one and a `docker save` archive are unpacked, once, below `cache`. Throws
/// Error.
RootImage open_root_image(const std::string& path, const std::string& cache);

/// ${NETYARD_CACHE}, or else /var/cache/netyard for root and $XDG_CACHE_HOME/netyard or
/// ~/.cache/netyard for others. Throws Error when nothing says where that is.
std::string image_cache();

}  // namespace netyard
