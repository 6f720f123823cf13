// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace netyard {

/// A kind of link, and whether this kernel can make it.
struct KindSummary {
  struct Key {
    std::string name;
    std::string help;
    bool required = false;
  };
  std::string name;
  std::string help;
  std::string kernel_option;
  std::optional<bool> available;  // nullopt: no right to find out
  std::vector<Key> keys;
};

std::vector<KindSummary> list_kinds();
/// Kinds of qdisc, the fields of classes included.
std::vector<KindSummary> list_qdiscs();

}  // namespace netyard
