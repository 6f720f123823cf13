// SPDX-License-Identifier: Apache-2.0
#include "netlink/kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "netlink/kinds/kinds.h"

namespace netyard {
namespace {

constexpr const LinkKind* kKinds[] = {&kinds::veth, &kinds::bridge, &kinds::vxlan, &kinds::macvlan,
                                      &kinds::ifb};

constexpr Choice kFlagWords[] = {{"true", 1}, {"false", 0}, {"on", 1},
                                 {"off", 0},  {"yes", 1},   {"no", 0}};

bool is_flag(const Field& field) {
  return field.type == FieldType::flag || field.type == FieldType::flag32;
}

bool parse_word(std::span<const Choice> choices, std::string_view text, FieldValue& value) {
  const auto found = std::find_if(choices.begin(), choices.end(),
                                  [&](const Choice& choice) { return text == choice.word; });
  if (found == choices.end()) return false;
  value = found->number;
  return true;
}

std::string list_words(std::span<const Choice> choices) {
  std::string out;
  for (const auto& choice : choices) out += (out.empty() ? "" : ", ") + std::string(choice.word);
  return out;
}

}  // namespace

std::span<const LinkKind* const> link_kinds() {
  return kKinds;
}

const LinkKind* find_link_kind(std::string_view name) {
  for (const LinkKind* kind : kKinds) {
    if (name == kind->name) return kind;
  }
  return nullptr;
}

const Field* LinkKind::find(std::string_view key) const {
  for (const auto& field : fields) {
    if (key == field.key) return &field;
  }
  return nullptr;
}

bool parse_field(const Field& field, std::string_view text, FieldValue& value,
                 std::string& problem) {
  if (is_flag(field)) {
    problem = "true or false";
    return parse_word(kFlagWords, text, value);
  }
  if (field.type == FieldType::choice) {
    problem = "one of " + list_words(field.choices);
    return parse_word(field.choices, text, value);
  }
  if (field.type == FieldType::address) {
    problem = "an IP address";
    const auto address = IpAddress::parse(text);
    if (address) value = *address;
    return address.has_value();
  }
  problem = fmt::format("a number from {} to {}", field.min, field.max);
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size()) return false;
  if (number < field.min || number > field.max) return false;
  value = number;
  return true;
}

std::string format_field(const Field& field, const FieldValue& value) {
  if (const auto* address = std::get_if<IpAddress>(&value)) return address->to_string();
  const std::uint64_t number = std::get<std::uint64_t>(value);
  const std::span<const Choice> words = is_flag(field) ? kFlagWords : field.choices;
  for (const auto& choice : words) {
    if (choice.number == number) return choice.word;
  }
  return std::to_string(number);
}

}  // namespace netyard
