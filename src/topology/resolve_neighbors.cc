// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "topology/resolve_hops.h"

namespace netyard {
namespace {

class NeighborResolver {
 public:
  NeighborResolver(Node& node, HopResolver& hops, Diagnostics& diagnostics)
      : node_(node), hops_(hops), diagnostics_(diagnostics) {}

  /// `interface` is the one that the entry stands under; nullptr: under the node.
  void add(const spec::Neighbor& from, const Interface* interface) {
    const std::size_t mistakes = diagnostics_.errors();
    const Interface* device = device_of(from, interface);
    if (device == nullptr) return;
    Neighbor out;
    out.ifindex = device->ifindex;
    out.address = from.address.value;
    out.proxy = from.proxy;
    out.router = from.router;
    out.extern_learn = from.extern_learn;
    if (from.state) out.state = from.state->value;
    if (from.mac) out.mac = from.mac->value;
    check(from);
    if (!from.proxy && !from.mac) out.mac = mac_of(from, *device);
    if (diagnostics_.errors() == mistakes) keep(out, from);
  }

 private:
  const Interface* device_of(const spec::Neighbor& from, const Interface* interface) {
    if (interface != nullptr && from.dev) {
      diagnostics_.error(from.dev->at, "the entry stands under its interface already");
      return nullptr;
    }
    if (interface != nullptr) return interface;
    if (from.dev) return hops_.named(node_, *from.dev);
    const Interface* found = HopResolver::towards(node_, nullptr, from.address.value);
    if (found != nullptr) return found;
    diagnostics_.error(from.address.at,
                       fmt::format("no interface of {} is in a subnet with {}", node_.name,
                                   from.address.value.to_string()),
                       "say which one it is behind: 'dev'");
    return nullptr;
  }

  void check(const spec::Neighbor& from) {
    if (from.proxy && (from.mac || from.state)) {
      diagnostics_.error(from.mac ? from.mac->at : from.state->at,
                         "a proxy entry has neither a MAC address nor a state");
    }
    if (from.router && from.address.value.family == Family::ipv4) {
      diagnostics_.error(from.address.at, "only an IPv6 neighbour is known as a router");
    }
  }

  std::optional<MacAddress> mac_of(const spec::Neighbor& from, const Interface& device) {
    const Interface* owner = hops_.owner(device, from.address.value);
    if (owner != nullptr && owner->mac) return owner->mac;
    diagnostics_.error(from.address.at,
                       fmt::format("nobody on the segment has {}", from.address.value.to_string()),
                       "then its MAC address must be said: 'mac'");
    return {};
  }

  void keep(const Neighbor& neighbor, const spec::Neighbor& from) {
    for (const auto& other : node_.neighbors) {
      if (other.value.ifindex != neighbor.ifindex || other.value.address != neighbor.address ||
          other.value.proxy != neighbor.proxy) {
        continue;
      }
      diagnostics_.error(from.address.at,
                         fmt::format("{} is here twice; first at {}", neighbor.address.to_string(),
                                     other.at.to_string()));
      return;
    }
    node_.neighbors.push_back({neighbor, from.at});
  }

  Node& node_;
  HopResolver& hops_;
  Diagnostics& diagnostics_;
};

}  // namespace

void resolve_neighbors(const spec::Node& from, Node& node, HopResolver& hops,
                       Diagnostics& diagnostics) {
  NeighborResolver resolver(node, hops, diagnostics);
  for (const auto& neighbor : from.neighbors) resolver.add(neighbor, nullptr);
  for (const auto& interface : node.interfaces) {
    for (const auto& neighbor : interface.neighbors) resolver.add(neighbor, &interface);
  }
}

}  // namespace netyard
