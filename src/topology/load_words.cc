// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>

#include "base/words.h"
#include "topology/layer3_reader.h"

namespace netyard::spec {
namespace {

Tree::Pointer scalar_at(const std::string& text, const Location& at) {
  auto tree = std::make_shared<Tree>();
  tree->at = at;
  tree->text = text;
  tree->quoted = true;
  return tree;
}

Tree empty_mapping(const Location& at) {
  Tree out;
  out.kind = Tree::Kind::mapping;
  out.at = at;
  return out;
}

/// Turns words into a mapping, one after the other.
class Line {
 public:
  Line(Reader& reader, const Tree& value, const Grammar& grammar, std::vector<std::string> words)
      : reader_(reader), at_(value.at), grammar_(grammar), words_(std::move(words)) {}

  std::optional<Tree> read() {
    Tree out = empty_mapping(at_);
    while (next_ < words_.size()) {
      const std::string& word = words_[next_];
      const bool listed = grammar_.list_word != nullptr && word == grammar_.list_word;
      if (listed ? !read_list(out) : !read_word(out)) return {};
    }
    return out;
  }

 private:
  bool add(Tree& out, const std::string& key, Tree::Pointer value) {
    if (out.find(key) != nullptr) {
      reader_.error(at_, fmt::format("'{}' is here twice", key));
      return false;
    }
    out.entries.push_back({scalar_at(key, at_), std::move(value)});
    return true;
  }

  const Word* known(const std::string& word) const {
    const auto found = std::find_if(grammar_.words.begin(), grammar_.words.end(),
                                    [&](const Word& w) { return word == w.word; });
    return found == grammar_.words.end() ? nullptr : &*found;
  }

  bool read_word(Tree& out) {
    const std::string& word = words_[next_];
    const Word* meaning = known(word);
    const bool first_free = grammar_.first != nullptr && out.find(grammar_.first) == nullptr;
    // A word of the table can stand in front of what has none: "blackhole 10.0.0.0/8".
    const bool leads = meaning != nullptr && meaning->shape != Word::value;
    if (first_free && !leads) {
      ++next_;
      return add(out, grammar_.first, scalar_at(word, at_));
    }
    ++next_;
    const std::string key = meaning != nullptr ? meaning->key : word;
    if (leads && meaning->shape != Word::encap) {
      return add(out, key, scalar_at(meaning->text, at_));
    }
    const std::string text = leads ? encap() : next_value();
    if (!text.empty()) return add(out, key, scalar_at(text, at_));
    reader_.error(at_, fmt::format("'{}' has no value", word));
    return false;
  }

  std::string next_value() {
    std::string out;
    const auto skip = [&](std::string_view word) {
      return next_ + 1 < words_.size() && words_[next_] == word;
    };
    // "via inet6 ADDRESS": the address tells.
    if (skip("inet") || skip("inet6")) ++next_;
    if (skip("lock")) out = words_[next_++] + " ";
    return next_ < words_.size() ? out + words_[next_++] : "";
  }

  // "mpls LABELS [ttl N]" or "seg6 mode MODE segs SEGMENTS".
  std::string encap() {
    if (next_ >= words_.size()) return {};
    const bool mpls = words_[next_] == "mpls";
    const std::size_t ttl = next_ + 2;
    const bool with_ttl = ttl < words_.size() && words_[ttl] == "ttl";
    const std::size_t count = !mpls ? 5 : (with_ttl ? 4 : 2);
    std::string out;
    for (std::size_t i = 0; i < count && next_ < words_.size(); ++i) {
      out += (i > 0 ? " " : "") + words_[next_++];
    }
    return out;
  }

  bool read_list(Tree& out) {
    auto list = std::make_shared<Tree>();
    list->kind = Tree::Kind::sequence;
    list->at = at_;
    while (next_ < words_.size() && words_[next_] == grammar_.list_word) {
      ++next_;
      auto item = std::make_shared<Tree>(empty_mapping(at_));
      while (next_ < words_.size() && words_[next_] != grammar_.list_word) {
        if (!read_word_of(*item)) return false;
      }
      list->items.push_back(std::move(item));
    }
    return add(out, grammar_.list_key, std::move(list));
  }

  // In the list nothing stands without a word.
  bool read_word_of(Tree& item) {
    const Grammar whole = grammar_;
    grammar_.first = nullptr;
    const bool read = read_word(item);
    grammar_ = whole;
    return read;
  }

  Reader& reader_;
  Location at_;
  Grammar grammar_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

}  // namespace

std::optional<Tree> mapping_of(Reader& reader, const Tree& value, const Grammar& grammar) {
  if (value.is_mapping()) return value;
  const auto text = reader.text(value, fmt::format("a {}", grammar.what).c_str());
  if (!text) return {};
  std::vector<std::string> words;
  std::string problem;
  if (!split_words(text->value, words, problem) || words.empty()) {
    reader.error(value.at, fmt::format("the {} is empty", grammar.what),
                 fmt::format("as in: {}", grammar.example));
    return {};
  }
  return Line(reader, value, grammar, std::move(words)).read();
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::uint32_t out = 0;
  const auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), out, hex ? 16 : 10);
  if (failed != std::errc() || end != text.data() + text.size()) return {};
  return out;
}

std::optional<Located<std::uint32_t>> read_named(Reader& reader, const Tree& value,
                                                 const char* what,
                                                 std::span<const NumberName> names,
                                                 std::uint32_t min, std::uint32_t max) {
  const auto said = reader.text(value, what);
  if (!said) return {};
  auto number = number_of(names, said->value);
  if (!number) number = parse_number(said->value);
  if (number && *number >= min && *number <= max) {
    return Located<std::uint32_t>{*number, value.at};
  }
  std::string words;
  std::vector<std::string> known;
  for (const auto& name : names) {
    words += std::string(name.word) + ", ";
    known.emplace_back(name.word);
  }
  const std::string hint = did_you_mean(said->value, known);
  reader.error(value.at,
               fmt::format("'{}' is no {}: expected {}{}a number from {} to {}", said->value, what,
                           words, names.empty() ? "" : "or ", min, max),
               hint);
  return {};
}

}  // namespace netyard::spec
