// SPDX-License-Identifier: Apache-2.0
#include "netlink/observe_devices.h"

#include <arpa/inet.h>
#include <endian.h>
#include <fmt/format.h>
#include <linux/genetlink.h>
#include <linux/if_macsec.h>
#include <linux/wireguard.h>
#include <netinet/in.h>

#include "netlink/attributes.h"
#include "netlink/field_decode.h"
#include "netlink/generic.h"
#include "netlink/kind.h"

namespace netyard {
namespace {

std::vector<const nlattr*> list_in(const Attributes& attributes, std::uint16_t type) {
  const nlattr* list = attributes.find(type);
  return list != nullptr ? Attributes(list).all() : std::vector<const nlattr*>();
}

template <class T>
T value_in(const Attributes& attributes, std::uint16_t type) {
  const nlattr* found = attributes.find(type);
  return found != nullptr ? payload<T>(found) : T{};
}

std::optional<UdpEndpoint> endpoint_in(const nlattr* attribute) {
  if (attribute == nullptr) return {};
  if (payload<sockaddr>(attribute).sa_family == AF_INET) {
    const auto four = payload<sockaddr_in>(attribute);
    return UdpEndpoint{IpAddress::from_bytes(Family::ipv4, &four.sin_addr), ntohs(four.sin_port)};
  }
  const auto six = payload<sockaddr_in6>(attribute);
  return UdpEndpoint{IpAddress::from_bytes(Family::ipv6, &six.sin6_addr), ntohs(six.sin6_port)};
}

void read_allowed(const Attributes& peer, std::vector<IpPrefix>& out) {
  for (const nlattr* one : list_in(peer, WGPEER_A_ALLOWEDIPS)) {
    const Attributes allowed(one);
    const auto address = allowed.address(WGALLOWEDIP_A_IPADDR);
    if (!address) continue;
    out.push_back({*address, value_in<std::uint8_t>(allowed, WGALLOWEDIP_A_CIDR_MASK)});
  }
}

WireGuardPeerState peer_in(const Attributes& peer, bool secrets) {
  WireGuardPeerState out;
  out.public_key = value_in<WireGuardKey>(peer, WGPEER_A_PUBLIC_KEY);
  out.endpoint = endpoint_in(peer.find(WGPEER_A_ENDPOINT));
  out.keepalive =
      std::chrono::seconds(value_in<std::uint16_t>(peer, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL));
  // Zeros where there is none.
  const nlattr* preshared = peer.find(WGPEER_A_PRESHARED_KEY);
  out.preshared =
      preshared != nullptr && bytes_of(preshared).find_first_not_of('\0') != std::string_view::npos;
  if (out.preshared && secrets) out.preshared_key = payload<WireGuardKey>(preshared);
  out.rx_bytes = value_in<std::uint64_t>(peer, WGPEER_A_RX_BYTES);
  out.tx_bytes = value_in<std::uint64_t>(peer, WGPEER_A_TX_BYTES);
  out.handshake = value_in<std::int64_t>(peer, WGPEER_A_LAST_HANDSHAKE_TIME);
  read_allowed(peer, out.allowed_ips);
  return out;
}

// A device with many peers comes in parts, and a peer with many prefixes too.
void add_peer(WireGuardPeerState peer, std::vector<WireGuardPeerState>& out) {
  if (out.empty() || out.back().public_key != peer.public_key) {
    out.push_back(std::move(peer));
    return;
  }
  auto& allowed = out.back().allowed_ips;
  allowed.insert(allowed.end(), peer.allowed_ips.begin(), peer.allowed_ips.end());
}

// Packet numbers have 64 bits with ciphers whose name has an "xpn".
MacsecAssociationState association_in(const Attributes& association) {
  MacsecAssociationState out;
  out.number = value_in<std::uint8_t>(association, MACSEC_SA_ATTR_AN);
  out.active = value_in<std::uint8_t>(association, MACSEC_SA_ATTR_ACTIVE) != 0;
  const nlattr* number = association.find(MACSEC_SA_ATTR_PN);
  if (number != nullptr) {
    const bool wide = bytes_of(number).size() == sizeof(std::uint64_t);
    out.packet_number = wide ? payload<std::uint64_t>(number) : payload<std::uint32_t>(number);
  }
  if (const nlattr* id = association.find(MACSEC_SA_ATTR_KEYID)) {
    for (const char byte : bytes_of(id)) {
      out.key_id += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
  }
  return out;
}

std::vector<MacsecAssociationState> associations_in(const Attributes& holder, std::uint16_t type) {
  std::vector<MacsecAssociationState> out;
  for (const nlattr* one : list_in(holder, type)) out.push_back(association_in(Attributes(one)));
  return out;
}

MacsecState macsec_in(const Attributes& device) {
  MacsecState out;
  if (const nlattr* own = device.find(MACSEC_ATTR_SECY)) {
    out.sci = be64toh(value_in<std::uint64_t>(Attributes(own), MACSEC_SECY_ATTR_SCI));
  }
  out.associations = associations_in(device, MACSEC_ATTR_TXSA_LIST);
  for (const nlattr* one : list_in(device, MACSEC_ATTR_RXSC_LIST)) {
    const Attributes channel(one);
    out.channels.push_back({be64toh(value_in<std::uint64_t>(channel, MACSEC_RXSC_ATTR_SCI)),
                            value_in<std::uint8_t>(channel, MACSEC_RXSC_ATTR_ACTIVE) != 0,
                            associations_in(channel, MACSEC_RXSC_ATTR_SA_LIST)});
  }
  return out;
}

}  // namespace

WireGuardState observe_wireguard(Socket& socket, std::uint16_t family, std::uint32_t ifindex,
                                 bool secrets) {
  Message request = generic_message(family, WG_CMD_GET_DEVICE, WG_GENL_VERSION);
  request.put_u32(WGDEVICE_A_IFINDEX, ifindex);
  WireGuardState out;
  const auto take = [&](const nlmsghdr* message) {
    const Attributes device(message, sizeof(genlmsghdr));
    if (device.has(WGDEVICE_A_LISTEN_PORT)) {
      out.settings = get_fields(device, find_link_kind("wireguard")->device_fields);
      out.public_key = value_in<WireGuardKey>(device, WGDEVICE_A_PUBLIC_KEY);
      if (secrets && device.has(WGDEVICE_A_PRIVATE_KEY)) {
        out.private_key = value_in<WireGuardKey>(device, WGDEVICE_A_PRIVATE_KEY);
      }
    }
    for (const nlattr* peer : list_in(device, WGDEVICE_A_PEERS)) {
      add_peer(peer_in(Attributes(peer), secrets), out.peers);
    }
  };
  socket.dump(std::move(request), take, [&] { out = {}; });
  return out;
}

MacsecState observe_macsec(Socket& socket, std::uint16_t family, std::uint32_t ifindex) {
  MacsecState out;
  // There is no asking for one: the kernel shows all of the namespace.
  const auto take = [&](const nlmsghdr* message) {
    const Attributes device(message, sizeof(genlmsghdr));
    if (device.number(MACSEC_ATTR_IFINDEX) == ifindex) out = macsec_in(device);
  };
  socket.dump(generic_message(family, MACSEC_CMD_GET_TXSC, MACSEC_GENL_VERSION), take,
              [&] { out = {}; });
  return out;
}

}  // namespace netyard
