// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "netlink/message.h"
#include "netlink/qdisc.h"

/// What the hooks of qdiscs have in common.
namespace netyard::qdiscs {

/// What an attribute holds, and how many bytes.
const void* payload_of(const nlattr* attribute);
std::size_t payload_size(const nlattr* attribute);

/// The attributes nested in one, behind `skip` bytes of a struct.
class Nested {
 public:
  explicit Nested(const nlattr* outer, std::size_t skip = 0);
  const nlattr* find(std::uint16_t type) const { return type < kMost ? found_[type] : nullptr; }
  /// The struct in an attribute; what a shorter one lacks is 0.
  template <class T>
  T get(std::uint16_t type) const;

 private:
  static constexpr std::size_t kMost = 64;
  std::array<const nlattr*, kMost> found_{};
};

template <class T>
T struct_in(const nlattr* attribute) {
  T out{};
  if (attribute == nullptr) return out;
  std::memcpy(&out, payload_of(attribute),
              std::min<std::size_t>(sizeof out, payload_size(attribute)));
  return out;
}

template <class T>
T Nested::get(std::uint16_t type) const {
  return struct_in<T>(find(type));
}

template <class T>
void put_struct(Message& message, std::uint16_t attribute, const T& value) {
  message.put_bytes(attribute, &value, sizeof value);
}

/// For kinds whose fields are attributes of their own.
void encode_attributes(Message& message, const Settings& settings);
void decode_attributes(const Nested& options, std::span<const Field> fields, Settings& out);

void note_field(Settings& out, const Field& field, std::uint64_t value);
/// Adds a number that the kernel shows; 0 is left out.
void note(Settings& out, std::span<const Field> fields, const char* key, std::uint64_t value);
void note(Settings& out, std::span<const Field> fields, const char* key, const char* word);

/// The kernel's probabilities are parts of 2^32 - 1, ours of a billion.
std::uint32_t to_probability(std::uint64_t parts);
std::uint64_t from_probability(std::uint32_t probability);

/// PSCHED_TICKS2NS in include/net/pkt_sched.h.
inline constexpr std::uint64_t kNanosecondsPerTick = 64;
std::uint32_t to_ticks(std::uint64_t nanoseconds);
/// Ticks that so many bytes take at a rate in bytes a second; and back.
std::uint32_t bytes_to_ticks(std::uint64_t bytes, std::uint64_t rate);
std::uint64_t ticks_to_bytes(std::uint32_t ticks, std::uint64_t rate);
/// For 32-bit rates that have a 64-bit attribute beside them.
std::uint32_t clamp_rate(std::uint64_t rate);

}  // namespace netyard::qdiscs
