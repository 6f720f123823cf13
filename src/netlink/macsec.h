// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"

namespace netyard {

class Message;

/// A secure association key: 16 or 32 bytes.
struct MacsecKey {
  std::array<std::uint8_t, 32> bytes{};
  std::size_t size = 0;
  friend bool operator==(const MacsecKey&, const MacsecKey&) = default;
};

/// From 32 or 64 hexadecimal digits, as ip-macsec(8) takes them. nullopt when it is none.
std::optional<MacsecKey> parse_macsec_key(std::string_view text);

/// The identifier of a secure channel: the sender's MAC address and a port.
constexpr std::uint64_t macsec_sci(const MacAddress& mac, std::uint16_t port) {
  std::uint64_t out = 0;
  for (const std::uint8_t byte : mac.bytes) out = out << 8 | byte;
  return out << 16 | port;
}
/// As ip-macsec(8) prints it, 16 hexadecimal digits.
std::string format_macsec_sci(std::uint64_t sci);

/// What frames of one sender are protected with.
struct MacsecAssociation {
  std::uint8_t number = 0;  // 0 to 3
  MacsecKey key;
  std::array<std::uint8_t, 16> key_id{};
  // Of packet numbers of 64 bits only:
  bool extended = false;
  std::uint32_t ssci = 0;
  std::array<std::uint8_t, 12> salt{};
};

/// Another sender whose frames are taken.
struct MacsecChannel {
  std::uint64_t sci = 0;
  MacsecAssociation association;
};

struct MacsecDevice {
  std::uint32_t ifindex = 0;
  MacsecAssociation association;  // of what it sends
  std::vector<MacsecChannel> channels;
};

/// The requests that give a device its associations, in order; `family` is that of "macsec".
/// drivers/net/macsec.c.
std::vector<Message> set_macsec(std::uint16_t family, const MacsecDevice& device);

}  // namespace netyard
