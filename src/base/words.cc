// SPDX-License-Identifier: Apache-2.0
#include "base/words.h"

namespace netyard {
namespace {

constexpr std::string_view kBlanks = " \t\n";

}  // namespace

bool split_words(std::string_view line, std::vector<std::string>& words, std::string& problem) {
  std::string word;
  bool inside_word = false;  // '' is a word, too
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'') {
      // Inside double quotes a backslash speaks only before what it can protect.
      const bool protects = !last && (quote == 0 || line[i + 1] == '"' || line[i + 1] == '\\');
      word += protects ? line[++i] : c;
      inside_word = true;
    } else if (quote != 0) {
      word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      inside_word = true;
    } else if (kBlanks.find(c) == std::string_view::npos) {
      word += c;
      inside_word = true;
    } else if (inside_word) {
      words.push_back(std::move(word));
      word.clear();
      inside_word = false;
    }
  }
  if (quote != 0) {
    problem = std::string("the quote ") + quote + " is not closed";
    return false;
  }
  if (inside_word) words.push_back(std::move(word));
  return true;
}

std::string join_words(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) {
    if (!out.empty()) out += ' ';
    const bool plain =
        !word.empty() && word.find_first_of(" \t\n'\"\\$`|&;<>()*?[]#~!{}") == std::string::npos;
    if (plain) {
      out += word;
      continue;
    }
    out += '\'';
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += '\'';
  }
  return out;
}

std::string on_one_line(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out += "\\x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 0xf];
    } else {
      out += c;
    }
    if (most != 0 && out.size() > most) return out.substr(0, most) + "...";
  }
  return out;
}

}  // namespace netyard
