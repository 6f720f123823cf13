// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ip.h"

namespace netyard {

class Message;

/// How a value is written in a file, and what it is in a FieldValue.
enum class Syntax {
  flag,      // true or false: 0 or 1
  number,    // a whole number
  choice,    // one of `choices`: its number
  words,     // any of `choices`, with blanks or commas between: their numbers, or-ed
  duration,  // "20ms", "1.5s": nanoseconds
  rate,      // "10mbit": bits a second
  percent,   // "0.1%": parts in a billion
  size,      // "64K": bytes
  address,   // an IpAddress
  mac,       // a MacAddress
  text       // a std::string
};

/// How a value is laid out in an attribute. For `address` Field::attribute6 takes IPv6.
/// `structure`: a part of a struct, which the encode hook of its kind lays out.
enum class Wire { u8, u16, be16, u32, be32, u64, presence, address, mac, text, structure };

/// A word that stands for a number.
struct Choice {
  const char* word;
  std::uint64_t number;
};

/// One value that a file can give: its key, its place on the wire, its bounds.
struct Field {
  const char* key;
  std::uint16_t attribute;
  const char* attribute_name;  // the kernel's: "IFLA_VXLAN_ID"
  Syntax syntax;
  Wire wire;
  std::uint64_t min = 0;
  std::uint64_t max = UINT32_MAX;  // of text: bytes
  bool required = false;
  const char* help = "";  // half a line
  std::uint16_t attribute6 = 0;
  const char* attribute6_name = nullptr;
  std::span<const Choice> choices = {};
  std::uint64_t scale = 1;    // on the wire the value is divided by it
  const char* fallback = "";  // what it is when not given, in words: "the kernel's", "8472"
};

/// Numbers, flags, choices, durations, … are std::uint64_t.
using FieldValue = std::variant<std::uint64_t, IpAddress, MacAddress, std::string>;

/// A field and its value.
struct FieldSetting {
  const Field* field = nullptr;
  FieldValue value;
  friend bool operator==(const FieldSetting&, const FieldSetting&) = default;
};

/// The settings of one object, each field at most once.
using Settings = std::vector<FieldSetting>;
/// nullptr when the key is not set.
const FieldSetting* find_setting(std::span<const FieldSetting> settings, std::string_view key);
/// The number of a setting; `fallback` when it is not set.
std::uint64_t number_in(std::span<const FieldSetting> settings, std::string_view key,
                        std::uint64_t fallback = 0);
/// The text of a setting; "" when it is not set.
std::string text_in(std::span<const FieldSetting> settings, std::string_view key);
/// nullptr when no field of the table has the key.
const Field* find_field(std::span<const Field> fields, std::string_view key);

/// Reads a file's word for a field; on a mistake returns false and says in `problem` what was
/// expected ("a number from 0 to 16777215").
bool parse_field(const Field& field, std::string_view text, FieldValue& value,
                 std::string& problem);
/// The file's word for a value: parse_field read backwards.
std::string format_field(const Field& field, const FieldValue& value);
/// What a file may say for a field: "0 to 16777215", "a time from 1ms to 30s", "one of a, b".
std::string describe_values(const Field& field);

/// Appends the attribute of a setting to a message.
void put_field(Message& message, const FieldSetting& setting);

}  // namespace netyard
