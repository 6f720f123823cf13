// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/export_view.h"
#include "netlink/observe_devices.h"

namespace netyard {

/// The wireguard and macsec links of the exported namespaces: what they are set to, and which of
/// them are each other's peers.
class KeyedLinks {
 public:
  /// `secrets`: keys of wireguard are read, too; the kernel shows none of macsec's.
  KeyedLinks(const std::vector<NamespaceView>& views, bool secrets, const Note& note);

  /// Adds to an entry of `links` what only these kinds have.
  void add(const NamespaceView& view, const LinkState& link, OrderedJson& out) const;

 private:
  void look_at(const NamespaceView& view, const LinkState& link, bool secrets);
  OrderedJson wireguard_peer(const WireGuardPeerState& peer, bool& outside) const;
  void add_wireguard(const std::string& name, OrderedJson& out) const;
  void add_macsec(const std::string& name, OrderedJson& out) const;

  const Note& note_;
  std::map<std::string, WireGuardState> wireguard_;  // by "NODE:INTERFACE"
  std::map<WireGuardKey, std::string> by_key_;
  std::map<std::string, MacsecState> macsec_;
  std::map<std::uint64_t, std::string> by_sci_;
};

}  // namespace netyard
