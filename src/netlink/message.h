// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/ip.h"

struct nlmsghdr;

namespace netyard {

/// Netlink pads headers and attributes to 4 bytes (NLMSG_ALIGN).
constexpr std::size_t netlink_align(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

/// One netlink request in a buffer of its own that grows. libmnl lays the bytes out.
class Message {
 public:
  /// flags: NLM_F_REQUEST is always added.
  Message(std::uint16_t type, std::uint16_t flags);

  /// Appends the family header (ifinfomsg, rtmsg, …): before any attribute, once.
  template <class T>
  void header(const T& fields) {
    append_header(&fields, sizeof fields);
  }

  void put_u8(std::uint16_t attribute, std::uint8_t value);
  void put_u16(std::uint16_t attribute, std::uint16_t value);
  /// Network byte order.
  void put_be16(std::uint16_t attribute, std::uint16_t value);
  void put_u32(std::uint16_t attribute, std::uint32_t value);
  void put_u64(std::uint16_t attribute, std::uint64_t value);
  void put_string(std::uint16_t attribute, std::string_view value);  // with its 0 byte
  void put_bytes(std::uint16_t attribute, const void* data, std::size_t size);
  void put(std::uint16_t attribute, const IpAddress& address);
  void put(std::uint16_t attribute, const MacAddress& address);

  /// Opens a nested attribute; returns what close_nest wants.
  std::size_t open_nest(std::uint16_t attribute);
  void close_nest(std::size_t nest);
  /// Appends raw bytes, padded to 4: rtnexthop, or an ifinfomsg inside VETH_INFO_PEER.
  /// Returns their offset in the message.
  std::size_t append_raw(const void* data, std::size_t size);
  /// The byte at an offset, for lengths that are known only at the end.
  void* at(std::size_t offset) { return buffer_.data() + offset; }

  std::uint16_t type() const;
  std::uint16_t flags() const;
  std::size_t size() const;  // bytes, padded to 4
  const nlmsghdr* raw() const;
  nlmsghdr* raw();

 private:
  void append_header(const void* data, std::size_t size);
  nlmsghdr* reserve(std::size_t bytes);

  std::vector<std::byte> buffer_;
};

}  // namespace netyard
