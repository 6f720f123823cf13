// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/suggest.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

// What both ends must have alike.
constexpr const char* kAlike[] = {"cipher", "icv_len"};

bool is_macsec(const TopologyLink& link) {
  return link.kind != nullptr && std::string_view(link.kind->name) == "macsec";
}

class MacsecResolver {
 public:
  MacsecResolver(const spec::File& file, Topology& topology, Diagnostics& diagnostics)
      : topology_(topology), diagnostics_(diagnostics) {
    std::map<std::string, const spec::Macsec*> given;
    for (const auto& link : file.links) given[link.at.to_string()] = &link.macsec;
    for (auto& link : topology.links) {
      if (!is_macsec(link)) continue;
      by_name_[name_of(link.end)] = &link;
      given_.emplace_back(&link, given.at(link.at.to_string()));
    }
  }

  // Only who is whose peer: that makes segments.
  void join() {
    for (auto& [link, spec] : given_) {
      if (!spec->key && !spec->key_file && spec->peers.empty()) continue;
      link->macsec.emplace();
      for (const auto& peer : spec->peers) {
        const auto found = peer.peer ? by_name_.find(peer.peer->value) : by_name_.end();
        if (found == by_name_.end()) continue;
        link->macsec->peers.emplace_back();
        link->macsec->peers.back().link = found->second->end;
      }
    }
  }

  void run() {
    std::uint32_t number = 0;
    for (auto& [link, spec] : given_) {
      check_identifier(*link);
      if (link->macsec) settle(*link, *spec, ++number);
    }
    for (auto& [link, spec] : given_) {
      if (!link->macsec) continue;
      for (const auto& peer : spec->peers) add_peer(*link, peer);
    }
    for (auto& [link, spec] : given_) {
      if (link->macsec) check_mutual(*link);
    }
  }

 private:
  std::string name_of(InterfaceRef ref) const {
    return topology_.nodes[ref.node].name + ":" + topology_.interface(ref).name;
  }

  // A link without a MAC address of its own has that of the link below.
  std::optional<MacAddress> mac_of(const TopologyLink& link, std::size_t depth = 0) const {
    if (const auto& own = topology_.interface(link.end).mac) return own;
    for (const auto& below : topology_.links) {
      for (const auto end : {std::optional(below.end), below.peer}) {
        const bool parent = end && end->node == link.parent_node &&
                            topology_.interface(*end).ifindex == link.parent;
        if (!parent || link.parent == 0 || depth > topology_.links.size()) continue;
        const auto& mac = topology_.interface(*end).mac;
        return mac ? mac : mac_of(below, depth + 1);
      }
    }
    for (const auto& interface : topology_.nodes[link.parent_node].interfaces) {
      if (link.parent != 0 && interface.ifindex == link.parent) return interface.mac;
    }
    return {};
  }

  std::optional<std::uint64_t> sci_of(const TopologyLink& link) const {
    if (const FieldValue* sci = find_value(link.settings, "sci")) {
      return std::get<std::uint64_t>(*sci);
    }
    const auto mac = mac_of(link);
    if (!mac) return {};
    return macsec_sci(*mac, static_cast<std::uint16_t>(number_in(link.settings, "port", 1)));
  }

  void check_identifier(const TopologyLink& link) {
    const auto sci = sci_of(link);
    if (!sci) return;
    const auto [first, fresh] = by_sci_.emplace(*sci, &link);
    if (fresh) return;
    diagnostics_.error(
        link.at,
        fmt::format("{} and {} have one secure channel identifier, {}", name_of(first->second->end),
                    name_of(link.end), format_macsec_sci(*sci)),
        "give one of them another 'port'");
  }

  void settle(TopologyLink& link, const spec::Macsec& spec, std::uint32_t number) {
    PlannedMacsec& out = *link.macsec;
    out.peers.clear();
    out.number = number;
    const std::string cipher = word_of(link, "cipher");
    out.key_size = cipher.ends_with("256") ? 32 : 16;
    out.extended = cipher.find("xpn") != std::string::npos;
    out.association = static_cast<std::uint8_t>(number_in(link.settings, "encoding_sa"));
    if (spec.key) {
      out.key = spec.key->value;
      out.key_at = spec.key->at;
      check_size(cipher, *spec.key, out.key_size);
    }
    if (spec.key_file) {
      out.key_file = spec.key_file->value;
      out.key_at = spec.key_file->at;
    }
    const auto sci = sci_of(link);
    if (sci) {
      out.sci = *sci;
    } else if (std::any_of(given_.begin(), given_.end(),
                           [&](const auto& other) { return names(*other.second, link); })) {
      diagnostics_.error(link.at,
                         fmt::format("what {} identifies itself by follows from a MAC address "
                                     "that only the machine knows",
                                     name_of(link.end)),
                         "give it a 'mac', or a 'sci'");
    }
  }

