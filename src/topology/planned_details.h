// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/location.h"
#include "netlink/bridge_table.h"
#include "netlink/kind.h"
#include "netlink/macsec.h"
#include "netlink/wireguard.h"

namespace netyard {

using NodeId = std::uint32_t;

struct InterfaceRef {
  NodeId node = 0;
  std::uint32_t index = 0;  // into Node::interfaces
  friend bool operator==(const InterfaceRef&, const InterfaceRef&) = default;
};

/// Of an interface, what is settled besides its kind, addresses and names of others.
struct InterfaceDetails {
  bool up = true;
  std::vector<FieldSetting> common;  // of link_fields()
  std::vector<FieldSetting> port;    // of the master's kind
  std::vector<std::string> altnames;
  std::vector<BridgeVlan> vlans;
  std::optional<std::uint16_t> drop_vlan;  // the bridge's default, when `vlans` has it not
  std::vector<FdbEntry> fdb;
  std::vector<MdbEntry> mdb;
  Location at;
};

/// Whom a wireguard link speaks with.
struct PlannedPeer {
  std::optional<InterfaceRef> link;        // a wireguard link of the lab
  std::optional<WireGuardKey> public_key;  // or somebody else's
  std::optional<WireGuardKey> preshared_key;
  std::string preshared_key_file;
  std::optional<UdpEndpoint> endpoint;
  std::vector<IpPrefix> allowed_ips;
  std::chrono::seconds keepalive{0};
  Location at;
};

/// A wireguard link with all decided but the keys that are made by `up`.
struct PlannedWireGuard {
  std::optional<WireGuardKey> private_key;
  std::string private_key_file;
  Location key_at;
  std::uint16_t listen_port = 0;
  std::uint32_t fwmark = 0;
  std::vector<PlannedPeer> peers;
};

/// Whose frames a macsec link takes.
struct PlannedMacsecPeer {
  std::optional<InterfaceRef> link;  // a macsec link of the lab
  std::uint64_t sci = 0;
  std::optional<MacsecKey> key;  // somebody else's, or that in a file
  std::string key_file;
  std::uint8_t association = 0;  // that it sends with
  Location at;
};

/// A macsec link that gets secure associations, with all decided but keys that are made by `up`.
struct PlannedMacsec {
  std::optional<MacsecKey> key;
  std::string key_file;
  Location key_at;
  std::uint64_t sci = 0;
  std::uint32_t number = 0;      // in the lab, from 1
  std::uint8_t association = 0;  // that it sends with
  std::size_t key_size = 16;     // bytes
  bool extended = false;         // packet numbers of 64 bits
  std::vector<PlannedMacsecPeer> peers;
};

}  // namespace netyard
