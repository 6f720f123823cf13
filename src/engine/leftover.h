// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"

namespace netyard {

/// Something that could not be removed, and why.
struct Leftover {
  std::string what;
  Error error;
};

}  // namespace netyard
