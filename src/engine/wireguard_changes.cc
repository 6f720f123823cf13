// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "engine/compared.h"
#include "engine/same_keys.h"
#include "engine/wireguard_keys.h"

namespace netyard {
namespace {

class WireGuardDifferences {
 public:
  explicit WireGuardDifferences(const Compared& what) : what_(what) {}

  std::string find(const TopologyLink& link) {
    const PlannedWireGuard& wanted = *link.wireguard;
    const WireGuardState* live = state_of(link.end);
    if (live == nullptr) return {};
    const std::uint64_t port = number_in(live->settings, "listen_port");
    const std::uint64_t mark = number_in(live->settings, "fwmark");
    if (wanted.listen_port != 0 && port != wanted.listen_port) note("listen_port {}", port);
    if (wanted.fwmark != mark) note("fwmark {}", mark);
    if (wanted.private_key && public_key_of(*wanted.private_key) != live->public_key) {
      note("another key");
    }
    for (const auto& peer : wanted.peers) compare(peer, *live);
    return std::move(out_);
  }

 private:
  template <class... T>
  void note(fmt::format_string<T...> format, T&&... values) {
    if (!out_.empty()) out_ += ", ";
    out_ += fmt::format(format, std::forward<T>(values)...);
  }

  // nullptr: it is to be made.
  const WireGuardState* state_of(InterfaceRef end) const {
    const LinkState* there = what_.link(end.node, what_.topology.interface(end).name);
    if (there == nullptr) return nullptr;
    const auto& all = what_.live(end.node).wireguard;
    const auto found = all.find(there->ifindex);
    return found != all.end() ? &found->second : nullptr;
  }

  void compare(const PlannedPeer& wanted, const WireGuardState& live) {
    const std::string name = wanted.link ? end_name(what_.topology, *wanted.link)
                                         : format_wireguard_key(*wanted.public_key);
    const WireGuardState* other = wanted.link ? state_of(*wanted.link) : nullptr;
    const auto is_this = [&](const WireGuardPeerState& peer) {
      if (wanted.link) return other != nullptr && peer.public_key == other->public_key;
      return peer.public_key == *wanted.public_key;
    };
    const auto found = std::find_if(live.peers.begin(), live.peers.end(), is_this);
    if (found == live.peers.end()) return note("no peer {}", name);
    if (!same_prefixes(found->allowed_ips, wanted.allowed_ips)) note("other prefixes of {}", name);
    if (found->keepalive != wanted.keepalive) {
      note("keepalive {}s of {}", found->keepalive.count(), name);
    }
    const bool shared = wanted.preshared_key || !wanted.preshared_key_file.empty();
    if (found->preshared != shared) note("preshared key of {}: {}", name, found->preshared);
    if (wanted.endpoint && !found->endpoint) note("no endpoint of {}", name);
  }

  static bool same_prefixes(std::vector<IpPrefix> one, std::vector<IpPrefix> other) {
    const auto less = [](const IpPrefix& a, const IpPrefix& b) {
      return a.to_string() < b.to_string();
    };
    std::sort(one.begin(), one.end(), less);
    std::sort(other.begin(), other.end(), less);
    return one == other;
  }

  const Compared& what_;
  std::string out_;
};

}  // namespace

std::string wireguard_differences(const Compared& compared, std::size_t link_number) {
  return WireGuardDifferences(compared).find(compared.topology.links[link_number]);
}

}  // namespace netyard
