// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"

namespace netyard {

class Message;

using WireGuardKey = std::array<std::uint8_t, 32>;

/// From base64 as wg(8) writes it: 43 characters and a '='. nullopt when it is none.
std::optional<WireGuardKey> parse_wireguard_key(std::string_view text);
std::string format_wireguard_key(const WireGuardKey& key);

/// An address and a UDP port.
struct UdpEndpoint {
  IpAddress address;
  std::uint16_t port = 0;
  friend bool operator==(const UdpEndpoint&, const UdpEndpoint&) = default;
  /// "10.0.0.1:51820", "[2001:db8::1]:51820".
  std::string to_string() const;
  static std::optional<UdpEndpoint> parse(std::string_view text);
};

struct WireGuardPeer {
  WireGuardKey public_key{};
  std::optional<WireGuardKey> preshared_key;
  std::optional<UdpEndpoint> endpoint;
  std::vector<IpPrefix> allowed_ips;
  std::chrono::seconds keepalive{0};  // 0: never
};

struct WireGuardDevice {
  std::uint32_t ifindex = 0;
  WireGuardKey private_key{};
  std::uint16_t listen_port = 0;
  std::uint32_t fwmark = 0;
  std::vector<WireGuardPeer> peers;
};

/// The WG_CMD_SET_DEVICE requests that make a device so, in order; `family` is that of "wireguard".
/// include/uapi/linux/wireguard.h.
std::vector<Message> set_wireguard(std::uint16_t family, const WireGuardDevice& device);

}  // namespace netyard
