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
    std::string values;    // "a number from 0 to 16777215"
    std::string fallback;  // what it is when not given
    std::string help;
    std::string option;  // what the kernel needs besides the kind
    bool required = false;
  };
  std::string name;
  std::string help;
  std::string kernel_option;
  std::string example;            // a link of it, between nodes a and b
  std::string parent;             // "required", "possible" or ""
  std::optional<bool> available;  // nullopt: no right to find out, or not asked
  std::vector<Key> keys;
  std::vector<Key> port_keys;  // of `port:` of its ports
};

/// All kinds from their tables, or the one called `only`. With `probe` the kernel is asked for
/// each.
std::vector<KindSummary> list_kinds(bool probe, const std::string& only = {});
/// The keys that interfaces of every kind have.
std::vector<KindSummary::Key> common_keys();
/// Kinds of qdisc, the fields of classes included.
std::vector<KindSummary> list_qdiscs();

}  // namespace netyard
