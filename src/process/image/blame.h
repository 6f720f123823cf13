// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"

namespace netyard::image {

/// What an error is about: an image, and a file in it.
struct Blame {
  std::string path;  // as the user named it
  std::string part;  // "index.json"; "" for the image as a whole

  Blame in(std::string file) const { return {path, std::move(file)}; }
  /// "open image PATH: PART: REASON", with strerror(code) before it unless code is 0.
  Error error(const std::string& reason, int code = 0) const {
    Error error(code, "open image", path);
    error.reason(part.empty() ? reason : part + ": " + reason);
    return error;
  }
};

}  // namespace netyard::image
