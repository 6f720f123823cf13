// SPDX-License-Identifier: Apache-2.0
#include "netlink/field.h"

#include <arpa/inet.h>
#include <endian.h>
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

std::optional<std::uint64_t> whole_number(std::string_view text, int base = 10) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (failed != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

std::vector<std::string_view> split(std::string_view text) {
  constexpr std::string_view kBetween = " ,";
  std::vector<std::string_view> out;
  std::size_t at = text.find_first_not_of(kBetween);
  while (at != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kBetween, at), text.size());
    out.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(kBetween, end);
  }
  return out;
}

std::optional<std::uint64_t> find_words(std::span<const Choice> choices, std::string_view text) {
  std::uint64_t bits = 0;
  const auto words = split(text);
  if (words.empty()) return {};
  for (const auto word : words) {
    const auto bit = find_word(choices, word);
    // Masks are also written as numbers: 12 or 0xc.
    if (!bit && words.size() > 1) return {};
    if (!bit) return word.starts_with("0x") ? whole_number(word.substr(2), 16) : whole_number(word);
    bits |= *bit;
  }
  return bits;
}

std::optional<std::uint64_t> tunnel_key(std::string_view text) {
  if (const auto number = whole_number(text)) return number;
  const auto dotted = IpAddress::parse(text);
  if (!dotted || dotted->family != Family::ipv4) return {};
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = out << 8 | dotted->bytes[i];
  return out;
}

std::optional<NumberPair> number_pair(std::string_view text, char between) {
  const std::size_t at = text.find(between);
  if (at == std::string_view::npos) return {};
  const auto first = whole_number(text.substr(0, at));
  const auto second = whole_number(text.substr(at + 1));
  if (!first || !second || *first > UINT32_MAX || *second > UINT32_MAX) return {};
  return NumberPair{static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*second)};
}

template <class T, class F>
bool parse_list(std::string_view text, FieldValue& value, F parse_one) {
  std::vector<T> out;
  for (const auto word : split(text)) {
    const std::optional<T> one = parse_one(word);
    if (!one) return false;
    out.push_back(*one);
  }
  value = std::move(out);
  return true;
}

template <class T, class F>
std::string format_list(const std::vector<T>& list, F format_one) {
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "" : " ") + format_one(item);
  return out;
}

std::optional<std::uint64_t> number_from(const Field& field, std::string_view text) {
  switch (field.syntax) {
    case Syntax::flag:
      return find_word(kFlagWords, text);
    case Syntax::choice:
      return find_word(field.choices, text);
    case Syntax::key:
      return tunnel_key(text);
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
  const std::uint64_t all = bits;
  std::string out;
  for (const auto& choice : choices) {
    if ((bits & choice.number) == 0) continue;
    out += (out.empty() ? "" : " ") + std::string(choice.word);
    bits &= ~choice.number;
  }
  return bits == 0 && !out.empty() ? out : fmt::format("{:#x}", all);
}

std::string format_number(const Field& field, std::uint64_t number) {
  switch (field.syntax) {
    case Syntax::flag:
      return number != 0 ? "true" : "false";
    case Syntax::words:
      return format_words(field.choices, number);
    case Syntax::choice:
    case Syntax::number:
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
  return syntax != Syntax::flag && syntax != Syntax::choice;
}

bool ordered(const NumberPair& pair, const Field& field) {
  return pair.first >= field.min && pair.first <= pair.second && pair.second <= field.max;
}

std::optional<IpAddress> address_for(const Field& field, std::string_view text) {
  const auto address = IpAddress::parse(text);
  if (!address) return {};
  const bool six = address->family == Family::ipv6;
  const bool wanted = field.attribute == 0 ? six : (!six || field.attribute6 != 0);
  return wanted ? address : std::nullopt;
}

// Values of more than a number; nullopt when the syntax is one of a number.
std::optional<bool> parse_shape(const Field& field, std::string_view text, FieldValue& value) {
  switch (field.syntax) {
    case Syntax::address: {
      const auto address = address_for(field, text);
      if (address) value = *address;
      return address.has_value();
    }
    case Syntax::mac: {
      const auto mac = MacAddress::parse(text);
      if (mac) value = *mac;
      return mac.has_value();
    }
    case Syntax::text:
    case Syntax::interface:
      value = std::string(text);
      return text.size() >= field.min && text.size() <= field.max;
    case Syntax::prefix: {
      const auto prefix = IpPrefix::parse(text);
      if (prefix) value = *prefix;
      return prefix && !prefix->has_host_bits() &&
             (prefix->family() == Family::ipv6) == (field.attribute6 != 0);
    }
    case Syntax::range: {
      const auto pair = number_pair(text, '-');
      if (pair) value = *pair;
      return pair && ordered(*pair, field);
    }
    case Syntax::pairs:
      return parse_list<NumberPair>(text, value, [&](std::string_view word) {
        auto pair = number_pair(word, ':');
        if (pair && (pair->first > field.max || pair->second > field.max)) pair.reset();
        return pair;
      });
    case Syntax::addresses:
      return parse_list<IpAddress>(text, value,
                                   [&](std::string_view word) { return address_for(field, word); });
    case Syntax::macs:
      return parse_list<MacAddress>(text, value,
                                    [](std::string_view word) { return MacAddress::parse(word); });
    default:
      return {};
  }
}

}  // namespace

const FieldSetting* find_setting(std::span<const FieldSetting> settings, std::string_view key) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const auto& setting) { return key == setting.field->key; });
  return found != settings.end() ? &*found : nullptr;
}

