// SPDX-License-Identifier: Apache-2.0
#include "engine/same_keys.h"

#include <algorithm>

namespace netyard {
namespace {

// Nodes have other numbers in another file.
std::string link_of(const Topology& topology, const PlannedPeer& peer) {
  return peer.link ? end_name(topology, *peer.link) : "";
}

}  // namespace

std::string end_name(const Topology& topology, InterfaceRef ref) {
  return topology.nodes[ref.node].name + ":" + topology.interface(ref).name;
}

bool same_wireguard(const Topology& one, std::size_t link, const Topology& other,
                    std::size_t other_link) {
  const PlannedWireGuard& a = *one.links[link].wireguard;
  const PlannedWireGuard& b = *other.links[other_link].wireguard;
  const auto same_peer = [&](const PlannedPeer& x, const PlannedPeer& y) {
    return link_of(one, x) == link_of(other, y) && x.public_key == y.public_key &&
           x.preshared_key == y.preshared_key && x.preshared_key_file == y.preshared_key_file &&
           x.endpoint == y.endpoint && x.allowed_ips == y.allowed_ips && x.keepalive == y.keepalive;
  };
  return a.private_key == b.private_key && a.private_key_file == b.private_key_file &&
         a.listen_port == b.listen_port && a.fwmark == b.fwmark &&
         std::equal(a.peers.begin(), a.peers.end(), b.peers.begin(), b.peers.end(), same_peer);
}

bool same_associations(const PlannedMacsec& one, const PlannedMacsec& other) {
  return one.key == other.key && one.key_file == other.key_file && one.sci == other.sci &&
         one.association == other.association && one.extended == other.extended &&
         std::equal(one.peers.begin(), one.peers.end(), other.peers.begin(), other.peers.end(),
                    [](const PlannedMacsecPeer& a, const PlannedMacsecPeer& b) {
                      return a.sci == b.sci && a.key == b.key && a.key_file == b.key_file &&
                             a.association == b.association;
                    });
}

}  // namespace netyard
