// SPDX-License-Identifier: Apache-2.0
#include "netlink/qdiscs/options.h"

#include <libmnl/libmnl.h>

#include <cmath>
#include <limits>

namespace netyard::qdiscs {
namespace {

constexpr double kBillion = 1e9;

std::uint64_t number_of(const nlattr* attribute) {
  std::uint64_t out = 0;
  std::memcpy(&out, mnl_attr_get_payload(attribute),
              std::min<std::size_t>(sizeof out, mnl_attr_get_payload_len(attribute)));
  return out;
}

std::uint32_t saturate(std::uint64_t value) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

const void* payload_of(const nlattr* attribute) {
  return mnl_attr_get_payload(attribute);
}
std::size_t payload_size(const nlattr* attribute) {
  return mnl_attr_get_payload_len(attribute);
}

Nested::Nested(const nlattr* outer, std::size_t skip) {
  const std::size_t begin = netlink_align(skip);
  const std::size_t size = mnl_attr_get_payload_len(outer);
  const auto* payload = static_cast<const char*>(mnl_attr_get_payload(outer));
  std::size_t at = begin;
  while (at + sizeof(nlattr) <= size) {
    const auto* attribute = reinterpret_cast<const nlattr*>(payload + at);
    if (mnl_attr_ok(attribute, static_cast<int>(size - at)) == 0) return;
    const std::uint16_t type = mnl_attr_get_type(attribute);
    if (type < kMost) found_[type] = attribute;
    at += netlink_align(attribute->nla_len);
  }
}

void encode_attributes(Message& message, const Settings& settings) {
  for (const auto& setting : settings) {
    if (setting.field->wire != Wire::structure) put_field(message, setting);
  }
}

void note_field(Settings& out, const Field& field, std::uint64_t value) {
  FieldSetting& setting = out.emplace_back();
  setting.field = &field;
  setting.value = value;
}

void decode_attributes(const Nested& options, std::span<const Field> fields, Settings& out) {
  for (const auto& field : fields) {
    const nlattr* found = options.find(field.attribute);
    if (found == nullptr || field.wire == Wire::structure) continue;
    note_field(out, field, number_of(found) * field.scale);
  }
}

void note(Settings& out, std::span<const Field> fields, const char* key, std::uint64_t value) {
  if (value != 0) note_field(out, *find_field(fields, key), value);
}

void note(Settings& out, std::span<const Field> fields, const char* key, const char* word) {
  FieldSetting& setting = out.emplace_back();
  setting.field = find_field(fields, key);
  setting.value = std::string(word);
}

std::uint32_t to_probability(std::uint64_t parts) {
  return static_cast<std::uint32_t>(
      std::lround(static_cast<double>(parts) / kBillion * UINT32_MAX));
}

std::uint64_t from_probability(std::uint32_t probability) {
  return static_cast<std::uint64_t>(
      std::lround(static_cast<double>(probability) * kBillion / UINT32_MAX));
}

std::uint32_t to_ticks(std::uint64_t nanoseconds) {
  return saturate(nanoseconds / kNanosecondsPerTick);
}

std::uint32_t bytes_to_ticks(std::uint64_t bytes, std::uint64_t rate) {
  const double nanoseconds = static_cast<double>(bytes) * kBillion / static_cast<double>(rate);
  return saturate(static_cast<std::uint64_t>(std::llround(nanoseconds / kNanosecondsPerTick)));
}

std::uint64_t ticks_to_bytes(std::uint32_t ticks, std::uint64_t rate) {
  const double nanoseconds = static_cast<double>(ticks) * kNanosecondsPerTick;
  return static_cast<std::uint64_t>(
      std::llround(nanoseconds * static_cast<double>(rate) / kBillion));
}

std::uint32_t clamp_rate(std::uint64_t rate) {
  return saturate(rate);
}

}  // namespace netyard::qdiscs
