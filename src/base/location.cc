// SPDX-License-Identifier: Apache-2.0
#include "base/location.h"

#include <fmt/format.h>

#include <algorithm>

namespace netyard {
namespace {

constexpr std::size_t kExcerptWidth = 120;

// Control bytes would move the caret or the terminal; a tab counts as one column.
std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return out;
}

}  // namespace

SourceFile::SourceFile(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
  }
}

std::string_view SourceFile::line(int number) const {
  if (number < 1 || static_cast<std::size_t>(number) > line_starts_.size()) return {};
  const std::size_t begin = line_starts_[static_cast<std::size_t>(number) - 1];
  const std::size_t end = std::min(text_.find('\n', begin), text_.size());
  std::string_view line(text_.data() + begin, end - begin);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool operator==(const Location& a, const Location& b) {
  if (a.line != b.line || a.column != b.column) return false;
  if (a.source == b.source) return true;
  return a.source != nullptr && b.source != nullptr && a.source->name() == b.source->name();
}

std::string Location::to_string() const {
  if (!*this) return {};
  return fmt::format("{}:{}:{}", source->name(), line, column);
}

namespace {

// Keys of files must not show up in messages, wherever the mistake on their line is.
std::string without_secrets(std::string line) {
  for (const std::string_view word : {"private_key:", "preshared_key:"}) {
    std::size_t at = line.find(word);
    if (at == std::string::npos) continue;
    at = line.find_first_not_of(' ', at + word.size());
    for (; at < line.size() && line[at] != ',' && line[at] != '}' && line[at] != ' '; ++at) {
      line[at] = '*';
    }
  }
  return line;
}

}  // namespace

std::string Location::excerpt() const {
  if (!*this) return {};
  const std::string whole = without_secrets(std::string(source->line(line)));
  // A place without its text.
  if (source->text().empty()) return {};
  const auto at = static_cast<std::size_t>(std::max(column - 1, 0));
  // A very long line is shown from a little before the caret.
  const std::size_t from = at >= kExcerptWidth ? at - kExcerptWidth / 2 : 0;
  const std::string shown = from < whole.size()
                                ? printable(std::string_view(whole).substr(from, kExcerptWidth))
                                : std::string();
  return fmt::format("{:>4} | {}\n     | {:>{}}\n", line, shown, "^", at - from + 1);
}

}  // namespace netyard
