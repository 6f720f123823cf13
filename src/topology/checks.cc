// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "topology/resolver.h"

namespace netyard {
namespace {

constexpr std::size_t kMostPorts = 1023;  // BR_PORT_BITS in net/bridge/br_private.h
constexpr std::size_t kLongestNetns = 255;

// One address or subnet of the lab and whose it is.
struct Placed {
  IpPrefix prefix;
  std::uint32_t segment;
  NodeId node;
  const Interface* interface;
  Location at;
};

// The routing domain of an interface: the ifindex of its vrf, or 0.
std::uint32_t domain_of(const Interface& interface) {
  const bool member =
      interface.master_kind != nullptr && std::string_view(interface.master_kind->name) == "vrf";
  return member ? interface.master : 0;
}

std::string where(const Topology& topology, const Placed& placed) {
  return topology.nodes[placed.node].name + ":" + placed.interface->name;
}

std::vector<Placed> all_addresses(const Topology& topology) {
  std::vector<Placed> out;
  for (NodeId id = 0; id < topology.nodes.size(); ++id) {
    for (const auto& interface : topology.nodes[id].interfaces) {
      for (const auto& address : interface.addresses) {
        out.push_back({address.value, interface.segment, id, &interface, address.at});
      }
    }
  }
  return out;
}

class Checker {
 public:
  Checker(const spec::File& file, const Topology& topology, Diagnostics& diagnostics)
      : file_(file), topology_(topology), diagnostics_(diagnostics) {}

  void run() {
    const std::vector<Placed> addresses = all_addresses(topology_);
    note_domains();
    check_duplicates(addresses);
    check_overlaps(addresses);
    check_nodes();
    check_loops();
  }

 private:
  // With computed routes an address or subnet that is in two places has no way to it.
  void doubtful(const Location& at, std::string message, std::string hint) {
    if (file_.routing == spec::Routing::static_) {
      diagnostics_.error(at, std::move(message), std::move(hint));
    } else {
      diagnostics_.warning(at, std::move(message), std::move(hint));
    }
  }

  void check_duplicates(const std::vector<Placed>& addresses) {
    std::map<IpAddress, std::vector<const Placed*>> seen;
    for (const auto& placed : addresses) {
      auto& others = seen[placed.prefix.address];
      if (!others.empty()) report_duplicate(placed, others);
      others.push_back(&placed);
    }
  }

  // On a segment that a vrf is on.
  bool is_apart(const Placed& placed) const { return apart_.contains(placed.segment); }

  void note_domains() {
    for (const auto& node : topology_.nodes) {
      for (const auto& interface : node.interfaces) {
        if (domain_of(interface) != 0) apart_.insert(interface.segment);
      }
    }
  }

  void report_duplicate(const Placed& placed, const std::vector<const Placed*>& others) {
    const auto same = std::find_if(others.begin(), others.end(), [&](const Placed* other) {
      const bool one_domain = other->node == placed.node &&
                              domain_of(*other->interface) == domain_of(*placed.interface);
      return one_domain || (other->segment == placed.segment && placed.segment != 0);
    });
    // Routing domains may use the same addresses.
    const bool apart =
        is_apart(placed) ||
        std::any_of(others.begin(), others.end(), [&](const Placed* o) { return is_apart(*o); });
    if (same == others.end() && apart) return;
    const Placed& first = same != others.end() ? **same : *others.front();
    const std::string message =
        fmt::format("{} belongs to {} already, from {}", placed.prefix.address.to_string(),
                    where(topology_, first), first.at.to_string());
    if (same != others.end()) {
      diagnostics_.error(placed.at, message);
    } else {
      doubtful(placed.at, message, "it is on another segment, but the two cannot reach each other");
    }
  }

  // Sorted by address, a prefix that holds another stands before it: a stack of open ones suffices.
  void check_overlaps(const std::vector<Placed>& addresses) {
    std::vector<Placed> subnets;
    std::set<std::pair<IpPrefix, std::uint32_t>> seen;
    for (const auto& placed : addresses) {
      if (placed.segment == 0 || placed.prefix.length == placed.prefix.address.bits()) continue;
      if (placed.prefix.address.is_link_local()) continue;
      if (!seen.insert({placed.prefix.network(), placed.segment}).second) continue;
      subnets.push_back(placed);
      subnets.back().prefix = placed.prefix.network();
    }
    std::stable_sort(subnets.begin(), subnets.end(),
                     [](const Placed& a, const Placed& b) { return a.prefix < b.prefix; });
    std::vector<const Placed*> open;
    for (const auto& placed : subnets) {
      while (!open.empty() && !open.back()->prefix.overlaps(placed.prefix)) open.pop_back();
      const bool apart = !open.empty() && (is_apart(*open.back()) || is_apart(placed));
      if (!open.empty() && !apart && open.back()->segment != placed.segment)
        report_overlap(*open.back(), placed);
      open.push_back(&placed);
    }
  }

