// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netyard {

constexpr std::uint32_t kLeastIpv6Mtu = 1280;  // RFC 8200

enum class Family : std::uint8_t { ipv4, ipv6 };

/// "IPv4" or "IPv6".
const char* to_string(Family family);

/// An IPv4 or IPv6 address; bytes in network order, the unused ones zero.
struct IpAddress {
  Family family = Family::ipv4;
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const IpAddress&) const = default;

  /// inet_pton(3) rules: no leading zeros, no zone. nullopt when the text is no address.
  static std::optional<IpAddress> parse(std::string_view text);
  /// From 4 or 16 bytes in network order.
  static IpAddress from_bytes(Family family, const void* data);
  std::string to_string() const;
  /// 4 or 16.
  std::size_t size() const { return family == Family::ipv4 ? 4 : 16; }
  /// 32 or 128.
  int bits() const { return static_cast<int>(size()) * 8; }
  bool is_unspecified() const;
  bool is_multicast() const;
  bool is_loopback() const;
  /// 169.254/16, fe80::/10.
  bool is_link_local() const;
  /// The address `steps` above this one, wrapping within the family.
  IpAddress plus(std::uint64_t steps) const;
};

/// An address and a prefix length. The address may have host bits: 10.0.0.5/24.
struct IpPrefix {
  IpAddress address;
  std::uint8_t length = 0;

  auto operator<=>(const IpPrefix&) const = default;

  /// "10.0.0.5/24"; a bare address means /32 or /128.
  static std::optional<IpPrefix> parse(std::string_view text);
  std::string to_string() const;
  Family family() const { return address.family; }
  /// The same length with host bits zero: 10.0.0.0/24.
  IpPrefix network() const;
  bool has_host_bits() const { return network().address != address; }
  bool contains(const IpAddress& other) const;
  bool overlaps(const IpPrefix& other) const;
  /// The IPv4 broadcast address; nullopt for IPv6 and for /31 and /32.
  std::optional<IpAddress> broadcast() const;
};

/// 48 bits of layer-2 address.
struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  auto operator<=>(const MacAddress&) const = default;

  /// "02:00:00:00:00:01", ':' or '-' between two-digit bytes.
  static std::optional<MacAddress> parse(std::string_view text);
  std::string to_string() const;
  bool is_multicast() const { return (bytes[0] & 1) != 0; }
  bool is_zero() const { return *this == MacAddress{}; }
};

}  // namespace netyard
