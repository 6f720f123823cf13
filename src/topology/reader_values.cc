// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "base/error.h"
#include "base/units.h"
#include "base/words.h"
#include "topology/reader.h"

namespace netyard::spec {
namespace {

constexpr Field kFlag = {"", 0, "", Syntax::flag, Wire::u8};

std::string list_of(std::span<const char* const> words) {
  std::string out = "one of ";
  for (std::size_t i = 0; i < words.size(); ++i) out += (i > 0 ? ", " : "") + std::string(words[i]);
  return out;
}

}  // namespace

std::optional<Located<std::string>> Reader::word(const Tree& value, const char* what) {
  auto out = text(value, what);
  if (!out || !out->value.empty()) return out;
  error(value.at, fmt::format("expected {}, found an empty text", what));
  return {};
}

std::vector<Located<std::string>> Reader::words(const Tree& value, const char* what) {
  std::vector<Located<std::string>> out;
  if (value.is_null()) return out;
  if (!value.is_sequence()) {
    if (auto one = word(value, what)) out.push_back(std::move(*one));
    return out;
  }
  for (const auto& item : value.items) {
    if (auto one = word(*item, what)) out.push_back(std::move(*one));
  }
  return out;
}

std::optional<std::size_t> Reader::choice(const Tree& value, const char* what,
                                          std::span<const char* const> choices) {
  const auto said = text(value, what);
  if (!said) return {};
  const auto found = std::find(choices.begin(), choices.end(), said->value);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  const std::string hint = did_you_mean(said->value, {choices.begin(), choices.end()});
  error(value.at, fmt::format("expected {}, found '{}'", what, said->value),
        hint.empty() ? list_of(choices) : hint);
  return {};
}

std::optional<bool> Reader::boolean(const Tree& value) {
  const auto said = text(value, "true or false");
  if (!said) return {};
  FieldValue out;
  std::string problem;
  if (parse_field(kFlag, said->value, out, problem)) return out == FieldValue(std::uint64_t{1});
  error(value.at, fmt::format("expected {}, found '{}'", problem, said->value));
  return {};
}

std::optional<std::int64_t> Reader::integer(const Tree& value, std::int64_t min, std::int64_t max) {
  const auto said = text(value, "a number");
  if (!said) return {};
  std::int64_t out = 0;
  const char* end = said->value.data() + said->value.size();
  const auto [stop, failed] = std::from_chars(said->value.data(), end, out);
  if (failed == std::errc() && stop == end && out >= min && out <= max) return out;
  error(value.at,
        fmt::format("expected a number from {} to {}, found '{}'", min, max, said->value));
  return {};
}

std::optional<std::uint64_t> Reader::size(const Tree& value, std::uint64_t min) {
  const auto said = text(value, "a size");
  if (!said) return {};
  const auto out = parse_size(said->value);
  if (!out) {
    error(value.at, fmt::format("expected a size, found '{}'", said->value),
          "bytes, or as in 64K, 512M or 1.5G");
    return {};
  }
  if (*out >= min) return out;
  const std::string bound = min == 1 ? "above 0" : "of at least " + format_size(min);
  error(value.at, fmt::format("expected a size {}, found '{}'", bound, said->value));
  return {};
}

std::optional<std::chrono::milliseconds> Reader::duration(const Tree& value,
                                                          std::chrono::milliseconds min) {
  const auto said = text(value, "a time");
  if (!said) return {};
  const auto out = parse_duration(said->value);
  if (!out) {
    error(value.at, fmt::format("expected a time, found '{}'", said->value),
          "seconds, or as in 200ms, 10s or 1.5m");
    return {};
  }
  if (*out >= min) return out;
  error(value.at, fmt::format("expected a time of at least {}, found '{}'", format_duration(min),
                              said->value));
  return {};
}

std::optional<std::vector<std::string>> Reader::command(const Tree& value) {
  std::vector<std::string> argv;
  const std::size_t before = errors_;
  if (value.is_sequence()) {
    for (const auto& item : value.items) {
      if (const auto said = text(*item, "a word of a command")) argv.push_back(said->value);
    }
  } else if (const auto line = text(value, "a command")) {
    std::string problem;
    if (!split_words(line->value, argv, problem)) {
      error(value.at, "not a command line: " + problem);
    }
  }
  if (errors_ != before) return {};
  if (!argv.empty() && !argv.front().empty()) return argv;
  error(value.at, "the command is empty");
  return {};
}

std::optional<Located<std::string>> Reader::absolute_path(const Tree& value) {
  auto out = word(value, "a path");
  if (!out || out->value.front() == '/') return out;
  error(value.at, fmt::format("'{}' is not absolute", out->value));
  return {};
}

namespace {

using Lines = std::vector<Located<std::string>>;

// `first` is the place of the first byte; a text that is folded, or in quotes, has but one place.
Lines split_lines(const std::string& text, const Location& first, bool places, int column) {
  Lines out;
  std::size_t begin = 0;
  Location at = first;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out.push_back({text.substr(begin, end - begin), at});
    begin = end + 1;
    if (!places) continue;
    ++at.line;
    at.column = column;
  }
  return out;
}

// The column where the text of a literal block begins, by the first of its lines that has any.
int block_column(const Location& at) {
  for (int line = at.line + 1;; ++line) {
    const std::string_view text = at.source->line(line);
    const std::size_t column = text.find_first_not_of(' ');
    if (column != std::string_view::npos) return static_cast<int>(column) + 1;
    if (text.data() == nullptr) return 1;
  }
}

}  // namespace

Lines Reader::lines(const Tree& value) {
  const std::string text = expand(value.text, value.at);
  const bool block = value.at.source != nullptr && value.quoted && value.at.column > 0 &&
                     value.at.source->line(value.at.line)
                         .substr(static_cast<std::size_t>(value.at.column) - 1)
                         .starts_with('|');
  if (!block) return split_lines(text, value.at, false, 0);
  Location first = value.at;
  first.column = block_column(value.at);
  ++first.line;
  return split_lines(text, first, true, first.column);
}

Lines Reader::lines_of_file(const Tree& name) {
  const auto said = word(name, "a file");
  if (!said || read_ == nullptr) return {};
  const std::string path = host_path(said->value, name.at);
  try {
    const auto source = std::make_shared<SourceFile>(path, (*read_)(path));
    return split_lines(source->text(), {source, 1, 1}, true, 1);
  } catch (const Error& problem) {
    error(name.at, problem.what());
    return {};
  }
}

std::string Reader::host_path(const std::string& path, const Location& at) const {
  const std::filesystem::path file = at.source != nullptr ? at.source->name() : "";
  const std::filesystem::path joined = directory_ / file.parent_path() / path;
  std::string out = joined.lexically_normal();
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

}  // namespace netyard::spec
