// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"

namespace netyard::fuzz {

inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  return std::string(reinterpret_cast<const char*>(data), size);
}

/// What has to hold whatever came in; a crash for libFuzzer when it does not.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Runs `body`; an Error is a good answer to bad input, and must be able to say what it is.
template <class Body>
void may_refuse(Body body) {
  try {
    body();
  } catch (const Error& error) {
    require(!error.render().empty(), "an error says something");
  }
}

}  // namespace netyard::fuzz
