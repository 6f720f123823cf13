// SPDX-License-Identifier: Apache-2.0
#include "topology/tree.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace netyard {
namespace {

constexpr const char* kMergeKey = "<<";

// Thrown inside this file only: the document cannot be read on.
struct Stop {};

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }
  yaml_event_t* get() { return &event_; }
  yaml_event_type_t type() const { return event_.type; }
  const yaml_event_t& operator*() const { return event_; }

 private:
  yaml_event_t event_{};
};

std::string text_of(const yaml_char_t* text) {
  return text != nullptr ? reinterpret_cast<const char*>(text) : "";
}

// What an event says of a node: its anchor and its tag.
std::pair<std::string, std::string> anchor_and_tag(const yaml_event_t& event) {
  switch (event.type) {
    case YAML_SCALAR_EVENT:
      return {text_of(event.data.scalar.anchor), text_of(event.data.scalar.tag)};
    case YAML_SEQUENCE_START_EVENT:
      return {text_of(event.data.sequence_start.anchor), text_of(event.data.sequence_start.tag)};
    case YAML_MAPPING_START_EVENT:
      return {text_of(event.data.mapping_start.anchor), text_of(event.data.mapping_start.tag)};
    default:
      return {};
  }
}

class TreeParser {
 public:
  TreeParser(std::shared_ptr<const SourceFile> source, Diagnostics& diagnostics,
             const TreeLimits& limits)
      : source_(std::move(source)), diagnostics_(diagnostics), limits_(limits) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    const auto& text = source_->text();
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  TreeParser(const TreeParser&) = delete;
  TreeParser& operator=(const TreeParser&) = delete;
  ~TreeParser() { yaml_parser_delete(&parser_); }

  Tree::Pointer document() {
    expect(YAML_STREAM_START_EVENT);
    Event start;
    next(start);
    if (start.type() == YAML_STREAM_END_EVENT) {
      fail({source_, 1, 1}, "the file is empty", "a lab needs at least 'nodes:'");
    }
    Event first;
    next(first);
    Tree::Pointer root = node(first, 0);
    expect(YAML_DOCUMENT_END_EVENT);
    Event end;
    next(end);
    if (end.type() != YAML_STREAM_END_EVENT) {
      fail(place((*end).start_mark), "a second document begins here",
           "a topology file is one document: remove the '---'");
    }
    return root;
  }

 private:
  [[noreturn]] void fail(const Location& at, std::string message, std::string hint = {}) {
    diagnostics_.error(at, std::move(message), std::move(hint));
    throw Stop{};
  }

  Location place(const yaml_mark_t& mark) const {
    return {source_, static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1};
  }

  Location place_of_offset(std::size_t offset) const {
    const auto& text = source_->text();
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
    const auto line = std::count(text.begin(), end, '\n') + 1;
    const auto newline = text.rfind('\n', offset == 0 ? 0 : offset - 1);
    const std::size_t begin = newline == std::string::npos || newline >= offset ? 0 : newline + 1;
    return {source_, static_cast<int>(line), static_cast<int>(offset - begin) + 1};
  }

  void next(Event& event) {
    if (yaml_parser_parse(&parser_, event.get()) != 0) return;
    if (parser_.error == YAML_READER_ERROR) {
      fail(place_of_offset(parser_.problem_offset),
           fmt::format("the file is no text: {}", parser_.problem));
    }
    std::string message = text_of(reinterpret_cast<const yaml_char_t*>(parser_.problem));
    if (parser_.context != nullptr) message = fmt::format("{} {}", parser_.context, message);
    fail(place(parser_.problem_mark), "not YAML: " + message);
  }

  void expect(yaml_event_type_t type) {
    Event event;
    next(event);
    if (event.type() != type) fail(place((*event).start_mark), "not YAML: unexpected content");
  }

  Tree::Pointer node(const Event& event, int depth) {
    const Location at = place((*event).start_mark);
    if (depth > limits_.depth) {
      fail(at, fmt::format("values are nested more than {} deep", limits_.depth));
    }
    if (event.type() == YAML_ALIAS_EVENT) return alias(*event, at);
    const auto [anchor, tag] = anchor_and_tag(*event);
    if (!tag.empty()) fail(at, "tags are not used in topology files: " + tag, "remove the tag");
    auto tree = std::make_shared<Tree>();
    tree->at = at;
    // Known from here on, but only to say that it refers to itself.
    if (!anchor.empty()) anchors_[anchor] = nullptr;
    if (event.type() == YAML_SCALAR_EVENT) {
      scalar(*event, *tree);
    } else if (event.type() == YAML_SEQUENCE_START_EVENT) {
      sequence(*tree, depth);
    } else {
      mapping(*tree, depth);
    }
    if (!anchor.empty()) anchors_[anchor] = tree;
    return tree;
  }

