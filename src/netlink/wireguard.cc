// SPDX-License-Identifier: Apache-2.0
#include "netlink/wireguard.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/wireguard.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "netlink/generic.h"
#include "netlink/message.h"

namespace netyard {
namespace {

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// Of peers in one message: an attribute ends at 65,535.
constexpr std::size_t kMostPeerBytes = 32'000;

void put_key(Message& message, std::uint16_t attribute, const WireGuardKey& key) {
  message.put_bytes(attribute, key.data(), key.size());
}

void put_endpoint(Message& message, const UdpEndpoint& endpoint) {
  if (endpoint.address.family == Family::ipv4) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(endpoint.port);
    std::memcpy(&out.sin_addr, endpoint.address.bytes.data(), sizeof out.sin_addr);
    return message.put_bytes(WGPEER_A_ENDPOINT, &out, sizeof out);
  }
  sockaddr_in6 out{};
  out.sin6_family = AF_INET6;
  out.sin6_port = htons(endpoint.port);
  std::memcpy(&out.sin6_addr, endpoint.address.bytes.data(), sizeof out.sin6_addr);
  message.put_bytes(WGPEER_A_ENDPOINT, &out, sizeof out);
}

void put_allowed(Message& message, const std::vector<IpPrefix>& prefixes) {
  const std::size_t list = message.open_nest(WGPEER_A_ALLOWEDIPS);
  for (const auto& prefix : prefixes) {
    const std::size_t one = message.open_nest(0);
    message.put_u16(WGALLOWEDIP_A_FAMILY, prefix.family() == Family::ipv4 ? AF_INET : AF_INET6);
    message.put(WGALLOWEDIP_A_IPADDR, prefix.address);
    message.put_u8(WGALLOWEDIP_A_CIDR_MASK, prefix.length);
    message.close_nest(one);
  }
  message.close_nest(list);
}

void put_peer(Message& message, const WireGuardPeer& peer) {
  const std::size_t nest = message.open_nest(0);
  put_key(message, WGPEER_A_PUBLIC_KEY, peer.public_key);
  message.put_u32(WGPEER_A_FLAGS, WGPEER_F_REPLACE_ALLOWEDIPS);
  if (peer.preshared_key) put_key(message, WGPEER_A_PRESHARED_KEY, *peer.preshared_key);
  if (peer.endpoint) put_endpoint(message, *peer.endpoint);
  message.put_u16(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
                  static_cast<std::uint16_t>(peer.keepalive.count()));
  put_allowed(message, peer.allowed_ips);
  message.close_nest(nest);
}

Message device_message(std::uint16_t family, const WireGuardDevice& device, bool first) {
  Message message = generic_message(family, WG_CMD_SET_DEVICE, WG_GENL_VERSION);
  message.put_u32(WGDEVICE_A_IFINDEX, device.ifindex);
  if (!first) return message;
  put_key(message, WGDEVICE_A_PRIVATE_KEY, device.private_key);
  message.put_u16(WGDEVICE_A_LISTEN_PORT, device.listen_port);
  message.put_u32(WGDEVICE_A_FWMARK, device.fwmark);
  message.put_u32(WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS);
  return message;
}

}  // namespace

std::optional<WireGuardKey> parse_wireguard_key(std::string_view text) {
  WireGuardKey key{};
  if (text.size() != 44 || text.back() != '=') return {};
  std::uint32_t bits = 0;
  std::size_t out = 0;
  for (std::size_t i = 0; i < 43; ++i) {
    const std::size_t value = kLetters.find(text[i]);
    if (value == std::string_view::npos) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    const std::size_t have = (i + 1) * 6 - out * 8;
    if (have >= 8) key[out++] = static_cast<std::uint8_t>(bits >> (have - 8));
  }
  // The last character has two bits more than the key.
  if ((bits & 3) != 0) return {};
  return key;
}

std::string format_wireguard_key(const WireGuardKey& key) {
  std::string out;
  for (std::size_t i = 0; i < 43; ++i) {
    std::uint32_t value = 0;
    for (std::size_t bit = i * 6; bit < i * 6 + 6; ++bit) {
      const bool set = bit < 256 && (key[bit / 8] >> (7 - bit % 8) & 1) != 0;
      value = value << 1 | (set ? 1 : 0);
    }
    out += kLetters[value];
  }
  return out + "=";
}

std::string UdpEndpoint::to_string() const {
  const bool four = address.family == Family::ipv4;
  return four ? fmt::format("{}:{}", address.to_string(), port)
              : fmt::format("[{}]:{}", address.to_string(), port);
}

std::optional<UdpEndpoint> UdpEndpoint::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  std::string_view host = text.substr(0, colon);
  const std::string_view number = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  if (!address || (address->family == Family::ipv6) != bracketed) return {};
  UdpEndpoint out{*address, 0};
  const auto [end, failed] =
      std::from_chars(number.data(), number.data() + number.size(), out.port);
  if (failed != std::errc() || end != number.data() + number.size() || out.port == 0) return {};
  return out;
}

std::vector<Message> set_wireguard(std::uint16_t family, const WireGuardDevice& device) {
  std::vector<Message> out;
  std::size_t next = 0;
  do {
    Message message = device_message(family, device, next == 0);
    const std::size_t peers = message.open_nest(WGDEVICE_A_PEERS);
    while (next < device.peers.size() && message.size() < kMostPeerBytes) {
      put_peer(message, device.peers[next++]);
    }
    message.close_nest(peers);
    out.push_back(std::move(message));
  } while (next < device.peers.size());
  return out;
}

}  // namespace netyard
