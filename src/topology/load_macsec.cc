// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdlib>

#include "topology/link_detail_keys.h"

namespace netyard::spec {
namespace {

std::optional<Located<MacsecKey>> read_key(Reader& reader, const Tree& value) {
  const auto text = reader.text(value, "a key");
  if (!text) return {};
  const auto key = parse_macsec_key(text->value);
  if (!key) {
    reader.error(without_text(value.at), "this is no MACsec key",
                 "32 hexadecimal digits, or 64 for a cipher of 256 bits");
    return {};
  }
  return Located<MacsecKey>{*key, without_text(value.at)};
}

constexpr Key<MacsecPeer> kMacsecPeerKeys[] = {
    {"peer", "string", "NODE:INTERFACE, a macsec link of the lab",
     [](Reader& reader, const Tree& value, MacsecPeer& out) {
       out.peer = reader.word(value, "NODE:INTERFACE");
     }},
    {"mac", "string", "somebody outside of the lab, instead of peer",
     [](Reader& reader, const Tree& value, MacsecPeer& out) { out.mac = reader.mac(value); }},
    {"port", "scalar", "with mac: the port part of the channel's identifier; 1 when not given",
     [](Reader& reader, const Tree& value, MacsecPeer& out) {
       const auto number = reader.number(value, 1, UINT16_MAX);
       if (number) out.port = static_cast<std::uint16_t>(number->value);
     }},
    {"sci", "scalar", "the whole identifier, instead of mac and port",
     [](Reader& reader, const Tree& value, MacsecPeer& out) {
       const auto number = reader.field(*find_link_kind("macsec")->find("sci"), value);
       if (number) out.sci = {std::get<std::uint64_t>(number->setting.value), value.at};
     }},
    {"encoding_sa", "scalar", "association that somebody outside sends with; 0 when not given",
     [](Reader& reader, const Tree& value, MacsecPeer& out) {
       const auto number = reader.number(value, 0, 3);
       if (number) out.association = static_cast<std::uint8_t>(number->value);
     }},
    {"key", "string", "what somebody outside sends is protected with",
     [](Reader& reader, const Tree& value, MacsecPeer& out) { out.key = read_key(reader, value); }},
    {"key_file", "string", "a file that holds it",
     [](Reader& reader, const Tree& value, MacsecPeer& out) {
       out.key_file = read_host_file(reader, value);
     }},
};

void check_peer(Reader& reader, const Tree& item) {
  const Location at = without_text(item.at);
  const auto has = [&](const char* key) { return item.find(key) != nullptr; };
  const int names = (has("peer") ? 1 : 0) + (has("mac") ? 1 : 0) + (has("sci") ? 1 : 0);
  const int keys = (has("key") ? 1 : 0) + (has("key_file") ? 1 : 0);
  if (names != 1) {
    reader.error(at, "a peer is named by one of 'peer', 'mac' and 'sci'");
  } else if (has("peer")) {
    for (const char* key : {"port", "encoding_sa", "key", "key_file"}) {
      if (!has(key)) continue;
      reader.error(at, fmt::format("'{}' of a peer in the lab is said by its own link", key));
    }
  } else if (keys != 1) {
    reader.error(at, "a peer outside of the lab needs one of 'key' and 'key_file'");
  } else if (has("port") && !has("mac")) {
    reader.error(at, "the identifier holds the port");
  }
}

void read_peers(Reader& reader, const Tree& value, Macsec& out) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::sequence, "a list of peers")) return;
  for (const auto& item : value.items) {
    MacsecPeer peer;
    peer.at = without_text(item->at);
    if (item->is_scalar()) {
      peer.peer = reader.word(*item, "NODE:INTERFACE");
    } else if (reader.expect(*item, Tree::Kind::mapping, "a peer, NODE:INTERFACE or a mapping")) {
      read_mapping<MacsecPeer>(reader, *item, kMacsecPeerKeys, peer);
      check_peer(reader, *item);
    }
    out.peers.push_back(std::move(peer));
  }
}

constexpr Key<Macsec> kMacsecKeys[] = {
    {"key", "string",
     "macsec: what it sends is protected with; made anew by each up when not given",
     [](Reader& reader, const Tree& value, Macsec& out) { out.key = read_key(reader, value); }},
    {"key_file", "string", "macsec: a file that holds it",
     [](Reader& reader, const Tree& value, Macsec& out) {
       out.key_file = read_host_file(reader, value);
     }},
    {"peers", "linkPeers", "wireguard, macsec: who it speaks with", read_peers},
};

}  // namespace

std::span<const Key<Macsec>> macsec_keys() {
  return kMacsecKeys;
}
std::span<const Key<MacsecPeer>> macsec_peer_keys() {
  return kMacsecPeerKeys;
}

bool read_macsec_key(Reader& reader, const std::string& key, const Tree& value, Macsec& out) {
  for (const auto& known : kMacsecKeys) {
    if (key != known.name) continue;
    known.read(reader, value, out);
    return true;
  }
  return false;
}

void check_macsec(Reader& reader, const Tree& link, const Macsec& macsec) {
  if (macsec.key && macsec.key_file) {
    reader.error(without_text(link.at), "the key is given twice",
                 "write one of 'key' and 'key_file'");
  }
}

}  // namespace netyard::spec
