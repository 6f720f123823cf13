// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>

#include "base/error.h"

namespace netyard {

/// What was thrown while a lab was worked on, by us or by the standard library: it is undone alike.
inline Error as_error(const std::exception& thrown, const std::string& lab) {
  const auto* error = dynamic_cast<const Error*>(&thrown);
  return error != nullptr ? *error : Error(0, "work on", "lab " + lab).reason(thrown.what());
}

}  // namespace netyard