  void report_overlap(const Placed& a, const Placed& b) {
    const bool in_order = a.at.line <= b.at.line;
    const Placed& first = in_order ? a : b;
    const Placed& second = in_order ? b : a;
    const bool same = a.prefix == b.prefix;
    doubtful(
        second.at,
        fmt::format("{} at {} {} {} at {}, on another segment, from {}", second.prefix.to_string(),
                    where(topology_, second), same ? "is the same as" : "overlaps",
                    first.prefix.to_string(), where(topology_, first), first.at.to_string()),
        "hosts of one subnet reach each other only on one segment");
  }

  void check_nodes() {
    for (const auto& node : topology_.nodes) {
      if (node.netns.size() > kLongestNetns) {
        diagnostics_.error(node.at, "the name of the namespace is too long: " + node.netns);
      }
      check_ports(node);
      for (const auto& interface : node.interfaces) check_interface(interface);
    }
  }

  void check_ports(const Node& node) {
    std::map<std::uint32_t, std::size_t> ports;
    for (const auto& interface : node.interfaces) {
      const bool bridged = interface.master_kind != nullptr &&
                           std::string_view(interface.master_kind->name) == "bridge";
      if (!bridged || ++ports[interface.master] != kMostPorts + 1) continue;
      diagnostics_.error(interface.at, fmt::format("a bridge has at most {} ports", kMostPorts),
                         "split the segment between two switches");
    }
  }

  void check_interface(const Interface& interface) {
    for (const auto& address : interface.addresses) {
      const std::string_view master =
          interface.master_kind != nullptr ? interface.master_kind->name : "";
      if (!master.empty() && master != "vrf") {
        diagnostics_.error(
            address.at,
            fmt::format("{} is a port of a {}, and has no address of its own", interface.name,
                        master),
            fmt::format("give the address to the {}{}", master,
                        master == "bridge" ? ": 'interfaces: {br0: {…}}' of the switch" : ""));
      }
      const bool small = interface.mtu != 0 && interface.mtu < kLeastIpv6Mtu;
      if (small && address.value.family() == Family::ipv6) {
        diagnostics_.error(address.at, fmt::format("IPv6 needs an MTU of {}, {} has {}",
                                                   kLeastIpv6Mtu, interface.name, interface.mtu));
      }
    }
  }

  using Bridge = std::pair<NodeId, std::uint32_t>;

  // A cable between two bridges that are joined already closes a loop, in which frames run for
  // ever.
  void check_loops() {
    std::map<Bridge, Bridge> parent;
    const auto root = [&](Bridge bridge) {
      while (parent.contains(bridge) && parent[bridge] != bridge) bridge = parent[bridge];
      return bridge;
    };
    std::vector<std::pair<Bridge, const TopologyLink*>> loops;
    for (const auto& link : topology_.links) {
      if (!link.peer) continue;
      const auto bridge_of = [&](InterfaceRef ref) {
        const Interface& end = topology_.interface(ref);
        const bool bridged =
            end.master_kind != nullptr && std::string_view(end.master_kind->name) == "bridge";
        return bridged ? end.master : 0;
      };
      const std::uint32_t a = bridge_of(link.end);
      const std::uint32_t b = bridge_of(*link.peer);
      if (a == 0 || b == 0) continue;
      const Bridge one = root({link.end.node, a});
      const Bridge other = root({link.peer->node, b});
      if (one == other) {
        loops.push_back({one, &link});
      } else {
        parent[other] = one;
      }
    }
    for (const auto& [bridge, link] : loops) {
      if (has_stp(root(bridge), root)) continue;
      diagnostics_.warning(
          link->at,
          fmt::format("this link closes a loop of switches, through {} and {}",
                      topology_.nodes[link->end.node].name, topology_.nodes[link->peer->node].name),
          "without 'stp: true' on the switches a broadcast runs in it for ever");
    }
  }

  template <class Root>
  bool has_stp(const Bridge& component, const Root& root) const {
    return std::any_of(
        topology_.links.begin(), topology_.links.end(), [&](const TopologyLink& link) {
          const bool bridge = link.kind != nullptr && std::string_view(link.kind->name) == "bridge";
          if (!bridge ||
              root({link.end.node, topology_.interface(link.end).ifindex}) != component) {
            return false;
          }
          return std::any_of(link.settings.begin(), link.settings.end(),
                             [](const FieldSetting& setting) {
                               return std::string_view(setting.field->key) == "stp" &&
                                      setting.value == FieldValue(std::uint64_t{1});
                             });
        });
  }

  const spec::File& file_;
  const Topology& topology_;
  Diagnostics& diagnostics_;
  std::set<std::uint32_t> apart_;  // segments with members of a vrf
};

}  // namespace

void check_topology(const spec::File& file, const Topology& topology, Diagnostics& diagnostics) {
  Checker(file, topology, diagnostics).run();
}

}  // namespace netyard
