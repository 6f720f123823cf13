// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string>

#include "base/file_descriptor.h"
#include "process/image.h"
#include "process/image/blame.h"

namespace netyard::image {

/// Unpacked images: images/ID/{rootfs,config.json}, and which image a tar holds: tars/FILE. What is
/// in images/ID is complete; an unpacking that was killed leaves images/.unpack, which the next one
/// removes.
class Cache {
 public:
  /// Makes the directory. Throws Error when it is another user's or others can write to it.
  Cache(const std::string& directory, const Blame& blame);

  std::optional<RootImage> find(const std::string& id) const;
  /// Has `fill` unpack into an open directory, and keeps that. Waits while another process unpacks;
  /// what that one has added meanwhile is taken.
  RootImage add(const std::string& id, const std::string& config,
                const std::function<void(int)>& fill) const;

  /// The id that was remembered for this very file, unchanged since; or "".
  std::string recall(const struct stat& tar) const;
  /// No failure: it is only slower next time.
  void remember(const struct stat& tar, const std::string& id) const;

 private:
  FileDescriptor subdirectory(const char* name) const;
  FileDescriptor lock() const;
  void unpack(const std::string& config, const std::function<void(int)>& fill) const;

  std::string directory_;
  Blame blame_;
  FileDescriptor top_, images_, tars_;
};

}  // namespace netyard::image