  Tree::Pointer alias(const yaml_event_t& event, const Location& at) {
    const std::string name = text_of(event.data.alias.anchor);
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) fail(at, "nothing has the anchor &" + name);
    if (!found->second) fail(at, "*" + name + " is inside the value it stands for");
    return found->second;
  }

  void scalar(const yaml_event_t& event, Tree& tree) {
    const auto& data = event.data.scalar;
    tree.kind = Tree::Kind::scalar;
    tree.text.assign(reinterpret_cast<const char*>(data.value), data.length);
    tree.quoted = data.style != YAML_PLAIN_SCALAR_STYLE;
    if (tree.text.find('\0') != std::string::npos) fail(tree.at, "the text holds a NUL byte");
    count(1, tree.at);
  }

  void sequence(Tree& tree, int depth) {
    tree.kind = Tree::Kind::sequence;
    count(1, tree.at);
    for (;;) {
      Event item;
      next(item);
      if (item.type() == YAML_SEQUENCE_END_EVENT) return;
      tree.items.push_back(node(item, depth + 1));
      grow(tree, *tree.items.back(), item);
    }
  }

  void mapping(Tree& tree, int depth) {
    tree.kind = Tree::Kind::mapping;
    count(1, tree.at);
    std::vector<Tree::Pointer> merged;
    std::unordered_map<std::string, const Tree*> seen;
    for (;;) {
      Event key_event;
      next(key_event);
      if (key_event.type() == YAML_MAPPING_END_EVENT) break;
      Tree::Pointer key = node(key_event, depth + 1);
      if (!key->is_scalar())
        fail(key->at, "a key is text, this is " + std::string(key->describe()));
      Event value_event;
      next(value_event);
      Tree::Pointer value = node(value_event, depth + 1);
      grow(tree, *value, value_event);
      if (key->text == kMergeKey && !key->quoted) {
        merged.push_back(std::move(value));
        continue;
      }
      const auto [known, fresh] = seen.emplace(key->text, key.get());
      if (!fresh) {
        diagnostics_.error(key->at, fmt::format("'{}' is here twice; first in line {}", key->text,
                                                known->second->at.line));
        continue;
      }
      tree.entries.push_back({std::move(key), std::move(value)});
    }
    for (const auto& source : merged) merge(tree, *source, seen);
  }

  void merge(Tree& tree, const Tree& from, std::unordered_map<std::string, const Tree*>& seen) {
    if (from.is_sequence()) {
      for (const auto& item : from.items) {
        if (!item->is_mapping()) fail(item->at, "'<<' takes mappings");
        merge(tree, *item, seen);
      }
      return;
    }
    if (!from.is_mapping())
      fail(from.at, "'<<' takes a mapping, this is " + std::string(from.describe()));
    count(from.entries.size(), from.at);
    for (const auto& entry : from.entries) {
      if (seen.emplace(entry.key->text, entry.key.get()).second) tree.entries.push_back(entry);
    }
  }

  // An alias is not counted when it is read, but by the weight it adds to what it stands in.
  void grow(Tree& tree, const Tree& child, const Event& event) {
    tree.weight += child.weight;
    if (event.type() == YAML_ALIAS_EVENT) count(child.weight, place((*event).start_mark));
  }

  void count(std::uint64_t more, const Location& at) {
    values_ += more;
    if (values_ > limits_.values) {
      fail(at,
           fmt::format("the file holds more than {} values, aliases written out", limits_.values));
    }
  }

  std::shared_ptr<const SourceFile> source_;
  Diagnostics& diagnostics_;
  TreeLimits limits_;
  yaml_parser_t parser_{};
  std::unordered_map<std::string, Tree::Pointer> anchors_;
  std::uint64_t values_ = 0;
};

}  // namespace

bool Tree::is_null() const {
  return is_scalar() && !quoted && (text.empty() || text == "~" || text == "null");
}

const Tree* Tree::find(const std::string& key) const {
  for (const auto& entry : entries) {
    if (entry.key->text == key) return entry.value.get();
  }
  return nullptr;
}

const char* Tree::describe() const {
  if (is_mapping()) return "a mapping";
  if (is_sequence()) return "a list";
  return is_null() ? "nothing" : "text";
}

Tree::Pointer parse_tree(std::shared_ptr<const SourceFile> source, Diagnostics& diagnostics,
                         const TreeLimits& limits) {
  try {
    return TreeParser(std::move(source), diagnostics, limits).document();
  } catch (const Stop&) {
    return nullptr;
  }
}

}  // namespace netyard
