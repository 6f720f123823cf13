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

/// What a file may say of a link besides its kind's fields, as it says it.
namespace netyard::spec {

/// A key and its text, of which only the master's kind tells the meaning.
struct RawSetting {
  Located<std::string> key;
  Located<std::string> text;
};

/// An entry of `fdb:`; names of interfaces are not looked up yet.
struct Fdb {
  FdbEntry entry;
  bool self_given = false;
  std::optional<Located<std::string>> via;
  Location at;
};

/// An entry of `mdb:`.
struct Mdb {
  MdbEntry entry;
  Located<std::string> port;
  Location at;
};

/// An entry of `peers:` of a wireguard link.
struct Peer {
  std::optional<Located<std::string>> peer;         // "NODE:INTERFACE"
  std::optional<Located<WireGuardKey>> public_key;  // instead
  std::optional<Located<UdpEndpoint>> endpoint;
  bool no_endpoint = false;  // `endpoint: none`
  std::optional<std::vector<Located<IpPrefix>>> allowed_ips;
  std::uint64_t keepalive = 0;  // nanoseconds
  std::optional<Located<WireGuardKey>> preshared_key;
  std::optional<Located<std::string>> preshared_key_file;
  Location at;
};

/// Of a wireguard link.
struct WireGuard {
  std::optional<Located<WireGuardKey>> private_key;
  std::optional<Located<std::string>> private_key_file;  // absolute
  std::vector<Peer> peers;
};

/// An entry of `peers:` of a macsec link.
struct MacsecPeer {
  std::optional<Located<std::string>> peer;   // "NODE:INTERFACE"
  std::optional<Located<std::uint64_t>> sci;  // or somebody outside of the lab, by its identifier
  std::optional<Located<MacAddress>> mac;     // or by the two parts of that
  std::uint16_t port = 1;
  std::optional<Located<MacsecKey>> key;
  std::optional<Located<std::string>> key_file;
  std::uint8_t association = 0;
  Location at;
};

/// Of a macsec link.
struct Macsec {
  std::optional<Located<MacsecKey>> key;
  std::optional<Located<std::string>> key_file;  // absolute
  std::vector<MacsecPeer> peers;
};

/// Of any interface.
struct LinkDetails {
  std::optional<Located<bool>> up;
  std::vector<std::pair<FieldSetting, Location>> common;  // of link_fields()
  std::vector<Located<std::string>> altnames;
  std::vector<RawSetting> port;
  std::optional<std::vector<Located<BridgeVlan>>> vlans;
  std::vector<Fdb> fdb;
  std::vector<Mdb> mdb;

  bool empty() const {
    return !up && common.empty() && altnames.empty() && port.empty() && !vlans && fdb.empty() &&
           mdb.empty();
  }
};

}  // namespace netyard::spec
