// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/suggest.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

constexpr std::uint16_t kFirstPort = 51820;

class WireGuardResolver {
 public:
  WireGuardResolver(const spec::File& file, Topology& topology, Diagnostics& diagnostics)
      : topology_(topology), diagnostics_(diagnostics) {
    std::map<std::string, const spec::WireGuard*> given;
    for (const auto& link : file.links) given[link.at.to_string()] = &link.wireguard;
    for (auto& link : topology.links) {
      if (!link.wireguard) continue;
      by_name_[name_of(link.end)] = &link;
      given_.emplace_back(&link, given.at(link.at.to_string()));
    }
  }

  // Only who is whose peer: that makes segments.
  void join() {
    for (auto& [link, spec] : given_) {
      for (const auto& peer : spec->peers) {
        const auto found = peer.peer ? by_name_.find(peer.peer->value) : by_name_.end();
        if (found == by_name_.end()) continue;
        link->wireguard->peers.emplace_back();
        link->wireguard->peers.back().link = found->second->end;
      }
    }
  }

  void run() {
    for (auto& [link, spec] : given_) link->wireguard->peers.clear();
    for (auto& [link, spec] : given_) settle_device(*link, *spec);
    for (auto& [link, spec] : given_) {
      for (const auto& peer : spec->peers) add_peer(*link, peer);
    }
    for (auto& [link, spec] : given_) {
      check_allowed(*link);
      check_mutual(*link);
    }
  }

 private:
  std::string name_of(InterfaceRef ref) const {
    return topology_.nodes[ref.node].name + ":" + topology_.interface(ref).name;
  }

  void settle_device(TopologyLink& link, const spec::WireGuard& spec) {
    PlannedWireGuard& out = *link.wireguard;
    if (spec.private_key) {
      out.private_key = spec.private_key->value;
      out.key_at = spec.private_key->at;
    }
    if (spec.private_key_file) {
      out.private_key_file = spec.private_key_file->value;
      out.key_at = spec.private_key_file->at;
    }
    const auto number = [&](const char* key) {
      const FieldValue* value = find_value(link.settings, key);
      return value != nullptr ? std::get<std::uint64_t>(*value) : 0;
    };
    out.fwmark = static_cast<std::uint32_t>(number("fwmark"));
    out.listen_port = static_cast<std::uint16_t>(number("listen_port"));
    const Location at = link.at;
    auto& taken = ports_[link.end.node];
    if (out.listen_port == 0) {
      out.listen_port = kFirstPort;
      while (taken.contains(out.listen_port)) ++out.listen_port;
    }
    const auto [first, fresh] = taken.emplace(out.listen_port, &link);
    if (!fresh) {
      diagnostics_.error(at, fmt::format("{} listens on UDP port {} already",
                                         name_of(first->second->end), out.listen_port));
    }
  }

