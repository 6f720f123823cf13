// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netlink/field.h"
#include "netlink/socket.h"
#include "netlink/wireguard.h"

namespace netyard {

/// A peer as the kernel shows it.
struct WireGuardPeerState {
  WireGuardKey public_key{};
  std::optional<UdpEndpoint> endpoint;
  std::vector<IpPrefix> allowed_ips;
  std::chrono::seconds keepalive{0};
  bool preshared = false;
  std::optional<WireGuardKey> preshared_key;  // only when secrets are asked for
  std::uint64_t rx_bytes = 0;
  std::uint64_t tx_bytes = 0;
  std::int64_t handshake = 0;  // the last, in seconds since 1970; 0: none yet
};

/// A wireguard link as the kernel shows it.
struct WireGuardState {
  Settings settings;  // of the kind's device_fields
  WireGuardKey public_key{};
  std::optional<WireGuardKey> private_key;  // only when secrets are asked for
  std::vector<WireGuardPeerState> peers;
};

/// `socket` is one of NETLINK_GENERIC, in the link's namespace; `family` is that of "wireguard".
/// Without `secrets` private and preshared keys are passed over. Throws Error.
/// drivers/net/wireguard/netlink.c.
WireGuardState observe_wireguard(Socket& socket, std::uint16_t family, std::uint32_t ifindex,
                                 bool secrets = false);

/// A secure association as the kernel shows it: without its key.
struct MacsecAssociationState {
  std::uint8_t number = 0;
  bool active = false;
  std::uint64_t packet_number = 0;  // the next to send, or the lowest that is taken
  std::string key_id;               // hexadecimal
};

struct MacsecChannelState {
  std::uint64_t sci = 0;
  bool active = false;
  std::vector<MacsecAssociationState> associations;
};

struct MacsecState {
  std::uint64_t sci = 0;
  std::vector<MacsecAssociationState> associations;  // of what it sends
  std::vector<MacsecChannelState> channels;          // of whom it takes frames from
};

/// The same for "macsec". drivers/net/macsec.c.
MacsecState observe_macsec(Socket& socket, std::uint16_t family, std::uint32_t ifindex);

}  // namespace netyard
