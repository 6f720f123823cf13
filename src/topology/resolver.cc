// SPDX-License-Identifier: Apache-2.0
#include "topology/resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggest.h"
#include "topology/resolve_traffic.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

NodeKind node_kind(spec::NodeKind kind) {
  static constexpr NodeKind kKinds[] = {NodeKind::host, NodeKind::router, NodeKind::switch_};
  return kKinds[static_cast<std::size_t>(kind)];
}

// The interface that a sysctl is about, when it is about one.
std::string interface_of(const std::string& path) {
  for (const char* prefix : {"net/ipv4/conf/", "net/ipv6/conf/", "net/ipv4/neigh/",
                             "net/ipv6/neigh/", "net/mpls/conf/"}) {
    if (!path.starts_with(prefix)) continue;
    const std::size_t begin = std::string(prefix).size();
    const std::string name = path.substr(begin, path.find('/', begin) - begin);
    return name == "all" || name == "default" || name == "lo" ? "" : name;
  }
  return {};
}

}  // namespace

const char* to_string(NodeKind kind) {
  static constexpr const char* kWords[] = {"host", "router", "switch", "segments"};
  return kWords[static_cast<std::size_t>(kind)];
}

Topology Resolver::run() {
  topology_.name = file_.name.value;
  add_nodes();
  note_names();
  add_links();
  add_networks();
  add_uplinks();
  apply_parents();
  apply_masters();
  apply_details();
  check_unused_details();
  give_macs();
  add_sysctls();
  return std::move(topology_);
}

void Resolver::add_nodes() {
  Node host;
  host.name = spec::kHostNode;
  topology_.nodes.push_back(std::move(host));
  interfaces_.emplace_back();
  reserved_.emplace_back();
  details_.emplace_back();
  by_name_[spec::kHostNode] = kHost;
  for (const auto& node : file_.nodes) add_node(node);
}

NodeId Resolver::add_node(const spec::Node& node) {
  const auto id = static_cast<NodeId>(topology_.nodes.size());
  Node out;
  out.name = node.name.value;
  out.kind = node_kind(node.kind);
  out.netns = topology_.name + "." + out.name;
  out.exec = node.exec;
  out.at = node.at;
  Interface loopback;
  loopback.name = "lo";
  loopback.ifindex = 1;
  loopback.kind = "loopback";
  loopback.at = node.at;
  out.interfaces.push_back(loopback);
  topology_.nodes.push_back(std::move(out));
  by_name_[node.name.value] = id;
  interfaces_.push_back({{"lo", 0}});
  reserved_.push_back({"lo"});
  details_.emplace_back();
  for (const auto& interface : node.interfaces) {
    details_[id][interface.name.value] = &interface;
    reserved_[id].insert(interface.name.value);
  }
  if (const auto lo = details_[id].find("lo"); lo != details_[id].end()) {
    add_details({id, 0}, topology_.nodes[id].interfaces[0], *lo->second);
  }
  if (node.kind == spec::NodeKind::switch_) add_switch_bridge(id, node);
  return id;
}

void Resolver::add_switch_bridge(NodeId id, const spec::Node& node) {
  add_bridge(id, kSwitchBridge, node.bridge, node.at);
  if (const auto own = details_[id].find(kSwitchBridge); own != details_[id].end()) {
    const auto last = static_cast<std::uint32_t>(topology_.nodes[id].interfaces.size() - 1);
    add_details({id, last}, topology_.nodes[id].interfaces.back(), *own->second);
  }
}

std::uint32_t Resolver::add_bridge(NodeId node, const std::string& name,
                                   const std::vector<spec::Setting>& fields, const Location& at) {
  Interface bridge;
  bridge.name = name;
  bridge.ifindex = number_of(node, name);
  bridge.kind = "bridge";
  bridge.at = at;
  const auto index = static_cast<std::uint32_t>(topology_.nodes[node].interfaces.size());
  interfaces_[node][name] = index;
  reserved_[node].insert(name);
  TopologyLink link;
  link.kind = find_link_kind("bridge");
  link.end = {node, index};
  link.at = at;
  for (const auto& field : fields) link.settings.push_back(field.setting);
  topology_.nodes[node].interfaces.push_back(std::move(bridge));
  topology_.links.push_back(std::move(link));
  return topology_.nodes[node].interfaces.back().ifindex;
}

