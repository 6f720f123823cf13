// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip.h"

struct nlattr;
struct nlmsghdr;

namespace netyard {

/// The bytes of an attribute's value.
std::string_view bytes_of(const nlattr* attribute);

/// The value of an attribute, zero where it is too short.
template <class T>
T payload(const nlattr* attribute) {
  T out{};
  const std::string_view bytes = bytes_of(attribute);
  std::memcpy(&out, bytes.data(), std::min(sizeof out, bytes.size()));
  return out;
}

/// Up to its 0 byte.
std::string text_of(const nlattr* attribute);

/// The bytes behind a message's header.
std::string_view bytes_of(const nlmsghdr* message);

/// The family header of a message (rtmsg, ndmsg, …), zero where it is too short.
template <class T>
T family_header(const nlmsghdr* message) {
  T out{};
  const std::string_view bytes = bytes_of(message);
  std::memcpy(&out, bytes.data(), std::min(sizeof out, bytes.size()));
  return out;
}

/// The attributes of an answer of the kernel, or of a nest in it, by type. Stays valid as long as
/// the answer.
class Attributes {
 public:
  /// Behind a family header of `header` bytes.
  Attributes(const nlmsghdr* message, std::size_t header);
  explicit Attributes(const nlattr* nest) : Attributes(bytes_of(nest)) {}
  explicit Attributes(std::string_view bytes);

  /// nullptr when it is not there; the last of many.
  const nlattr* find(std::uint16_t type) const;
  bool has(std::uint16_t type) const { return find(type) != nullptr; }
  std::vector<std::uint16_t> types() const;
  /// All, in their order: lists have one type for all.
  const std::vector<const nlattr*>& all() const& { return found_; }
  std::vector<const nlattr*> all() && { return std::move(found_); }
  /// A number of 1, 2 or 4 bytes; nullopt when it is not there.
  std::optional<std::uint32_t> number(std::uint16_t type) const;
  /// Up to its 0 byte; "" when it is not there.
  std::string text(std::uint16_t type) const;
  /// 4 or 16 bytes behind the first `skip`.
  std::optional<IpAddress> address(std::uint16_t type, std::size_t skip = 0) const;

 private:
  std::vector<const nlattr*> found_;
};

}  // namespace netyard
