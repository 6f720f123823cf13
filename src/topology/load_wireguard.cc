// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/units.h"
#include "topology/link_detail_keys.h"

namespace netyard::spec {
namespace {

constexpr std::uint64_t kLongestKeepalive = 65'535'000'000'000;  // nanoseconds: a u16 of seconds

std::optional<Located<WireGuardKey>> read_key(Reader& reader, const Tree& value, bool secret) {
  const Location at = secret ? without_text(value.at) : value.at;
  const auto text = reader.text(value, "a key");
  if (!text) return {};
  const auto key = parse_wireguard_key(text->value);
  if (!key) {
    reader.error(at, "this is no WireGuard key",
                 "44 characters of base64, as 'wg genkey' and 'wg pubkey' print them");
    return {};
  }
  return Located<WireGuardKey>{*key, at};
}

void read_peer_endpoint(Reader& reader, const Tree& value, Peer& out) {
  const auto text = reader.word(value, "ADDRESS:PORT");
  if (!text) return;
  out.no_endpoint = text->value == "none";
  if (out.no_endpoint) return;
  const auto endpoint = UdpEndpoint::parse(text->value);
  if (!endpoint) {
    return reader.error(value.at, fmt::format("'{}' is no address with a port", text->value),
                        "as in 10.0.0.1:51820 or [2001:db8::1]:51820");
  }
  out.endpoint = {*endpoint, value.at};
}

void read_allowed(Reader& reader, const Tree& value, Peer& out) {
  auto& allowed = out.allowed_ips.emplace();
  for (const auto& word : reader.words(value, "a prefix")) {
    const auto prefix = IpPrefix::parse(word.value);
    if (!prefix) {
      reader.error(word.at, fmt::format("'{}' is no prefix", word.value), "as in 10.8.0.0/24");
    } else if (prefix->has_host_bits()) {
      reader.error(word.at, fmt::format("{} has host bits", word.value),
                   fmt::format("the prefix is {}", prefix->network().to_string()));
    } else {
      allowed.push_back({*prefix, word.at});
    }
  }
}

constexpr Key<Peer> kWireGuardPeerKeys[] = {
    {"peer", "string", "NODE:INTERFACE, a wireguard link of the lab",
     [](Reader& reader, const Tree& value, Peer& out) {
       out.peer = reader.word(value, "NODE:INTERFACE");
     }},
    {"public_key", "string", "somebody outside of the lab, instead of peer",
     [](Reader& reader, const Tree& value, Peer& out) {
       out.public_key = read_key(reader, value, false);
     }},
    {"endpoint", "string", "ADDRESS:PORT, or none; of a peer found from the lab",
     read_peer_endpoint},
    {"allowed_ips", "listed", "what is sent to it and taken from it; a peer's addresses",
     read_allowed},
    {"keepalive", "scalar", "how often to say something; 0 is never",
     [](Reader& reader, const Tree& value, Peer& out) {
       const auto text = reader.text(value, "a time");
       if (!text) return;
       const auto time = parse_nanoseconds(text->value);
       if (!time || *time > kLongestKeepalive || *time % 1'000'000'000 != 0) {
         return reader.error(
             value.at, fmt::format("'{}' is no time in whole seconds up to 65535s", text->value),
             "as in 25s");
       }
       out.keepalive = *time;
     }},
    {"preshared_key", "string", "a further key that both know",
     [](Reader& reader, const Tree& value, Peer& out) {
       out.preshared_key = read_key(reader, value, true);
     }},
    {"preshared_key_file", "string", "a file that holds it",
     [](Reader& reader, const Tree& value, Peer& out) {
       out.preshared_key_file = read_host_file(reader, value);
     }},
};

void read_peers(Reader& reader, const Tree& value, WireGuard& out) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::sequence, "a list of peers")) return;
  for (const auto& item : value.items) {
    Peer peer;
    peer.at = item->at;
    if (item->is_scalar()) {
      peer.peer = reader.word(*item, "NODE:INTERFACE");
    } else if (reader.expect(*item, Tree::Kind::mapping, "a peer, NODE:INTERFACE or a mapping")) {
      read_mapping<Peer>(reader, *item, kWireGuardPeerKeys, peer);
      const bool named = item->find("peer") != nullptr;
      if (named == (item->find("public_key") != nullptr)) {
        reader.error(item->at, "a peer is named by one of 'peer' and 'public_key'");
      }
      if (item->find("preshared_key") != nullptr && item->find("preshared_key_file") != nullptr) {
        reader.error(without_text(item->at), "the preshared key is given twice");
      }
      if (item->find("public_key") != nullptr && item->find("allowed_ips") == nullptr) {
        reader.error(item->at, "a peer outside of the lab needs 'allowed_ips'");
      }
    }
    out.peers.push_back(std::move(peer));
  }
}

constexpr Key<WireGuard> kWireguardKeys[] = {
    {"private_key", "string", "its private key; made anew by each up when not given",
     [](Reader& reader, const Tree& value, WireGuard& out) {
       out.private_key = read_key(reader, value, true);
     }},
    {"private_key_file", "string", "a file that holds it",
     [](Reader& reader, const Tree& value, WireGuard& out) {
       out.private_key_file = read_host_file(reader, value);
     }},
    {"peers", "linkPeers", "wireguard, macsec: who it speaks with", read_peers},
};

}  // namespace

Location without_text(const Location& at) {
  if (at.source == nullptr) return at;
  return {std::make_shared<SourceFile>(at.source->name(), ""), at.line, at.column};
}

std::optional<Located<std::string>> read_host_file(Reader& reader, const Tree& value) {
  auto path = reader.word(value, "a file");
  if (path) path->value = reader.host_path(path->value, value.at);
  return path;
}

std::span<const Key<WireGuard>> wireguard_keys() {
  return kWireguardKeys;
}
std::span<const Key<Peer>> peer_keys() {
  return kWireGuardPeerKeys;
}

bool read_wireguard_key(Reader& reader, const std::string& key, const Tree& value, WireGuard& out) {
  for (const auto& known : kWireguardKeys) {
    if (key != known.name) continue;
    known.read(reader, value, out);
    return true;
  }
  return false;
}

void check_wireguard(Reader& reader, const Tree& link, const WireGuard&) {
  if (link.find("private_key") != nullptr && link.find("private_key_file") != nullptr) {
    reader.error(without_text(link.at), "the private key is given twice",
                 "write one of 'private_key' and 'private_key_file'");
  }
}

}  // namespace netyard::spec