void Resolver::note_names() {
  for (const auto& link : file_.links) {
    for (const auto& endpoint : link.endpoints) note_name(endpoint);
  }
  for (const auto& network : file_.networks) {
    for (const auto& endpoint : network.endpoints) note_name(endpoint);
  }
}

void Resolver::note_name(const spec::Endpoint& endpoint) {
  const auto node = by_name_.find(endpoint.node.value);
  if (node != by_name_.end() && !endpoint.interface.name.value.empty()) {
    reserved_[node->second].insert(endpoint.interface.name.value);
  }
}

std::optional<Resolver::End> Resolver::find_end(const spec::Endpoint& endpoint) {
  const auto found = by_name_.find(endpoint.node.value);
  if (found != by_name_.end()) return End{found->second, &endpoint};
  std::vector<std::string> names;
  for (const auto& node : topology_.nodes) names.push_back(node.name);
  const std::string hint = did_you_mean(endpoint.node.value, names);
  diagnostics_.error(endpoint.node.at, fmt::format("there is no node '{}'", endpoint.node.value),
                     hint.empty() ? "add it to 'nodes:'" : hint);
  return {};
}

std::string Resolver::name_for(const End& end, const char* stem) {
  const std::string& given = end.spec->interface.name.value;
  if (!given.empty()) return given;
  for (unsigned number = 0;; ++number) {
    std::string name = fmt::format("{}{}", stem, number);
    if (reserved_[end.node].insert(name).second) return name;
  }
}

void Resolver::add_details(InterfaceRef ref, Interface& interface, const spec::Interface& details) {
  if (!details.details.empty()) described_.emplace_back(ref, details);
  interface.addresses.insert(interface.addresses.end(), details.addresses.begin(),
                             details.addresses.end());
  if (details.mac) interface.mac = details.mac->value;
  if (details.mtu) interface.mtu = details.mtu->value;
  if (details.dad) interface.dad = details.dad;
  if (details.cost) interface.cost = details.cost->value;
  if (details.address_generation) interface.address_generation = details.address_generation;
  if (details.token) interface.token = details.token;
  interface.sysctls.insert(interface.sysctls.end(), details.sysctls.begin(), details.sysctls.end());
  interface.neighbors.insert(interface.neighbors.end(), details.neighbors.begin(),
                             details.neighbors.end());
  overlay_traffic(interface.traffic, details.traffic);
}

std::optional<InterfaceRef> Resolver::add_end(const End& end, const char* kind, std::uint32_t mtu) {
  Node& node = topology_.nodes[end.node];
  if (end.node == kHost && end.spec->interface.name.value.empty()) {
    diagnostics_.error(end.spec->at, "an end on the host needs a name", "write host:NAME");
    return {};
  }
  Interface interface;
  interface.name = name_for(end, node.kind == NodeKind::switch_ ? "p" : "eth");
  interface.ifindex = end.node == kHost ? 0 : number_of(end.node, interface.name);
  interface.kind = kind;
  interface.mtu = mtu;
  interface.at = end.spec->at;
  const auto index = static_cast<std::uint32_t>(node.interfaces.size());
  const auto [taken, fresh] = interfaces_[end.node].emplace(interface.name, index);
  if (!fresh) {
    const Interface& first = node.interfaces[taken->second];
    diagnostics_.error(end.spec->at,
                       fmt::format("{} has an interface '{}' already; first at {}", node.name,
                                   interface.name, first.at.to_string()),
                       "an interface is the end of one link");
    return {};
  }
  add_details({end.node, index}, interface, end.spec->interface);
  if (end.spec->interface.master)
    masters_.push_back({{end.node, index}, *end.spec->interface.master});
  const auto more = details_[end.node].find(interface.name);
  if (more != details_[end.node].end()) {
    const spec::Interface& details = *more->second;
    const bool twice = (details.mtu && end.spec->interface.mtu) || (details.mac && interface.mac);
    if (twice) {
      diagnostics_.error(details.at, fmt::format("'{}' is described here and at {}, differently",
                                                 interface.name, end.spec->at.to_string()));
    }
    add_details({end.node, index}, interface, details);
    if (details.master) masters_.push_back({{end.node, index}, *details.master});
  }
  const LinkKind* known = find_link_kind(kind);
  const bool may_be_port =
      known == nullptr || !known->takes_ports || std::string_view(kind) == "bond";
  if (node.kind == NodeKind::switch_ && may_be_port) {
    interface.master = node.interfaces[interfaces_[end.node].at(kSwitchBridge)].ifindex;
  }
  node.interfaces.push_back(std::move(interface));
  return InterfaceRef{end.node, index};
}

