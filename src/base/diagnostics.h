// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "base/location.h"

namespace netyard {

enum class Severity { error, warning };

/// One mistake of a file.
struct Diagnostic {
  Severity severity = Severity::error;
  Location at;
  std::string message;
  std::string hint;
};

/// Collects all mistakes of an input instead of stopping at the first. The same message at the same
/// place is kept once: a mistake in a default would else show up for all it applies to.
class Diagnostics {
 public:
  void error(const Location& at, std::string message, std::string hint = {});
  void warning(const Location& at, std::string message, std::string hint = {});

  bool has_errors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return items_.size() - errors_; }
  const std::vector<Diagnostic>& items() const { return items_; }
  /// Every item as "file:line:col: error: message", the source line, a caret and the hint;
  /// in file order, the first `most` of them and a line that counts the rest.
  std::string render(std::size_t most = 50) const;

 private:
  void add(Severity severity, const Location& at, std::string message, std::string hint);

  std::vector<Diagnostic> items_;
  std::unordered_set<std::string> seen_;
  std::size_t errors_ = 0;
};

}  // namespace netyard
