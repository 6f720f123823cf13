// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

namespace netyard {

/// An offload as people know it, and the kernel's names of the features that it stands for.
struct OffloadWord {
  const char* word;
  std::span<const char* const> features;
  const char* help;
};
std::span<const OffloadWord> offload_words();

/// A word of the table, or the kernel's name of a feature, to be turned on or off.
struct OffloadSetting {
  std::string word;
  bool on = false;
  friend bool operator==(const OffloadSetting&, const OffloadSetting&) = default;
};
/// The kernel's names of the features that a setting is about.
std::vector<std::string> features_of(const OffloadSetting& setting);

}  // namespace netyard
