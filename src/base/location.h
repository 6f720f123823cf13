// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace netyard {

/// The text of one input file, kept for messages that quote it.
class SourceFile {
 public:
  SourceFile(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  /// The text of a line (1-based) without its line break; empty past the end.
  std::string_view line(int number) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
};

/// A place in an input file. line and column count from 1, columns in characters; line 0 is "no
/// place".
struct Location {
  std::shared_ptr<const SourceFile> source;
  int line = 0;
  int column = 0;

  explicit operator bool() const { return source != nullptr && line > 0; }
  /// Equal when file name, line and column are.
  friend bool operator==(const Location& a, const Location& b);
  /// "file:line:column", or "" for no place.
  std::string to_string() const;
  /// The quoted source line and a caret under the column, two lines; "" for no place.
  std::string excerpt() const;
};

/// A value and where the file says it.
template <class T>
struct Located {
  T value{};
  Location at;
  friend bool operator==(const Located&, const Located&) = default;
};

}  // namespace netyard
