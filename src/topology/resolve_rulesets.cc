// SPDX-License-Identifier: Apache-2.0
// Rulesets for nft(8) out of `nftables:`, `nat:` and `uplink:`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "topology/nat_table.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

// A router lets others out by its uplink: to the host only its own address is known.
std::vector<spec::Nat> nat_of(const spec::Node& spec, const Node& node) {
  std::vector<spec::Nat> out = spec.nat;
  if (node.uplink.empty() || node.kind != NodeKind::router) return out;
  spec::Nat nat;
  nat.masquerade = {node.uplink, spec.uplink->at};
  nat.at = spec.uplink->at;
  out.push_back(std::move(nat));
  return out;
}

void add_ruleset(const spec::Node& spec, Node& node, Diagnostics& diagnostics) {
  Ruleset ruleset;
  ruleset.lines = spec.nftables;
  if (!ruleset.lines.empty()) ruleset.title = "nftables";
  add_nat_table(node, nat_of(spec, node), ruleset, diagnostics);
  if (!ruleset.lines.empty()) node.ruleset = std::move(ruleset);
  for (const auto& sysctl : spec.conntrack) node.late_sysctls.push_back(sysctl);
  if (!spec.conntrack.empty() && !node.ruleset) {
    diagnostics.error(spec.conntrack.front().at,
                      fmt::format("nothing in {} follows connections", node.name),
                      "'conntrack' goes with 'nat' or 'nftables'");
  }
}

// One table of the host that is ours: it translates what comes from uplinks.
void add_host_table(const std::string& instance, Topology& topology) {
  std::vector<std::string> subnets, links;
  Location at;
  for (const auto& node : topology.nodes) {
    for (const auto& interface : node.interfaces) {
      if (node.uplink.empty() || interface.name != node.uplink) continue;
      const Interface& outside = topology.interface(*interface.peer);
      subnets.push_back(outside.addresses.front().value.network().to_string());
      links.push_back("\"" + outside.name + "\"");
      if (!at) at = interface.at;
    }
  }
  if (subnets.empty()) return;
  topology.host_table = "netyard_" + topology.name + (instance.empty() ? "" : "_" + instance);
  Ruleset ruleset;
  ruleset.title = "table ip " + topology.host_table;
  for (auto& line : {fmt::format("table ip {} {{", topology.host_table),
                     fmt::format("comment \"netyard:{}\"", topology.name),
                     std::string("chain postrouting { type nat hook postrouting priority srcnat;"),
                     fmt::format("ip saddr {{ {} }} oifname != {{ {} }} masquerade",
                                 fmt::join(subnets, ", "), fmt::join(links, ", ")),
                     std::string("}"), std::string("}")}) {
    ruleset.lines.push_back({line, at});
  }
  topology.nodes[kHost].ruleset = std::move(ruleset);
}

}  // namespace

std::string Ruleset::text() const {
  std::string out;
  for (const auto& line : lines) out += line.value + "\n";
  return out;
}

void resolve_rulesets(const spec::File& file, Topology& topology, Diagnostics& diagnostics) {
  // File nodes are nodes 1, 2, …, in the same order.
  NodeId id = 1;
  for (const auto& node : file.nodes) add_ruleset(node, topology.nodes[id++], diagnostics);
  add_host_table(file.instance, topology);
}

}  // namespace netyard
