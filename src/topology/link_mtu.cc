// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "topology/link_order.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

constexpr std::uint32_t kEthernet = 1500;
constexpr std::uint32_t kMacsec = 32;  // 16 of SecTAG with identifier, 16 of check value
constexpr std::uint32_t kIpv6More = 20;

bool is(const Interface& interface, std::string_view kind) {
  return interface.kind == kind;
}

/// Works out what each link can carry, from the bottom up.
class MtuSettler {
 public:
  MtuSettler(Topology& topology, Diagnostics& diagnostics)
      : topology_(topology), diagnostics_(diagnostics) {}

  void run() {
    const CreationOrder order = creation_order(topology_);
    if (!order.circle.empty()) return;  // said by check_links
    for (const std::size_t number : order.order) settle(topology_.links[number]);
  }

 private:
  Interface* find(NodeId node, std::uint32_t ifindex) {
    auto& interfaces = topology_.nodes[node].interfaces;
    const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                    [&](const Interface& i) { return i.ifindex == ifindex; });
    return ifindex == 0 || found == interfaces.end() ? nullptr : &*found;
  }

  // Bytes it carries, as far as the file tells.
  std::uint32_t carried(NodeId node, const Interface& interface) {
    if (interface.mtu != 0) return interface.mtu;
    const TopologyLink* link = link_at(node, interface);
    if (link == nullptr || link->parent == 0) return kEthernet;
    const Interface* parent = find(link->parent_node, link->parent);
    if (parent == nullptr) return kEthernet;
    const std::uint32_t below = carried(node, *parent);
    if (is(interface, "macsec")) return below - std::min(below, kMacsec);
    return is(interface, "vlan") || is_beside(interface) ? below : kEthernet;
  }

  static bool is_beside(const Interface& interface) {
    return is(interface, "macvlan") || is(interface, "macvtap") || is(interface, "ipvlan") ||
           is(interface, "ipvtap");
  }

  const TopologyLink* link_at(NodeId node, const Interface& interface) const {
    for (const auto& link : topology_.links) {
      if (link.end.node == node && &topology_.interface(link.end) == &interface) return &link;
    }
    return nullptr;
  }

  void settle(const TopologyLink& link) {
    if (link.kind == nullptr) return;
    if (link.parent != 0) check_parent(link);
    if (link.kind->overhead != 0) settle_tunnel(link);
  }

  void check_parent(const TopologyLink& link) {
    const Interface& end = topology_.interface(link.end);
    const Interface* parent = find(link.parent_node, link.parent);
    const std::uint32_t less = is(end, "macsec") ? kMacsec : 0;
    if (parent == nullptr || end.mtu == 0 || !(is(end, "vlan") || is_beside(end) || less != 0))
      return;
    const std::uint32_t most = carried(link.parent_node, *parent) - less;
    if (end.mtu <= most) return;
    diagnostics_.error(end.at,
                       fmt::format("{} has an MTU of {}, what it stands on, {}, carries {}{}",
                                   end.name, end.mtu, parent->name, most + less,
                                   less != 0 ? fmt::format(", less {} for MACsec", less) : ""),
                       fmt::format("give {} an MTU of {}, or {} one of at most {}", parent->name,
                                   end.mtu + less, end.name, most));
  }

  // The interface that the outer packets leave by: the parent, or whose address or subnet it is.
  const Interface* underlay(const TopologyLink& link, const IpAddress*& outer) {
    for (const char* key : {"local", "remote", "group"}) {
      const FieldValue* value = find_value(link.settings, key);
      if (value != nullptr) outer = std::get_if<IpAddress>(value);
      if (value == nullptr || link.parent != 0) continue;
      for (const auto& interface : topology_.nodes[link.end.node].interfaces) {
        const bool ours = std::any_of(
            interface.addresses.begin(), interface.addresses.end(), [&](const auto& address) {
              const bool local = std::string_view(key) == "local";
              return local ? address.value.address == *outer : address.value.contains(*outer);
            });
        if (ours && interface.name != "lo") return &interface;
      }
    }
    return find(link.parent_node, link.parent);
  }

  static std::uint32_t gre_options(const TopologyLink& link) {
    std::uint32_t out = 0;
    const auto on = [&](const char* key) { return find_setting(link.settings, key) != nullptr; };
    if (!std::string_view(link.kind->name).ends_with("span")) {
      if (on("key") || on("okey")) out += 4;
      if (on("csum") || on("ocsum")) out += 4;
      if (on("seq") || on("oseq")) out += 4;
    }
    return out;
  }

  void settle_tunnel(const TopologyLink& link) {
    const IpAddress* outer = nullptr;
    const Interface* below = underlay(link, outer);
    if (below == nullptr || outer == nullptr) return;
    Interface& end = topology_.interface(link.end);
    const bool six = outer->family == Family::ipv6;
    const std::uint32_t headers = link.kind->overhead + gre_options(link) + (six ? kIpv6More : 0);
    const std::uint32_t room = carried(link.end.node, *below);
    if (room <= headers) return;
    const std::uint32_t fits = room - headers;
    const bool kernel_guesses = is(end, "vxlan") || is(end, "geneve") || room != kEthernet;
    if (end.mtu == 0 && kernel_guesses) end.mtu = fits;
    if (end.mtu <= fits) return;
    diagnostics_.warning(
        end.at,
        fmt::format("{} has an MTU of {}, and {} bytes of headers do not fit into the {} of {}: "
                    "its largest packets are cut or lost",
                    end.name, end.mtu, headers, room, below->name),
        fmt::format("{} would fit: {} less {} ({}{})", fits, room, headers,
                    link.kind->overhead_words, six ? ", 20 more for IPv6" : ""));
  }

  Topology& topology_;
  Diagnostics& diagnostics_;
};

}  // namespace

void settle_mtus(Topology& topology, Diagnostics& diagnostics) {
  MtuSettler(topology, diagnostics).run();
}

}  // namespace netyard
