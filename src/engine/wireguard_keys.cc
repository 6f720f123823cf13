// SPDX-License-Identifier: Apache-2.0
#include "engine/wireguard_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/error.h"
#include "engine/secret_file.h"

namespace netyard {
namespace {

using EvpKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

WireGuardKey make_private_key() {
  WireGuardKey key{};
  if (RAND_priv_bytes(key.data(), static_cast<int>(key.size())) != 1) {
    throw Error(EIO, "make", "a private key").reason("no random bytes");
  }
  // RFC 7748: as the kernel and wg(8) do.
  key[0] &= 248;
  key[31] = static_cast<std::uint8_t>((key[31] & 127) | 64);
  return key;
}

WireGuardKey read_key_file(const std::string& path) {
  std::string text = read_secret(path);
  const auto key = parse_wireguard_key(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (key) return *key;
  throw Error(EINVAL, "read key", path)
      .reason("it holds no WireGuard key")
      .hint("44 characters of base64, as 'wg genkey' prints them");
}

void check_file(const std::string& path, const Location& at, Diagnostics& diagnostics) {
  if (path.empty()) return;
  try {
    WireGuardKey key = read_key_file(path);
    OPENSSL_cleanse(key.data(), key.size());
  } catch (const Error& error) {
    diagnostics.error(at, error.what());
    return;
  }
  warn_if_readable(path, at, diagnostics);
}

}  // namespace

WireGuardKey public_key_of(const WireGuardKey& secret) {
  const EvpKey key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, secret.data(), secret.size()),
      EVP_PKEY_free);
  WireGuardKey out{};
  std::size_t size = out.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1) {
    throw Error(EINVAL, "derive", "a public key");
  }
  return out;
}

WireGuardKeys::WireGuardKeys(const Topology& topology, const Lookup& lookup) : topology_(topology) {
  for (const auto& link : topology.links) {
    if (!link.wireguard) continue;
    const PlannedWireGuard& planned = *link.wireguard;
    Pair pair;
    if (planned.private_key) {
      pair.secret = *planned.private_key;
    } else if (!planned.private_key_file.empty()) {
      pair.secret = read_key_file(planned.private_key_file);
    } else {
      const auto has = lookup(link.end);
      pair.secret = has ? *has : make_private_key();
    }
    pair.shown = public_key_of(pair.secret);
    pairs_.emplace_back(link.end, pair);
  }
}

WireGuardKeys::~WireGuardKeys() {
  for (auto& [end, pair] : pairs_) OPENSSL_cleanse(pair.secret.data(), pair.secret.size());
}

const WireGuardKeys::Pair& WireGuardKeys::pair_of(InterfaceRef end) const {
  return std::find_if(pairs_.begin(), pairs_.end(), [&](const auto& p) { return p.first == end; })
      ->second;
}

WireGuardDevice WireGuardKeys::device(std::size_t number) const {
  const TopologyLink& link = topology_.links[number];
  const PlannedWireGuard& planned = *link.wireguard;
  WireGuardDevice out;
  out.ifindex = topology_.interface(link.end).ifindex;
  out.private_key = pair_of(link.end).secret;
  out.listen_port = planned.listen_port;
  out.fwmark = planned.fwmark;
  for (const auto& peer : planned.peers) {
    WireGuardPeer one;
    one.public_key =
        peer.link ? pair_of(*peer.link).shown : peer.public_key.value_or(WireGuardKey{});
    one.preshared_key = peer.preshared_key;
    if (!peer.preshared_key_file.empty())
      one.preshared_key = read_key_file(peer.preshared_key_file);
    one.endpoint = peer.endpoint;
    one.allowed_ips = peer.allowed_ips;
    one.keepalive = peer.keepalive;
    out.peers.push_back(std::move(one));
  }
  return out;
}

void check_wireguard_keys(const Topology& topology, Diagnostics& diagnostics) {
  for (const auto& link : topology.links) {
    if (!link.wireguard) continue;
    const PlannedWireGuard& planned = *link.wireguard;
    if (planned.private_key) warn_if_written(planned.key_at, diagnostics);
    check_file(planned.private_key_file, planned.key_at, diagnostics);
    for (const auto& peer : planned.peers) {
      check_file(peer.preshared_key_file, peer.at, diagnostics);
    }
  }
}

}  // namespace netyard