const FieldValue* find_value(std::span<const FieldSetting> settings, std::string_view key) {
  const FieldSetting* found = find_setting(settings, key);
  return found != nullptr ? &found->value : nullptr;
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
  const std::string family = field.attribute6 == 0  ? "an IPv4 "
                             : field.attribute == 0 ? "an IPv6 "
                                                    : "an IP ";
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
      return family + "address";
    case Syntax::addresses:
      return "a list of " + (field.attribute6 == 0  ? std::string("IPv4 addresses")
                             : field.attribute == 0 ? "IPv6 addresses"
                                                    : "IP addresses");
    case Syntax::macs:
      return "a list of MAC addresses";
    case Syntax::prefix:
      return family + "prefix without host bits";
    case Syntax::range:
      return fmt::format("a range LOW-HIGH from {} to {}", field.min, field.max);
    case Syntax::pairs:
      return fmt::format("a list of FROM:TO, numbers from 0 to {}", field.max);
    case Syntax::key:
      return "a number from 0 to 4294967295, or four of 0 to 255 as in 10.0.0.1";
    case Syntax::interface:
      return "an interface of the same node";
    case Syntax::mac:
      return "a MAC address";
    case Syntax::text:
      return fmt::format("a text of {} to {} bytes", field.min, field.max);
    case Syntax::number:
      break;
  }
  return range("a number") + (field.choices.empty() ? "" : ", or " + list_words(field.choices));
}

bool parse_field(const Field& field, std::string_view text, FieldValue& value,
                 std::string& problem) {
  problem = describe_values(field);
  if (const auto taken = parse_shape(field, text, value)) return *taken;
  if (field.syntax == Syntax::number) {
    if (const auto word = find_word(field.choices, text)) {
      value = *word;
      return true;
    }
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
  if (const auto* prefix = std::get_if<IpPrefix>(&value)) return prefix->to_string();
  const auto pair_with = [](char between) {
    return [=](const NumberPair& p) { return fmt::format("{}{}{}", p.first, between, p.second); };
  };
  if (const auto* pair = std::get_if<NumberPair>(&value)) return pair_with('-')(*pair);
  if (const auto* pairs = std::get_if<std::vector<NumberPair>>(&value)) {
    return format_list(*pairs, pair_with(':'));
  }
  const auto text_of = [](const auto& item) { return item.to_string(); };
  if (const auto* list = std::get_if<std::vector<IpAddress>>(&value)) {
    return format_list(*list, text_of);
  }
  if (const auto* list = std::get_if<std::vector<MacAddress>>(&value)) {
    return format_list(*list, text_of);
  }
  return format_number(field, std::get<std::uint64_t>(value));
}

namespace {

void put_number(Message& message, Wire wire, std::uint16_t attribute, std::uint64_t number) {
  switch (wire) {
    case Wire::u8:
      return message.put_u8(attribute, static_cast<std::uint8_t>(number));
    case Wire::u16:
      return message.put_u16(attribute, static_cast<std::uint16_t>(number));
    case Wire::be16:
      return message.put_be16(attribute, static_cast<std::uint16_t>(number));
    case Wire::u32:
      return message.put_u32(attribute, static_cast<std::uint32_t>(number));
    case Wire::be32:
      return message.put_u32(attribute, htonl(static_cast<std::uint32_t>(number)));
    case Wire::u64:
      return message.put_u64(attribute, number);
    case Wire::be64:
      return message.put_u64(attribute, htobe64(number));
    case Wire::presence:
      if (number != 0) message.put_bytes(attribute, nullptr, 0);
      return;
    default:
      return;
  }
}

// All bits of one attribute that the settings give.
void put_bits(Message& message, const Field& first, std::span<const FieldSetting> settings) {
  std::uint64_t flags = 0;
  std::uint64_t mask = 0;
  for (const auto& setting : settings) {
    if (setting.field->bit == 0 || setting.field->attribute != first.attribute) continue;
    mask |= setting.field->bit;
    if (std::get<std::uint64_t>(setting.value) != 0) flags |= setting.field->bit;
  }
  if (first.wire != Wire::flags_and_mask) {
    return put_number(message, first.wire, first.attribute, flags);
  }
  const std::uint32_t both[] = {static_cast<std::uint32_t>(flags),
                                static_cast<std::uint32_t>(mask)};
  message.put_bytes(first.attribute, both, sizeof both);
}

}  // namespace

void put_field(Message& message, const FieldSetting& setting) {
  const Field& field = *setting.field;
  if (field.put != nullptr) return field.put(message, field, setting.value);
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
  put_number(message, field.wire, field.attribute,
             std::get<std::uint64_t>(setting.value) / field.scale);
}

void put_fields(Message& message, std::span<const FieldSetting> settings) {
  std::vector<std::uint16_t> joined;
  for (const auto& setting : settings) {
    const Field& field = *setting.field;
    if (field.bit == 0) {
      put_field(message, setting);
    } else if (std::find(joined.begin(), joined.end(), field.attribute) == joined.end()) {
      joined.push_back(field.attribute);
      put_bits(message, field, settings);
    }
  }
}

std::optional<FieldSetting> usual_setting(const Field& field) {
  if (field.required || field.late) return {};
  const std::string fallback = field.fallback;
  if (field.syntax == Syntax::text) {
    if (fallback == "none") return FieldSetting{&field, std::string()};
    return {};
  }
  FieldSetting out{&field, {}};
  std::string problem;
  if (!parse_field(field, fallback, out.value, problem)) return {};
  return out;
}

bool is_list(Syntax syntax) {
  return syntax == Syntax::words || syntax == Syntax::pairs || syntax == Syntax::addresses ||
         syntax == Syntax::macs;
}

}  // namespace netyard
