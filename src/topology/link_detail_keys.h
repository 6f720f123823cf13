// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "netlink/link_fields.h"
#include "topology/reader.h"

namespace netyard::spec {

/// The keys of an interface that are about the link itself: flags, queue, port, tables.
std::span<const Key<Interface>> link_detail_keys();
std::span<const Key<BridgeVlan>> vlan_keys();
std::span<const Key<Fdb>> fdb_keys();
std::span<const Key<Mdb>> mdb_keys();
/// Reads one of link_detail_keys() or link_fields(); false when the key is none.
bool read_link_detail(Reader& reader, const std::string& key, const Tree& value, Interface& out);
std::vector<std::string> link_detail_names();

/// Keys of a wireguard link besides its fields, and of its peers.
std::span<const Key<WireGuard>> wireguard_keys();
std::span<const Key<Peer>> peer_keys();
bool read_wireguard_key(Reader& reader, const std::string& key, const Tree& value, WireGuard& out);
/// Says what is missing or contradicts itself.
void check_wireguard(Reader& reader, const Tree& link, const WireGuard& wireguard);

/// The same of a macsec link.
std::span<const Key<Macsec>> macsec_keys();
std::span<const Key<MacsecPeer>> macsec_peer_keys();
bool read_macsec_key(Reader& reader, const std::string& key, const Tree& value, Macsec& out);
void check_macsec(Reader& reader, const Tree& link, const Macsec& macsec);

/// The place without the line's text: it may hold a key.
Location without_text(const Location& at);
/// A file of the host, absolute.
std::optional<Located<std::string>> read_host_file(Reader& reader, const Tree& value);

}  // namespace netyard::spec