  bool names(const spec::Macsec& spec, const TopologyLink& link) const {
    return std::any_of(spec.peers.begin(), spec.peers.end(), [&](const spec::MacsecPeer& peer) {
      return peer.peer && peer.peer->value == name_of(link.end);
    });
  }

  static std::string word_of(const TopologyLink& link, const char* key) {
    const FieldSetting* setting = find_setting(link.settings, key);
    const Field& field = *link.kind->find(key);
    return setting != nullptr ? format_field(field, setting->value) : field.fallback;
  }

  void check_size(const std::string& cipher, const Located<MacsecKey>& key, std::size_t size) {
    if (key.value.size == size) return;
    diagnostics_.error(key.at, fmt::format("{} has keys of {} hexadecimal digits, this has {}",
                                           cipher, 2 * size, 2 * key.value.size));
  }

  void add_peer(TopologyLink& link, const spec::MacsecPeer& spec) {
    PlannedMacsecPeer out;
    out.at = spec.at;
    if (spec.peer) {
      if (!name_peer(link, spec, out)) return;
    } else {
      if (link.macsec->extended) {
        diagnostics_.error(spec.at,
                           "a peer outside of the lab cannot be spoken with by an "
                           "extended cipher: its salt is not known");
      }
      out.sci = spec.sci ? spec.sci->value : spec.mac ? macsec_sci(spec.mac->value, spec.port) : 0;
      out.association = spec.association;
      if (spec.key) {
        out.key = spec.key->value;
        check_size(word_of(link, "cipher"), *spec.key, link.macsec->key_size);
      }
      if (spec.key_file) out.key_file = spec.key_file->value;
    }
    for (const auto& other : link.macsec->peers) {
      if (other.sci != out.sci) continue;
      diagnostics_.error(spec.at, fmt::format("the peer at {} is the same, {}",
                                              other.at.to_string(), format_macsec_sci(out.sci)));
    }
    if (out.sci == link.macsec->sci && out.sci != 0) {
      diagnostics_.error(spec.at, "a link is no peer of itself");
    }
    link.macsec->peers.push_back(std::move(out));
  }

  bool name_peer(const TopologyLink& link, const spec::MacsecPeer& spec, PlannedMacsecPeer& out) {
    const auto found = by_name_.find(spec.peer->value);
    if (found == by_name_.end()) {
      std::vector<std::string> names;
      for (const auto& [name, unused] : by_name_) names.push_back(name);
      diagnostics_.error(spec.peer->at,
                         fmt::format("there is no macsec link '{}'", spec.peer->value),
                         did_you_mean(spec.peer->value, names));
      return false;
    }
    const TopologyLink& other = *found->second;
    if (!other.macsec) {
      diagnostics_.error(spec.peer->at,
                         fmt::format("{} has no peers, and nothing to protect what it sends with",
                                     name_of(other.end)),
                         fmt::format("give it peers: [\"{}\"]", name_of(link.end)));
      return false;
    }
    out.link = other.end;
    out.sci = other.macsec->sci;
    out.association = other.macsec->association;
    check_alike(link, other, spec.peer->at);
    return true;
  }

  void check_alike(const TopologyLink& link, const TopologyLink& other, const Location& at) {
    for (const char* key : kAlike) {
      if (word_of(link, key) == word_of(other, key)) continue;
      diagnostics_.error(at,
                         fmt::format("{} and {} differ in '{}', and would drop each other's frames",
                                     name_of(link.end), name_of(other.end), key));
    }
  }

  void check_mutual(const TopologyLink& link) {
    for (const auto& peer : link.macsec->peers) {
      if (!peer.link) continue;
      const auto& back = by_name_.at(name_of(*peer.link))->macsec->peers;
      if (std::any_of(back.begin(), back.end(),
                      [&](const PlannedMacsecPeer& p) { return p.link == link.end; })) {
        continue;
      }
      diagnostics_.warning(peer.at,
                           fmt::format("{} does not have {} as its peer, and drops what it sends",
                                       name_of(*peer.link), name_of(link.end)),
                           "add it to the peers there too");
    }
  }

  Topology& topology_;
  Diagnostics& diagnostics_;
  std::map<std::string, TopologyLink*> by_name_;
  std::map<std::uint64_t, const TopologyLink*> by_sci_;
  std::vector<std::pair<TopologyLink*, const spec::Macsec*>> given_;
};

bool has_macsec(const Topology& topology) {
  return std::any_of(topology.links.begin(), topology.links.end(), is_macsec);
}

}  // namespace

void join_macsec(const spec::File& file, Topology& topology, Diagnostics& diagnostics) {
  if (has_macsec(topology)) MacsecResolver(file, topology, diagnostics).join();
}

void resolve_macsec(const spec::File& file, Topology& topology, Diagnostics& diagnostics) {
  if (has_macsec(topology)) MacsecResolver(file, topology, diagnostics).run();
}

}  // namespace netyard
