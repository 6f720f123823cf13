// SPDX-License-Identifier: Apache-2.0
#include "topology/resolve_hops.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggest.h"

namespace netyard {
namespace {

constexpr const char* kVrf = "vrf";

}  // namespace

HopResolver::HopResolver(const std::vector<bool>& open, const Topology& topology,
                         Diagnostics& diagnostics)
    : open_(open), topology_(topology), diagnostics_(diagnostics) {
  for (const auto& node : topology.nodes) {
    for (const auto& interface : node.interfaces) {
      for (const auto& address : interface.addresses) {
        owners_.emplace(std::pair{interface.segment, address.value.address},
                        Owner{&node, &interface});
      }
    }
  }
}

std::optional<NextHop> HopResolver::resolve(const Node& node, const spec::Hop& hop, Family family) {
  const Interface* device = nullptr;
  if (hop.dev) {
    device = named(node, *hop.dev);
    if (device == nullptr) return {};
  }
  if (hop.onlink && (!hop.via || !hop.dev)) {
    diagnostics_.error(*hop.onlink, "'onlink' needs 'via' and 'dev'");
    return {};
  }
  if (!hop.via && device == nullptr) {
    diagnostics_.error(hop.at, "the route has neither 'via' nor 'dev'");
    return {};
  }
  if (hop.via && family == Family::ipv6 && hop.via->value.family == Family::ipv4) {
    diagnostics_.error(hop.via->at, "an IPv6 route cannot go by way of an IPv4 gateway");
    return {};
  }
  return through(node, device, hop);
}

std::optional<NextHop> HopResolver::through(const Node& node, const Interface* device,
                                            const spec::Hop& hop) {
  const auto weight = static_cast<std::uint16_t>(hop.weight ? hop.weight->value : 1U);
  NextHop out{std::nullopt, 0, weight, hop.onlink.has_value(), hop.encap};
  if (hop.via) {
    out.gateway = hop.via->value;
    if (is_own(node, *hop.via)) return {};
  }
  if (hop.via && hop.via->value.is_link_local() && device == nullptr) {
    diagnostics_.error(hop.via->at, "a link-local gateway needs 'dev'");
    return {};
  }
  const bool any = !hop.via || hop.onlink || hop.via->value.is_link_local();
  const Interface* way = any ? device : towards(node, device, hop.via->value);
  if (way == nullptr) {
    const std::string which =
        device == nullptr ? "no interface of " + node.name : device->name + " of " + node.name;
    diagnostics_.error(hop.via->at,
                       fmt::format("{} is{} in a subnet with {}", which,
                                   device == nullptr ? "" : " not", hop.via->value.to_string()),
                       subnets_of(node));
    return {};
  }
  if (!any) check_owner(*way, *hop.via);
  out.ifindex = way->ifindex;
  return out;
}

const Interface* HopResolver::named(const Node& node, const Located<std::string>& name) {
  std::vector<std::string> names;
  for (const auto& interface : node.interfaces) {
    if (interface.name == name.value) return &interface;
    names.push_back(interface.name);
  }
  diagnostics_.error(name.at, fmt::format("{} has no interface '{}'", node.name, name.value),
                     did_you_mean(name.value, names));
  return nullptr;
}

bool HopResolver::is_own(const Node& node, const Located<IpAddress>& via) {
  for (const auto& interface : node.interfaces) {
    for (const auto& address : interface.addresses) {
      if (address.value.address != via.value) continue;
      diagnostics_.error(via.at, fmt::format("the gateway {} is {}'s own address",
                                             via.value.to_string(), node.name));
      return true;
    }
  }
  return false;
}

const Interface* HopResolver::towards(const Node& node, const Interface* device,
                                      const IpAddress& address) {
  const Interface* best = nullptr;
  int length = -1;
  for (const auto& interface : node.interfaces) {
    if (device != nullptr && &interface != device) continue;
    for (const auto& own : interface.addresses) {
      if (!own.subnet().contains(address) || own.value.length <= length) continue;
      best = &interface;
      length = own.value.length;
    }
  }
  return best;
}

std::string HopResolver::subnets_of(const Node& node) {
  std::string out;
  for (const auto& interface : node.interfaces) {
    for (const auto& address : interface.addresses) {
      out += (out.empty() ? "it is in " : ", ") + address.subnet().to_string();
    }
  }
  return out.empty() ? "it has no address at all" : out;
}

const Interface* HopResolver::owner(const Interface& interface, const IpAddress& address) const {
  const auto found = owners_.find({interface.segment, address});
  return found == owners_.end() ? nullptr : found->second.interface;
}

void HopResolver::check_owner(const Interface& interface, const Located<IpAddress>& via) {
  if (open_[interface.segment] || owner(interface, via.value) != nullptr) return;
  std::string others;
  const auto begin = owners_.lower_bound({interface.segment, IpAddress{via.value.family, {}}});
  for (auto owner = begin; owner != owners_.end() && owner->first.first == interface.segment;
       ++owner) {
    if (owner->first.second.family != via.value.family || others.size() > 80) break;
    others += (others.empty() ? "there are " : ", ") + owner->first.second.to_string() + " (" +
              owner->second.node->name + ")";
  }
  diagnostics_.error(via.at, fmt::format("nobody on the segment has {}", via.value.to_string()),
                     others);
}

std::optional<std::uint32_t> HopResolver::vrf_table(const Node& node,
                                                    const Located<std::string>& vrf) {
  const Interface* interface = named(node, vrf);
  if (interface == nullptr) return {};
  const auto id = static_cast<NodeId>(&node - topology_.nodes.data());
  const auto table = vrf_table_of(topology_, id, *interface);
  if (!table) {
    diagnostics_.error(
        vrf.at, fmt::format("{} of {} is a {}, and no VRF", vrf.value, node.name, interface->kind));
  }
  return table;
}

std::optional<std::uint32_t> HopResolver::table(const Node& node,
                                                const std::optional<Located<std::uint32_t>>& table,
                                                const std::optional<Located<std::string>>& vrf,
                                                std::uint32_t usual) {
  if (table && vrf) {
    diagnostics_.error(vrf->at, "'table' and 'vrf' say the same thing",
                       "a VRF has a table of its own");
    return {};
  }
  if (vrf) return vrf_table(node, *vrf);
  return table ? table->value : usual;
}

std::optional<std::uint32_t> vrf_table_of(const Topology& topology, NodeId node,
                                          const Interface& interface) {
  if (interface.kind != kVrf) return {};
  const auto index =
      static_cast<std::uint32_t>(&interface - topology.nodes[node].interfaces.data());
  for (const auto& link : topology.links) {
    if (link.end != InterfaceRef{node, index}) continue;
    for (const auto& setting : link.settings) {
      if (std::string_view(setting.field->key) != "table") continue;
      return static_cast<std::uint32_t>(std::get<std::uint64_t>(setting.value));
    }
  }
  return {};
}

}  // namespace netyard
