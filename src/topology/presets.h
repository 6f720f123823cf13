// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "netlink/field.h"

namespace netyard {

/// Impairments that people know by a name, each way in words as format_words() writes them.
struct Preset {
  const char* name;
  const char* help;
  const char* up;      // from the subscriber
  const char* down;    // to the subscriber
  const char* source;  // whose figures they are

  bool is_symmetric() const { return std::string_view(up) == down; }
};

std::span<const Preset> presets();
/// nullptr when there is no such preset.
const Preset* find_preset(std::string_view name);
Settings preset_words(const Preset& preset, bool up);

}  // namespace netyard
