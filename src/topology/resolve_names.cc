// SPDX-License-Identifier: Apache-2.0
// The files in /etc by which nodes find each other.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "topology/resolver.h"

namespace netyard {
namespace {

constexpr const char* kLocalNames =
    "127.0.0.1\tlocalhost\n"
    "::1\tlocalhost ip6-localhost ip6-loopback\n"
    "ff02::1\tip6-allnodes\n"
    "ff02::2\tip6-allrouters\n";

bool is_loopback(const IpAddress& address) {
  static const IpPrefix kFour = *IpPrefix::parse("127.0.0.0/8");
  static const IpPrefix kSix = *IpPrefix::parse("::1/128");
  return (address.family == Family::ipv4 ? kFour : kSix).contains(address);
}

// Every address has a name of its own, NODE-INTERFACE. The first of each family is also the
// node's: those of lo, which no link takes away, come first.
std::string names_of(const Node& node) {
  std::string out;
  std::set<Family> named;
  for (const auto& interface : node.interfaces) {
    for (const auto& located : interface.addresses) {
      const IpAddress& address = located.value.address;
      if (address.is_link_local() || is_loopback(address)) continue;
      const bool first = named.insert(address.family).second;
      out += fmt::format("{}\t{}{}-{}\n", address.to_string(), first ? node.name + " " : "",
                         node.name, interface.name);
    }
  }
  return out;
}

std::string lines_of(const spec::Hosts& hosts) {
  std::string out;
  for (const auto& entry : hosts.entries) {
    out += fmt::format("{}\t{}\n", entry.address.to_string(), entry.name.value);
  }
  return out;
}

std::string resolv_conf(const spec::Dns& dns) {
  std::string out;
  for (const auto& server : dns.servers) out += "nameserver " + server.to_string() + "\n";
  if (!dns.search.empty()) out += fmt::format("search {}\n", fmt::join(dns.search, " "));
  if (!dns.options.empty()) out += fmt::format("options {}\n", fmt::join(dns.options, " "));
  return out;
}

void check_entries(const spec::Hosts& hosts, const std::set<std::string>& nodes,
                   Diagnostics& diagnostics) {
  for (const auto& entry : hosts.entries) {
    if (!nodes.contains(entry.name.value)) continue;
    diagnostics.error(
        entry.name.at,
        fmt::format("'{}' is a node: its addresses have its name already", entry.name.value));
  }
}

}  // namespace

void resolve_names(const spec::File& file, Topology& topology, Diagnostics& diagnostics) {
  std::set<std::string> nodes;
  for (const auto& node : file.nodes) nodes.insert(node.name.value);
  check_entries(file.hosts, nodes, diagnostics);
  std::string everybody = kLocalNames;
  for (NodeId id = 1; id < topology.nodes.size(); ++id) everybody += names_of(topology.nodes[id]);
  everybody += lines_of(file.hosts);
  if (!file.hosts.none) topology.etc.push_back({"hosts", everybody});
  if (file.dns) topology.etc.push_back({"resolv.conf", resolv_conf(*file.dns)});
  // File nodes are nodes 1, 2, …, in the same order.
  NodeId id = 1;
  for (const auto& node : file.nodes) {
    Node& out = topology.nodes[id++];
    check_entries(node.hosts, nodes, diagnostics);
    out.sees_lab_hosts = !node.hosts.none;
    if (!node.hosts.entries.empty()) {
      const std::string& common = file.hosts.none ? kLocalNames : everybody;
      out.etc.push_back({"hosts", common + lines_of(node.hosts)});
    }
    if (node.dns) out.etc.push_back({"resolv.conf", resolv_conf(*node.dns)});
  }
}

}  // namespace netyard
