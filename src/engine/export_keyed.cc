// SPDX-License-Identifier: Apache-2.0
#include "engine/export_keyed.h"

#include <fmt/format.h>
#include <linux/netlink.h>

#include <algorithm>

#include "netlink/generic.h"
#include "netlink/macsec.h"
#include "netns/namespace.h"

namespace netyard {
namespace {

std::string word(const NamespaceView& view, const LinkState& link) {
  return view.name + ":" + link.name;
}

bool is_active(const MacsecState& state) {
  return std::any_of(state.associations.begin(), state.associations.end(),
                     [](const auto& association) { return association.active; });
}

}  // namespace

KeyedLinks::KeyedLinks(const std::vector<NamespaceView>& views, bool secrets, const Note& note)
    : note_(note) {
  for (const auto& view : views) {
    for (const auto& link : view.links) {
      if (link.kind == "wireguard" || link.kind == "macsec") look_at(view, link, secrets);
    }
  }
}

void KeyedLinks::look_at(const NamespaceView& view, const LinkState& link, bool secrets) {
  Socket socket = [&] {
    const NamespaceScope inside(view.fd.get());
    return Socket(NETLINK_GENERIC);
  }();
  const auto family = find_generic_family(socket, link.kind.c_str());
  if (!family || link.parent_nsid) return;
  if (link.kind == "wireguard") {
    const WireGuardState& state = wireguard_[word(view, link)] =
        observe_wireguard(socket, *family, link.ifindex, secrets);
    if (state.public_key != WireGuardKey{}) by_key_[state.public_key] = word(view, link);
  } else {
    const MacsecState& state = macsec_[word(view, link)] =
        observe_macsec(socket, *family, link.ifindex);
    if (is_active(state)) by_sci_[state.sci] = word(view, link);
  }
}

void KeyedLinks::add(const NamespaceView& view, const LinkState& link, OrderedJson& out) const {
  const std::string name = word(view, link);
  if (wireguard_.contains(name)) add_wireguard(name, out);
  if (!macsec_.contains(name)) return;
  // A file has the port, or the whole identifier where that is not of the MAC address.
  const std::uint64_t sci = macsec_.at(name).sci;
  const bool by_port = link.mac && sci == macsec_sci(*link.mac, static_cast<std::uint16_t>(sci));
  out.erase(by_port ? "sci" : "port");
  add_macsec(name, out);
}

OrderedJson KeyedLinks::wireguard_peer(const WireGuardPeerState& peer, bool& outside) const {
  OrderedJson out = OrderedJson::object();
  const auto found = by_key_.find(peer.public_key);
  const bool here = found != by_key_.end();
  outside |= !here;
  out[here ? "peer" : "public_key"] = here ? found->second : format_wireguard_key(peer.public_key);
  if (peer.preshared_key) out["preshared_key"] = format_wireguard_key(*peer.preshared_key);
  if (peer.endpoint) {
    out["endpoint"] = peer.endpoint->to_string();
  } else if (here) {
    out["endpoint"] = "none";
  }
  out["allowed_ips"] = OrderedJson::array();
  for (const auto& prefix : peer.allowed_ips) out["allowed_ips"].push_back(prefix.to_string());
  if (peer.keepalive.count() != 0) out["keepalive"] = fmt::format("{}s", peer.keepalive.count());
  return out;
}

void KeyedLinks::add_wireguard(const std::string& name, OrderedJson& out) const {
  const WireGuardState& state = wireguard_.at(name);
  for (const auto& setting : state.settings) {
    // Ports count from one that is as usual; this one is known.
    if (number_in(state.settings, setting.field->key) != 0) {
      out[setting.field->key] = word_of(setting, {});
    }
  }
  bool outside = false;
  for (const auto& peer : state.peers) {
    out["peers"].push_back(wireguard_peer(peer, outside));
    if (peer.preshared && !peer.preshared_key) {
      note_(fmt::format("{}: the preshared key of a peer is left out (--secrets writes it)", name));
    }
  }
  if (state.private_key) {
    out["private_key"] = format_wireguard_key(*state.private_key);
  } else if (state.public_key != WireGuardKey{}) {
    note_(
        fmt::format("{}: its private key is left out (--secrets writes it), and 'up' makes a new "
                    "one{}",
                    name, outside ? ", which its peers outside do not know" : ""));
  }
}

// Each names the other, so that keys can be made for both.
void KeyedLinks::add_macsec(const std::string& name, OrderedJson& out) const {
  const MacsecState& state = macsec_.at(name);
  if (!is_active(state) && state.channels.empty()) return;
  for (const auto& channel : state.channels) {
    const auto found = by_sci_.find(channel.sci);
    const auto* other = found != by_sci_.end() ? &macsec_.at(found->second) : nullptr;
    const bool mutual =
        other != nullptr && is_active(state) &&
        std::any_of(other->channels.begin(), other->channels.end(),
                    [&](const MacsecChannelState& back) { return back.sci == state.sci; });
    if (mutual) {
      out["peers"].push_back(found->second);
    } else {
      note_(fmt::format("{}: the peer {} is left out: the kernel does not show its key", name,
                        format_macsec_sci(channel.sci)));
    }
  }
  note_(fmt::format(
      "{}: the kernel does not show its keys: {}", name,
      out.contains("peers") ? "'up' makes new ones" : "it has no associations in the file"));
}

}  // namespace netyard
