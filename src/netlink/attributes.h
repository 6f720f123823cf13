// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libmnl/libmnl.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>

#include "base/ip.h"

namespace netyard {

/// The value of an attribute, zero where it is too short.
template <class T>
T payload(const nlattr* attribute) {
  T out{};
  std::memcpy(&out, mnl_attr_get_payload(attribute),
              std::min<std::size_t>(sizeof out, mnl_attr_get_payload_len(attribute)));
  return out;
}

/// The attributes of an answer of the kernel, or of a nest in it, by type. Stays valid as long as
/// the answer.
class Attributes {
 public:
  /// Behind a family header of `header` bytes.
  Attributes(const nlmsghdr* message, std::size_t header)
      : Attributes(static_cast<const char*>(mnl_nlmsg_get_payload_offset(message, header)),
                   reinterpret_cast<const char*>(message) + message->nlmsg_len) {}
  explicit Attributes(const nlattr* nest)
      : Attributes(static_cast<const char*>(mnl_attr_get_payload(nest)),
                   reinterpret_cast<const char*>(nest) + nest->nla_len) {}
  Attributes(const char* begin, const char* end) {
    for (const char* at = begin; at < end;) {
      const auto* attribute = reinterpret_cast<const nlattr*>(at);
      if (mnl_attr_ok(attribute, static_cast<int>(end - at)) == 0) return;
      found_[mnl_attr_get_type(attribute)] = attribute;
      at += MNL_ALIGN(attribute->nla_len);
    }
  }

  const std::map<std::uint16_t, const nlattr*>& all() const { return found_; }
  const nlattr* find(std::uint16_t type) const {
    const auto found = found_.find(type);
    return found == found_.end() ? nullptr : found->second;
  }
  bool has(std::uint16_t type) const { return found_.contains(type); }
  /// A number of 1, 2 or 4 bytes; nullopt when it is not there.
  std::optional<std::uint32_t> number(std::uint16_t type) const {
    const nlattr* at = find(type);
    return at != nullptr ? std::optional(payload<std::uint32_t>(at)) : std::nullopt;
  }
  std::string text(std::uint16_t type) const {
    const nlattr* at = find(type);
    if (at == nullptr) return {};
    const auto* text = static_cast<const char*>(mnl_attr_get_payload(at));
    return {text, strnlen(text, mnl_attr_get_payload_len(at))};
  }
  std::optional<IpAddress> address(std::uint16_t type, std::size_t skip = 0) const {
    const nlattr* at = find(type);
    if (at == nullptr || mnl_attr_get_payload_len(at) < skip) return {};
    const std::size_t size = mnl_attr_get_payload_len(at) - skip;
    if (size != 4 && size != 16) return {};
    return IpAddress::from_bytes(size == 4 ? Family::ipv4 : Family::ipv6,
                                 static_cast<const char*>(mnl_attr_get_payload(at)) + skip);
  }

 private:
  std::map<std::uint16_t, const nlattr*> found_;
};

}  // namespace netyard
