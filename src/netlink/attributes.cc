// SPDX-License-Identifier: Apache-2.0
#include "netlink/attributes.h"

#include <libmnl/libmnl.h>

#include "netlink/message.h"

namespace netyard {

std::string_view bytes_of(const nlattr* attribute) {
  return {static_cast<const char*>(mnl_attr_get_payload(attribute)),
          mnl_attr_get_payload_len(attribute)};
}

std::string text_of(const nlattr* attribute) {
  const std::string_view bytes = bytes_of(attribute);
  return std::string(bytes.substr(0, bytes.find('\0')));
}

std::string_view bytes_of(const nlmsghdr* message) {
  return {static_cast<const char*>(mnl_nlmsg_get_payload(message)),
          mnl_nlmsg_get_payload_len(message)};
}

Attributes::Attributes(const nlmsghdr* message, std::size_t header)
    : Attributes(
          bytes_of(message).substr(std::min(bytes_of(message).size(), netlink_align(header)))) {}

Attributes::Attributes(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto* attribute = reinterpret_cast<const nlattr*>(bytes.data());
    if (mnl_attr_ok(attribute, static_cast<int>(bytes.size())) == 0) return;
    found_.push_back(attribute);
    bytes.remove_prefix(std::min(bytes.size(), netlink_align(attribute->nla_len)));
  }
}

const nlattr* Attributes::find(std::uint16_t type) const {
  const auto found = std::find_if(found_.rbegin(), found_.rend(), [&](const nlattr* attribute) {
    return mnl_attr_get_type(attribute) == type;
  });
  return found != found_.rend() ? *found : nullptr;
}

std::vector<std::uint16_t> Attributes::types() const {
  std::vector<std::uint16_t> out;
  for (const nlattr* attribute : found_) out.push_back(mnl_attr_get_type(attribute));
  return out;
}

std::optional<std::uint32_t> Attributes::number(std::uint16_t type) const {
  const nlattr* at = find(type);
  return at != nullptr ? std::optional(payload<std::uint32_t>(at)) : std::nullopt;
}

std::string Attributes::text(std::uint16_t type) const {
  const nlattr* at = find(type);
  return at != nullptr ? text_of(at) : std::string();
}

std::optional<IpAddress> Attributes::address(std::uint16_t type, std::size_t skip) const {
  const nlattr* at = find(type);
  if (at == nullptr || bytes_of(at).size() < skip) return {};
  const std::string_view bytes = bytes_of(at).substr(skip);
  if (bytes.size() != 4 && bytes.size() != 16) return {};
  return IpAddress::from_bytes(bytes.size() == 4 ? Family::ipv4 : Family::ipv6, bytes.data());
}

}  // namespace netyard
