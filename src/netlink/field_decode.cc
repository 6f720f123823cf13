// SPDX-License-Identifier: Apache-2.0
#include "netlink/field_decode.h"

#include <arpa/inet.h>
#include <endian.h>

#include <algorithm>

namespace netyard {
namespace {

std::uint64_t number_in(const nlattr* attribute, Wire wire) {
  switch (wire) {
    case Wire::u8:
      return payload<std::uint8_t>(attribute);
    case Wire::u16:
      return payload<std::uint16_t>(attribute);
    case Wire::be16:
      return ntohs(payload<std::uint16_t>(attribute));
    case Wire::u32:
    case Wire::flags_and_mask:
      return payload<std::uint32_t>(attribute);
    case Wire::be32:
      return ntohl(payload<std::uint32_t>(attribute));
    case Wire::u64:
      return payload<std::uint64_t>(attribute);
    case Wire::be64:
      return be64toh(payload<std::uint64_t>(attribute));
    default:
      return 0;
  }
}

struct FlagsAndMask {
  std::uint32_t flags = 0;
  std::uint32_t mask = 0;
};

std::optional<std::uint64_t> bit_in(const nlattr* attribute, const Field& field) {
  const bool masked = field.wire == Wire::flags_and_mask;
  if (masked && (payload<FlagsAndMask>(attribute).mask & field.bit) == 0) return {};
  return (number_in(attribute, field.wire) & field.bit) != 0 ? 1 : 0;
}

bool has_word(const Field& field, std::uint64_t number) {
  return std::any_of(field.choices.begin(), field.choices.end(),
                     [&](const Choice& choice) { return choice.number == number; });
}

std::optional<FieldValue> number_of(const nlattr* attribute, const Field& field) {
  if (field.wire == Wire::presence) return std::uint64_t{1};
  const std::uint64_t number = number_in(attribute, field.wire) * field.scale;
  switch (field.syntax) {
    case Syntax::flag:
      return std::uint64_t{number != 0 ? 1U : 0U};
    case Syntax::choice:
      return number;
    case Syntax::interface:  // its bounds are those of names
      return number != 0 ? std::optional<FieldValue>(number) : std::nullopt;
    default:
      break;
  }
  const bool sayable = has_word(field, number) || (number >= field.min && number <= field.max);
  return sayable ? std::optional<FieldValue>(number) : std::nullopt;
}

std::optional<FieldValue> address_of(const Attributes& attributes, const Field& field) {
  for (const std::uint16_t type : {field.attribute, field.attribute6}) {
    if (type == 0) continue;
    if (const auto address = attributes.address(type)) return *address;
  }
  return {};
}

}  // namespace

std::optional<FieldValue> get_field(const Attributes& attributes, const Field& field) {
  if (field.get != nullptr) return field.get(attributes, field);
  if (field.wire == Wire::address) return address_of(attributes, field);
  const nlattr* attribute = field.attribute != 0 ? attributes.find(field.attribute) : nullptr;
  if (attribute == nullptr) {
    // The kernel leaves out flags when none is set.
    const bool flags = field.wire == Wire::presence || field.wire == Wire::flags_and_mask;
    const bool off = flags && field.attribute != 0;
    return off ? std::optional<FieldValue>(std::uint64_t{0}) : std::nullopt;
  }
  if (field.bit != 0) {
    const auto bit = bit_in(attribute, field);
    return bit ? std::optional<FieldValue>(*bit) : std::nullopt;
  }
  if (field.wire == Wire::mac) {
    return bytes_of(attribute).size() == sizeof(MacAddress::bytes)
               ? std::optional<FieldValue>(payload<MacAddress>(attribute))
               : std::nullopt;
  }
  if (field.wire == Wire::text) return attributes.text(field.attribute);
  return number_of(attribute, field);
}

Settings get_fields(const Attributes& attributes, std::span<const Field> fields) {
  Settings out;
  for (const auto& field : fields) {
    if (auto value = get_field(attributes, field)) out.push_back({&field, std::move(*value)});
  }
  return out;
}

}  // namespace netyard
