// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace netyard {
namespace {

int address_family(Family family) {
  return family == Family::ipv4 ? AF_INET : AF_INET6;
}

std::uint8_t mask_byte(int length, int index) {
  const int bits = std::clamp(length - index * 8, 0, 8);
  return static_cast<std::uint8_t>(0xff00 >> bits);
}

}  // namespace

const char* to_string(Family family) {
  return family == Family::ipv4 ? "IPv4" : "IPv6";
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  IpAddress out;
  out.family = text.find(':') == std::string_view::npos ? Family::ipv4 : Family::ipv6;
  char copy[INET6_ADDRSTRLEN + 1];
  if (text.size() >= sizeof copy || text.find('\0') != std::string_view::npos) return {};
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  if (inet_pton(address_family(out.family), copy, out.bytes.data()) != 1) return {};
  return out;
}

IpAddress IpAddress::from_bytes(Family family, const void* data) {
  IpAddress out;
  out.family = family;
  std::memcpy(out.bytes.data(), data, out.size());
  return out;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(address_family(family), bytes.data(), text, sizeof text);
}

bool IpAddress::is_unspecified() const {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

bool IpAddress::is_multicast() const {
  return family == Family::ipv4 ? (bytes[0] >> 4) == 14 : bytes[0] == 0xff;
}

bool IpAddress::is_loopback() const {
  if (family == Family::ipv4) return bytes[0] == 127;
  IpAddress one;
  one.family = Family::ipv6;
  one.bytes[15] = 1;
  return *this == one;
}

bool IpAddress::is_link_local() const {
  if (family == Family::ipv4) return bytes[0] == 169 && bytes[1] == 254;
  return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

IpAddress IpAddress::plus(std::uint64_t steps) const {
  IpAddress out = *this;
  std::uint64_t carry = steps;
  for (std::size_t i = size(); i-- > 0 && carry > 0;) {
    const std::uint64_t sum = out.bytes[i] + (carry & 0xff);
    out.bytes[i] = static_cast<std::uint8_t>(sum);
    carry = (carry >> 8) + (sum >> 8);
  }
  return out;
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return {};
  if (slash == std::string_view::npos) {
    return IpPrefix{*address, static_cast<std::uint8_t>(address->bits())};
  }
  const std::string_view digits = text.substr(slash + 1);
  int length = -1;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  const bool clean = failed == std::errc() && end == digits.data() + digits.size();
  if (!clean || length < 0 || length > address->bits()) return {};
  return IpPrefix{*address, static_cast<std::uint8_t>(length)};
}

std::string IpPrefix::to_string() const {
  return fmt::format("{}/{}", address.to_string(), length);
}

IpPrefix IpPrefix::network() const {
  IpPrefix out = *this;
  for (std::size_t i = 0; i < address.size(); ++i) {
    out.address.bytes[i] &= mask_byte(length, static_cast<int>(i));
  }
  return out;
}

bool IpPrefix::contains(const IpAddress& other) const {
  return other.family == address.family &&
         IpPrefix{other, length}.network().address == network().address;
}

bool IpPrefix::overlaps(const IpPrefix& other) const {
  return length <= other.length ? contains(other.address) : other.contains(address);
}

std::optional<IpAddress> IpPrefix::broadcast() const {
  if (family() == Family::ipv6 || length >= 31) return {};
  IpAddress out = address;
  for (std::size_t i = 0; i < 4; ++i) {
    out.bytes[i] |= static_cast<std::uint8_t>(~mask_byte(length, static_cast<int>(i)));
  }
  return out;
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  if (text.size() != 17) return {};
  MacAddress out;
  for (std::size_t i = 0; i < 6; ++i) {
    const char* at = text.data() + i * 3;
    const auto [end, failed] = std::from_chars(at, at + 2, out.bytes[i], 16);
    if (failed != std::errc() || end != at + 2) return {};
    if (i < 5 && at[2] != ':' && at[2] != '-') return {};
  }
  return out;
}

std::string MacAddress::to_string() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2],
                     bytes[3], bytes[4], bytes[5]);
}

}  // namespace netyard