void Resolver::check_unused_details() {
  for (NodeId id = 0; id < details_.size(); ++id) {
    std::vector<std::string> names;
    for (const auto& [name, index] : interfaces_[id]) names.push_back(name);
    for (const auto& [name, details] : details_[id]) {
      if (interfaces_[id].contains(name)) continue;
      diagnostics_.error(details->at,
                         fmt::format("{} has no interface '{}'", topology_.nodes[id].name, name),
                         did_you_mean(name, names));
    }
  }
}

void Resolver::give_macs() {
  std::unordered_set<std::string> used;
  for (const auto& node : topology_.nodes) {
    for (const auto& interface : node.interfaces) {
      if (interface.mac) used.insert(interface.mac->to_string());
    }
  }
  for (auto& node : topology_.nodes) {
    for (auto& interface : node.interfaces) {
      const LinkKind* kind = find_link_kind(interface.kind);
      const bool ours = kind != nullptr && kind->own_mac;
      for (unsigned attempt = 0; ours && !interface.mac; ++attempt) {
        const auto mac = mac_from_names(topology_.name, node.name, interface.name, attempt);
        if (used.insert(mac.to_string()).second) interface.mac = mac;
      }
    }
  }
}

void Resolver::add_sysctls() {
  for (NodeId id = 1; id < topology_.nodes.size(); ++id) {
    Node& node = topology_.nodes[id];
    const auto early = [&](const char* path, const char* value) {
      node.early_sysctls.push_back({path, path, value, node.at});
    };
    if (node.kind == NodeKind::router) {
      early("net/ipv4/ip_forward", "1");
      early("net/ipv6/conf/all/forwarding", "1");
    }
    const bool bridging = node.kind == NodeKind::switch_ || node.kind == NodeKind::segments;
    // One write a namespace spares each port a message: no link-local address on ports.
    if (bridging) early("net/ipv6/conf/default/addr_gen_mode", "1");
    const bool dad = id <= file_.nodes.size() && file_.nodes[id - 1].dad;
    if (!bridging && !dad) early("net/ipv6/conf/default/accept_dad", "0");
  }
  for (const auto& node : file_.nodes) {
    const auto id = by_name_.at(node.name.value);
    Node& out = topology_.nodes[id];
    for (const auto& sysctl : node.sysctls) {
      const std::string interface = interface_of(sysctl.path);
      if (interface.empty()) {
        out.early_sysctls.push_back(sysctl);
      } else if (interfaces_[id].contains(interface)) {
        out.late_sysctls.push_back(sysctl);
      } else {
        diagnostics_.error(sysctl.at, fmt::format("{} has no interface '{}'", out.name, interface));
      }
    }
  }
}

// FNV-1a over the names with a separator that no name holds, then a finalizer to spread it.
MacAddress mac_from_names(const std::string& lab, const std::string& node,
                          const std::string& interface, unsigned attempt) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : fmt::format("{}\n{}\n{}\n{}", lab, node, interface, attempt)) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33;
  MacAddress mac;
  for (auto& byte : mac.bytes) {
    byte = static_cast<std::uint8_t>(hash);
    hash >>= 8;
  }
  mac.bytes[0] = static_cast<std::uint8_t>((mac.bytes[0] & 0xfc) | 0x02);
  return mac;
}

}  // namespace netyard
