// SPDX-License-Identifier: Apache-2.0
#include "netlink/field.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/units.h"
#include "netlink/message.h"

namespace netyard {
namespace {

constexpr Choice kFlagWords[] = {{"true", 1}, {"false", 0}, {"on", 1},
                                 {"off", 0},  {"yes", 1},   {"no", 0}};

std::optional<std::uint64_t> find_word(std::span<const Choice> choices, std::string_view text) {
  for (const auto& choice : choices) {
    if (text == choice.word) return choice.number;
  }
  return {};
}

std::optional<std::uint64_t> find_words(std::span<const Choice> choices, std::string_view text) {
  constexpr std::string_view kBetween = " ,";
  std::uint64_t bits = 0;
  std::size_t at = text.find_first_not_of(kBetween);
  if (at == std::string_view::npos) return {};
  while (at != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kBetween, at), text.size());
    const auto bit = find_word(choices, text.substr(at, end - at));
    if (!bit) return {};
    bits |= *bit;
    at = text.find_first_not_of(kBetween, end);
  }
  return bits;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

std::optional<std::uint64_t> number_from(const Field& field, std::string_view text) {
  switch (field.syntax) {
    case Syntax::flag:
      return find_word(kFlagWords, text);
    case Syntax::choice:
      return find_word(field.choices, text);
    case Syntax::words:
      return find_words(field.choices, text);
    case Syntax::duration:
      return parse_nanoseconds(text);
    case Syntax::rate:
      return parse_rate(text);
    case Syntax::percent:
      return parse_percent(text);
    case Syntax::size:
      return parse_size(text);
    default:
      return whole_number(text);
  }
}

std::string format_words(std::span<const Choice> choices, std::uint64_t bits) {
  std::string out;
  for (const auto& choice : choices) {
    if ((bits & choice.number) == 0) continue;
    out += (out.empty() ? "" : " ") + std::string(choice.word);
    bits &= ~choice.number;
  }
  return out;
}

std::string format_number(const Field& field, std::uint64_t number) {
  switch (field.syntax) {
    case Syntax::flag:
      return number != 0 ? "true" : "false";
    case Syntax::words:
      return format_words(field.choices, number);
    case Syntax::choice:
      for (const auto& choice : field.choices) {
        if (choice.number == number) return choice.word;
      }
      return std::to_string(number);
    case Syntax::duration:
      return format_nanoseconds(number);
    case Syntax::rate:
      return format_rate(number);
    case Syntax::percent:
      return format_percent(number);
    default:
      return std::to_string(number);
  }
}

std::string list_words(std::span<const Choice> choices) {
  std::string out;
  for (const auto& choice : choices) out += (out.empty() ? "" : ", ") + std::string(choice.word);
  return out;
}

bool is_bounded(Syntax syntax) {
  return syntax != Syntax::flag && syntax != Syntax::choice && syntax != Syntax::words;
}

}  // namespace

const FieldSetting* find_setting(std::span<const FieldSetting> settings, std::string_view key) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const auto& setting) { return key == setting.field->key; });
  return found != settings.end() ? &*found : nullptr;
}

std::uint64_t number_in(std::span<const FieldSetting> settings, std::string_view key,
                        std::uint64_t fallback) {
  const FieldSetting* found = find_setting(settings, key);
  return found != nullptr ? std::get<std::uint64_t>(found->value) : fallback;
}

std::string text_in(std::span<const FieldSetting> settings, std::string_view key) {
  const FieldSetting* found = find_setting(settings, key);
  return found != nullptr ? std::get<std::string>(found->value) : "";
}

const Field* find_field(std::span<const Field> fields, std::string_view key) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& field) { return key == field.key; });
  return found != fields.end() ? &*found : nullptr;
}

std::string describe_values(const Field& field) {
  const auto range = [&](const char* what) {
    return fmt::format("{} from {} to {}", what, format_number(field, field.min),
                       format_number(field, field.max));
  };
  switch (field.syntax) {
    case Syntax::flag:
      return "true or false";
    case Syntax::choice:
      return "one of " + list_words(field.choices);
    case Syntax::words:
      return "any of " + list_words(field.choices);
    case Syntax::duration:
      return range("a time");
    case Syntax::rate:
      return range("a rate");
    case Syntax::percent:
      return range("a percentage");
    case Syntax::size:
      return range("a number of bytes");
    case Syntax::address:
      return field.attribute6 != 0 || field.wire != Wire::address ? "an IP address"
                                                                  : "an IPv4 address";
    case Syntax::mac:
      return "a MAC address";
    case Syntax::text:
      return fmt::format("a text of {} to {} bytes", field.min, field.max);
    case Syntax::number:
      break;
  }
  return range("a number");
}

bool parse_field(const Field& field, std::string_view text, FieldValue& value,
                 std::string& problem) {
  problem = describe_values(field);
  if (field.syntax == Syntax::address) {
    const auto address = IpAddress::parse(text);
    if (!address || (field.attribute6 == 0 && address->family == Family::ipv6)) return false;
    value = *address;
    return true;
  }
  if (field.syntax == Syntax::mac) {
    const auto mac = MacAddress::parse(text);
    if (mac) value = *mac;
    return mac.has_value();
  }
  if (field.syntax == Syntax::text) {
    if (text.size() < field.min || text.size() > field.max) return false;
    value = std::string(text);
    return true;
  }
  const auto number = number_from(field, text);
  if (!number) return false;
  if (is_bounded(field.syntax) && (*number < field.min || *number > field.max)) return false;
  value = *number;
  return true;
}

std::string format_field(const Field& field, const FieldValue& value) {
  if (const auto* address = std::get_if<IpAddress>(&value)) return address->to_string();
  if (const auto* mac = std::get_if<MacAddress>(&value)) return mac->to_string();
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return format_number(field, std::get<std::uint64_t>(value));
}

void put_field(Message& message, const FieldSetting& setting) {
  const Field& field = *setting.field;
  if (const auto* address = std::get_if<IpAddress>(&setting.value)) {
    const bool six = address->family == Family::ipv6;
    return message.put(six ? field.attribute6 : field.attribute, *address);
  }
  if (const auto* mac = std::get_if<MacAddress>(&setting.value)) {
    return message.put(field.attribute, *mac);
  }
  if (const auto* text = std::get_if<std::string>(&setting.value)) {
    return message.put_string(field.attribute, *text);
  }
  const std::uint64_t number = std::get<std::uint64_t>(setting.value) / field.scale;
  switch (field.wire) {
    case Wire::u8:
      return message.put_u8(field.attribute, static_cast<std::uint8_t>(number));
    case Wire::u16:
      return message.put_u16(field.attribute, static_cast<std::uint16_t>(number));
    case Wire::be16:
      return message.put_be16(field.attribute, static_cast<std::uint16_t>(number));
    case Wire::u32:
      return message.put_u32(field.attribute, static_cast<std::uint32_t>(number));
    case Wire::be32:
      return message.put_u32(field.attribute, htonl(static_cast<std::uint32_t>(number)));
    case Wire::u64:
      return message.put_u64(field.attribute, number);
    case Wire::presence:
      if (number != 0) message.put_bytes(field.attribute, nullptr, 0);
      return;
    default:
      return;
  }
}

}  // namespace netyard