  void add_peer(TopologyLink& link, const spec::Peer& spec) {
    PlannedPeer out;
    out.at = spec.at;
    out.keepalive = std::chrono::seconds(spec.keepalive / 1'000'000'000);
    if (spec.preshared_key) out.preshared_key = spec.preshared_key->value;
    if (spec.preshared_key_file) out.preshared_key_file = spec.preshared_key_file->value;
    if (spec.endpoint) out.endpoint = spec.endpoint->value;
    if (spec.public_key) out.public_key = spec.public_key->value;
    for (const auto& prefix : spec.allowed_ips.value_or(std::vector<Located<IpPrefix>>())) {
      out.allowed_ips.push_back(prefix.value);
    }
    if (spec.peer && !name_peer(link, spec, out)) return;
    link.wireguard->peers.push_back(std::move(out));
  }

  bool name_peer(const TopologyLink& link, const spec::Peer& spec, PlannedPeer& out) {
    const auto found = by_name_.find(spec.peer->value);
    if (found == by_name_.end()) {
      std::vector<std::string> names;
      for (const auto& [name, unused] : by_name_) names.push_back(name);
      diagnostics_.error(spec.peer->at,
                         fmt::format("there is no wireguard link '{}'", spec.peer->value),
                         did_you_mean(spec.peer->value, names));
      return false;
    }
    const TopologyLink& other = *found->second;
    if (&other == &link) {
      diagnostics_.error(spec.peer->at, "a link is no peer of itself");
      return false;
    }
    const bool twice = std::any_of(link.wireguard->peers.begin(), link.wireguard->peers.end(),
                                   [&](const PlannedPeer& p) { return p.link == other.end; });
    if (twice) {
      diagnostics_.error(spec.peer->at, fmt::format("{} is a peer already", spec.peer->value));
      return false;
    }
    out.link = other.end;
    if (!spec.allowed_ips) {
      for (const auto& address : topology_.interface(other.end).addresses) {
        const IpAddress& ip = address.value.address;
        out.allowed_ips.push_back({ip, static_cast<std::uint8_t>(ip.bits())});
      }
    }
    if (!out.endpoint && !spec.no_endpoint) out.endpoint = endpoint_of(link, other);
    return true;
  }

  // An address of the other node on a segment that both are on, else its first that is none of a
  // tunnel's.
  std::optional<UdpEndpoint> endpoint_of(const TopologyLink& link,
                                         const TopologyLink& other) const {
    std::optional<UdpEndpoint> any;
    const auto& ours = topology_.nodes[link.end.node].interfaces;
    for (const auto& interface : topology_.nodes[other.end.node].interfaces) {
      const bool usable = interface.kind != "wireguard" && interface.kind != "loopback";
      for (const auto& address : interface.addresses) {
        if (!usable || address.value.address.is_link_local()) continue;
        const UdpEndpoint here{address.value.address, other.wireguard->listen_port};
        const bool near = std::any_of(ours.begin(), ours.end(), [&](const Interface& i) {
          return i.segment != 0 && i.segment == interface.segment;
        });
        if (near) return here;
        if (!any) any = here;
      }
    }
    return any;
  }

  // A packet goes to the one peer that has its address: another that has it too gets none.
  void check_allowed(const TopologyLink& link) {
    std::map<IpPrefix, const PlannedPeer*> seen;
    for (const auto& peer : link.wireguard->peers) {
      for (const auto& prefix : peer.allowed_ips) {
        const auto [first, fresh] = seen.emplace(prefix, &peer);
        if (fresh || first->second == &peer) continue;
        diagnostics_.error(peer.at,
                           fmt::format("{} is allowed for the peer at {} already",
                                       prefix.to_string(), first->second->at.to_string()),
                           "what goes there can go to one peer only");
      }
    }
  }

  void check_mutual(const TopologyLink& link) {
    for (const auto& peer : link.wireguard->peers) {
      if (!peer.link) continue;
      const TopologyLink& other = *by_name_.at(name_of(*peer.link));
      const auto& back = other.wireguard->peers;
      const auto same = std::find_if(back.begin(), back.end(),
                                     [&](const PlannedPeer& p) { return p.link == link.end; });
      if (same == back.end()) {
        diagnostics_.warning(peer.at,
                             fmt::format("{} does not have {} as its peer, and will not answer",
                                         name_of(other.end), name_of(link.end)),
                             "add it to the peers there too");
      } else if (peer.preshared_key != same->preshared_key) {
        diagnostics_.warning(without_key(peer.at),
                             fmt::format("{} and {} have different preshared keys",
                                         name_of(link.end), name_of(other.end)));
      }
    }
  }

  static Location without_key(const Location& at) {
    return {std::make_shared<SourceFile>(at.source->name(), ""), at.line, at.column};
  }

  Topology& topology_;
  Diagnostics& diagnostics_;
  std::map<std::string, TopologyLink*> by_name_;
  std::vector<std::pair<TopologyLink*, const spec::WireGuard*>> given_;
  std::map<NodeId, std::map<std::uint16_t, TopologyLink*>> ports_;
};

}  // namespace

namespace {

bool has_wireguard(const Topology& topology) {
  return std::any_of(topology.links.begin(), topology.links.end(),
                     [](const TopologyLink& link) { return link.wireguard.has_value(); });
}

}  // namespace

void join_wireguard(const spec::File& file, Topology& topology, Diagnostics& diagnostics) {
  if (has_wireguard(topology)) WireGuardResolver(file, topology, diagnostics).join();
}

void resolve_wireguard(const spec::File& file, Topology& topology, Diagnostics& diagnostics) {
  if (has_wireguard(topology)) WireGuardResolver(file, topology, diagnostics).run();
}

}  // namespace netyard
