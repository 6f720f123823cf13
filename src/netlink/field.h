// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ip.h"

namespace netyard {

class Attributes;
class Message;

/// How a value is written in a file, and what it is in a FieldValue.
enum class Syntax {
  flag,       // true or false: 0 or 1
  number,     // a whole number, or one of `choices` (which `min` and `max` do not bind)
  choice,     // one of `choices`: its number
  words,      // any of `choices`, a list or with blanks between: their numbers, or-ed; or a number
  duration,   // "20ms", "1.5s": nanoseconds
  rate,       // "10mbit": bits a second
  percent,    // "0.1%": parts in a billion
  size,       // "64K": bytes
  address,    // an IpAddress
  mac,        // a MacAddress
  text,       // a std::string
  key,        // a number, or four of 0 to 255 with dots between
  prefix,     // an IpPrefix
  range,      // "1000-2000": a NumberPair
  pairs,      // a list of "1:5": NumberPairs
  addresses,  // a list of IpAddresses
  macs,       // a list of MacAddresses
  interface   // the name of an interface of the same node; its ifindex once that is known
};

/// How a value is laid out in an attribute. For `address` Field::attribute6 takes IPv6.
/// flags_and_mask is a pair of u32, for `bit`s. `own`: the field's `put` and `get` know.
/// `structure`: a part of a struct, which the hooks of its kind lay out and read.
enum class Wire {
  u8,
  u16,
  be16,
  u32,
  be32,
  u64,
  be64,
  presence,
  address,
  mac,
  text,
  flags_and_mask,
  own,
  structure
};

struct NumberPair {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  friend bool operator==(const NumberPair&, const NumberPair&) = default;
};

/// Numbers, flags, choices, durations, … are std::uint64_t.
using FieldValue =
    std::variant<std::uint64_t, IpAddress, MacAddress, std::string, IpPrefix, NumberPair,
                 std::vector<NumberPair>, std::vector<IpAddress>, std::vector<MacAddress>>;

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
  std::uint64_t bit = 0;      // a flag that is one bit of its attribute, which others share
  void (*put)(Message& message, const Field& field, const FieldValue& value) = nullptr;
  /// Reads it from the attributes that it stands among; nullopt: they do not say.
  std::optional<FieldValue> (*get)(const Attributes& attributes, const Field& field) = nullptr;
  const char* unless = nullptr;  // a key that makes a required one superfluous
  const char* option = nullptr;  // what the kernel needs besides the kind: "CONFIG_…"
  bool late = false;             // names a port: set when the ports are there
};

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
/// Its value alone.
const FieldValue* find_value(std::span<const FieldSetting> settings, std::string_view key);
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
/// What a field is when it is not given; nullopt where that is the kernel's or the kind's to
/// choose.
std::optional<FieldSetting> usual_setting(const Field& field);
/// What a file may say for a field: "0 to 16777215", "a time from 1ms to 30s", "one of a, b".
std::string describe_values(const Field& field);

/// Appends the attribute of a setting to a message.
void put_field(Message& message, const FieldSetting& setting);
/// Appends the attributes of many; the bits of one attribute are joined.
void put_fields(Message& message, std::span<const FieldSetting> settings);
/// True for those whose values are lists in a file.
bool is_list(Syntax syntax);

}  // namespace netyard
