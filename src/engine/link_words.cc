// SPDX-License-Identifier: Apache-2.0
#include "engine/link_words.h"

#include <fmt/format.h>
#include <linux/netlink.h>

#include <cerrno>

#include "base/error.h"
#include "base/units.h"
#include "netlink/generic.h"
#include "netlink/link_data.h"
#include "netlink/macsec.h"
#include "netlink/observe_devices.h"
#include "netns/namespace.h"

namespace netyard {
namespace {

using nlohmann::json;

std::string name_of(std::uint64_t ifindex, const InterfaceNames& names) {
  const auto found = names.find(static_cast<std::uint32_t>(ifindex));
  return found != names.end() ? found->second : fmt::format("if{}", ifindex);
}

json list_of(const std::string& words) {
  json out = json::array();
  std::size_t at = 0;
  while (at < words.size()) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    out.push_back(words.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

void add_settings(const Settings& settings, const InterfaceNames& names, json& out) {
  for (const auto& setting : settings) out[setting.field->key] = field_word(setting, names);
}

json associations_words(const std::vector<MacsecAssociationState>& associations) {
  json out = json::array();
  for (const auto& one : associations) {
    out.push_back({{"number", one.number},
                   {"active", one.active},
                   {"packet_number", one.packet_number},
                   {"key_id", one.key_id}});
  }
  return out;
}

json peer_words(const WireGuardPeerState& peer) {
  json out = {{"public_key", format_wireguard_key(peer.public_key)},
              {"allowed_ips", json::array()},
              {"keepalive", fmt::format("{}s", peer.keepalive.count())},
              {"preshared", peer.preshared},
              {"handshake", peer.handshake},
              {"rx_bytes", peer.rx_bytes},
              {"tx_bytes", peer.tx_bytes}};
  for (const auto& prefix : peer.allowed_ips) out["allowed_ips"].push_back(prefix.to_string());
  if (peer.endpoint) out["endpoint"] = peer.endpoint->to_string();
  return out;
}

}  // namespace

json field_word(const FieldSetting& setting, const InterfaceNames& names) {
  const Field& field = *setting.field;
  const auto* number = std::get_if<std::uint64_t>(&setting.value);
  const std::string word = format_field(field, setting.value);
  if (field.syntax == Syntax::flag) return *number != 0;
  if (field.syntax == Syntax::interface) return number != nullptr ? name_of(*number, names) : word;
  const bool plain = field.syntax == Syntax::number || field.syntax == Syntax::key;
  if (plain && word == std::to_string(*number)) return *number;
  return is_list(field.syntax) ? list_of(word) : json(word);
}

json LinkWords::of(const LinkState& link) {
  json out = json::object();
  add_settings(common_settings(link), names_, out);
  const LinkKind* kind = find_link_kind(link.kind);
  const bool beside = kind == nullptr || kind->ordering != LinkClass::pair;
  if (link.parent != 0 && beside && !link.parent_nsid) {
    out["parent"] = name_of(link.parent, names_);
  }
  if (link.master != 0) out["master_name"] = name_of(link.master, names_);
  out["settings"] = json::object();
  add_settings(kind_settings(link), names_, out["settings"]);
  if (link.kind == "wireguard") add_wireguard(link, out);
  if (link.kind == "macsec") add_macsec(link, out);
  if (link.master == 0) return out;
  out["port"] = json::object();
  add_settings(port_settings(link), names_, out["port"]);
  return out;
}

std::uint16_t LinkWords::family(const char* name) {
  if (!generic_) {
    const NamespaceScope scope(namespace_fd_);
    generic_.emplace(NETLINK_GENERIC);
  }
  const auto number = find_generic_family(*generic_, name);
  if (!number) throw Error(ENOENT, "find", std::string("generic netlink family ") + name);
  return *number;
}

void LinkWords::add_wireguard(const LinkState& link, json& out) {
  const std::uint16_t number = family("wireguard");
  const WireGuardState state = observe_wireguard(*generic_, number, link.ifindex);
  add_settings(state.settings, names_, out["settings"]);
  out["public_key"] = format_wireguard_key(state.public_key);
  out["peers"] = json::array();
  for (const auto& peer : state.peers) out["peers"].push_back(peer_words(peer));
}

void LinkWords::add_macsec(const LinkState& link, json& out) {
  const std::uint16_t number = family("macsec");
  const MacsecState state = observe_macsec(*generic_, number, link.ifindex);
  out["sci"] = format_macsec_sci(state.sci);
  out["associations"] = associations_words(state.associations);
  out["peers"] = json::array();
  for (const auto& channel : state.channels) {
    out["peers"].push_back({{"sci", format_macsec_sci(channel.sci)},
                            {"active", channel.active},
                            {"associations", associations_words(channel.associations)}});
  }
}

}  // namespace netyard
