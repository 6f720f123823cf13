// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "base/location.h"

namespace netyard {

/// A YAML value with its place. Children are shared, so an alias costs nothing; `weight` counts the
/// values below as if every alias were written out, and is what the loader bounds.
struct Tree {
  enum class Kind { scalar, sequence, mapping };
  using Pointer = std::shared_ptr<const Tree>;
  struct Entry {
    Pointer key;  // always a scalar
    Pointer value;
  };

  Kind kind = Kind::scalar;
  Location at;
  std::string text;     // scalar
  bool quoted = false;  // scalar in quotes or a block: never null, a number or a bool
  std::vector<Pointer> items;
  std::vector<Entry> entries;  // in file order; keys are unique
  std::uint64_t weight = 1;

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_mapping() const { return kind == Kind::mapping; }
  /// Plain empty, "~" or "null".
  bool is_null() const;
  const Tree* find(const std::string& key) const;
  /// "a mapping", "a list", "text", "nothing".
  const char* describe() const;
};

/// Bounds on what a file may hold, so that a hostile one is refused early and in little memory.
struct TreeLimits {
  int depth = 64;
  std::uint64_t values = 1'000'000;  // with aliases written out
};

/// Parses one YAML document. Mistakes (syntax, NUL bytes, not UTF-8, two keys alike, a second
/// document, a key that is no text, unknown or recursive alias, tags, a bound exceeded) go to
/// diagnostics; nullptr when there is nothing to go on with. Anchors, aliases and the merge key
/// "<<" are understood.
Tree::Pointer parse_tree(std::shared_ptr<const SourceFile> source, Diagnostics& diagnostics,
                         const TreeLimits& limits = {});

}  // namespace netyard
