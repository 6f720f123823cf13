// SPDX-License-Identifier: Apache-2.0
#include "netlink/message.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>

#include <cstring>

namespace netyard {
namespace {

constexpr std::size_t kFirstCapacity = 256;

}  // namespace

Message::Message(std::uint16_t type, std::uint16_t flags) {
  buffer_.resize(kFirstCapacity);
  nlmsghdr* header = mnl_nlmsg_put_header(buffer_.data());
  header->nlmsg_type = type;
  header->nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
}

const nlmsghdr* Message::raw() const {
  return reinterpret_cast<const nlmsghdr*>(buffer_.data());
}
nlmsghdr* Message::raw() {
  return reinterpret_cast<nlmsghdr*>(buffer_.data());
}
std::uint16_t Message::type() const {
  return raw()->nlmsg_type;
}
std::uint16_t Message::flags() const {
  return raw()->nlmsg_flags;
}
std::size_t Message::size() const {
  return netlink_align(raw()->nlmsg_len);
}

// libmnl writes at the tail without looking: make sure of the room first.
nlmsghdr* Message::reserve(std::size_t bytes) {
  const std::size_t wanted = size() + netlink_align(bytes);
  if (buffer_.size() < wanted) buffer_.resize(wanted * 2);
  return raw();
}

void Message::append_header(const void* data, std::size_t size) {
  nlmsghdr* header = reserve(size);
  std::memcpy(mnl_nlmsg_put_extra_header(header, size), data, size);
}

void Message::put_bytes(std::uint16_t attribute, const void* data, std::size_t size) {
  mnl_attr_put(reserve(sizeof(nlattr) + size), attribute, size, data);
}

void Message::put_u8(std::uint16_t attribute, std::uint8_t value) {
  put_bytes(attribute, &value, sizeof value);
}
void Message::put_u16(std::uint16_t attribute, std::uint16_t value) {
  put_bytes(attribute, &value, sizeof value);
}
void Message::put_be16(std::uint16_t attribute, std::uint16_t value) {
  put_u16(attribute, htons(value));
}
void Message::put_u32(std::uint16_t attribute, std::uint32_t value) {
  put_bytes(attribute, &value, sizeof value);
}
void Message::put_u64(std::uint16_t attribute, std::uint64_t value) {
  put_bytes(attribute, &value, sizeof value);
}

void Message::put_string(std::uint16_t attribute, std::string_view value) {
  const std::string text(value);
  put_bytes(attribute, text.c_str(), text.size() + 1);
}

void Message::put(std::uint16_t attribute, const IpAddress& address) {
  put_bytes(attribute, address.bytes.data(), address.size());
}
void Message::put(std::uint16_t attribute, const MacAddress& address) {
  put_bytes(attribute, address.bytes.data(), address.bytes.size());
}

std::size_t Message::open_nest(std::uint16_t attribute) {
  nlmsghdr* header = reserve(sizeof(nlattr));
  const nlattr* nest = mnl_attr_nest_start(header, attribute);
  return static_cast<std::size_t>(reinterpret_cast<const std::byte*>(nest) - buffer_.data());
}

void Message::close_nest(std::size_t nest) {
  mnl_attr_nest_end(raw(), reinterpret_cast<nlattr*>(buffer_.data() + nest));
}

std::size_t Message::append_raw(const void* data, std::size_t size) {
  nlmsghdr* header = reserve(size);
  const std::size_t offset = this->size();
  std::memset(buffer_.data() + offset, 0, netlink_align(size));
  std::memcpy(buffer_.data() + offset, data, size);
  header->nlmsg_len = static_cast<std::uint32_t>(offset + netlink_align(size));
  return offset;
}

}  // namespace netyard
