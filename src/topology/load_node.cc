// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/layer3_reader.h"

namespace netyard::spec {
namespace {

const LinkKind& bridge_kind() {
  return *find_link_kind("bridge");
}

void read_kind(Reader& reader, const Tree& value, Node& node) {
  static const std::vector<std::string> kKinds = {"host", "router", "switch"};
  const auto word = reader.text(value, "a kind of node");
  if (!word) return;
  const auto found = std::find(kKinds.begin(), kKinds.end(), word->value);
  if (found == kKinds.end()) {
    const std::string hint = did_you_mean(word->value, kKinds);
    reader.error(value.at, fmt::format("unknown kind of node '{}'", word->value),
                 hint.empty() ? "there are host, router and switch" : hint);
    return;
  }
  node.kind = static_cast<NodeKind>(found - kKinds.begin());
}

void read_exec(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::sequence, "a list of commands")) return;
  for (const auto& item : value.items) {
    if (auto argv = reader.command(*item)) node.exec.push_back({std::move(*argv), item->at});
  }
}

bool read_bridge_field(Reader& reader, const std::string& key, const Tree& value, Node& node) {
  const Field* field = bridge_kind().find(key);
  if (field == nullptr) return false;
  if (node.kind != NodeKind::switch_) {
    reader.error(value.at,
                 fmt::format("'{}' is for switches, this node is a {}", key, to_string(node.kind)),
                 "add 'kind: switch'");
    return true;
  }
  if (auto setting = reader.field(*field, value)) node.bridge.push_back(std::move(*setting));
  return true;
}

void read_subnet(Reader& reader, const Tree& value, Node& node) {
  node.subnets = reader.subnets(value);
  if (node.kind != NodeKind::switch_) {
    reader.error(value.at,
                 fmt::format("'subnet' is for switches, this node is a {}", to_string(node.kind)),
                 "give the subnet to a link, or add 'kind: switch'");
  }
}

constexpr Key<Node> kNodeKeys[] = {
    {"kind", "nodeKind", "what the node is: host, router or switch", read_kind},
    {"interfaces", "interfaces", "more about its interfaces, by name", read_interfaces},
    {"routes", "routes", "routes, in the words of ip-route(8)", read_routes},
    {"mpls", "mplsRoutes", "what becomes of packets with MPLS labels", read_mpls_routes},
    {"nexthops", "nexthops", "nexthop objects for routes, by id", read_nexthops},
    {"rules", "rules", "policy rules, in the words of ip-rule(8)", read_rules},
    {"neighbors", "neighbors", "neighbour entries, in the words of ip-neighbour(8)",
     [](Reader& reader, const Tree& value, Node& out) {
       out.neighbors = read_neighbors(reader, value);
     }},
    {"dad", "boolean", "IPv6: duplicate address detection, which 'up' waits for; off by default",
     [](Reader& reader, const Tree& value, Node& out) {
       out.dad = reader.boolean(value).value_or(false);
     }},
    {"sysctls", "sysctls", "sysctls of its namespace",
     [](Reader& reader, const Tree& value, Node& out) {
       out.sysctls = read_sysctls(reader, value, false);
     }},
    {"exec", "commands", "commands to run in it when all is wired", read_exec},
    {"run", "run", "workloads, by name", read_run},
    {"nftables", "nftables", "a ruleset for nft(8), as text or {file: PATH}", read_nftables},
    {"nat", "nat", "address translation", read_nat},
    {"conntrack", "conntrack", "times after which connections are forgotten", read_conntrack},
    {"uplink", "uplink", "a way to the outside through the host", read_uplink},
    {"hosts", "hosts", "more lines of its /etc/hosts; none: the host's is seen",
     [](Reader& reader, const Tree& value, Node& out) { read_hosts(reader, value, out.hosts); }},
    {"dns", "dns", "its /etc/resolv.conf",
     [](Reader& reader, const Tree& value, Node& out) { read_dns(reader, value, out.dns); }},
    {"subnet", "subnets", "switch: the subnet of its segment", read_subnet},
};

// A node's own words, then the defaults it does not override; sysctls are joined key by key.
Tree with_defaults(const Tree& own, const Tree& defaults) {
  Tree out = own;
  if (out.is_null()) {
    out.kind = Tree::Kind::mapping;
    out.text.clear();
  }
  for (const auto& entry : defaults.entries) {
    const Tree* mine = own.find(entry.key->text);
    if (mine == nullptr) {
      out.entries.push_back(entry);
    } else if (entry.key->text == "sysctls" && mine->is_mapping() && entry.value->is_mapping()) {
      auto joined = std::make_shared<Tree>(with_defaults(*mine, *entry.value));
      for (auto& place : out.entries) {
        if (place.key->text == "sysctls") place.value = joined;
      }
    }
  }
  return out;
}

// Defaults that only a switch knows are for switches.
Tree fitting_defaults(const Tree& defaults, bool is_switch) {
  Tree out = defaults;
  std::erase_if(out.entries, [&](const Tree::Entry& entry) {
    const bool bridge_only =
        entry.key->text == "subnet" || bridge_kind().find(entry.key->text) != nullptr;
    return bridge_only && !is_switch;
  });
  return out;
}

const Tree* kind_of(const Tree& value, const Tree& defaults) {
  const Tree* own = value.find("kind");
  return own != nullptr ? own : defaults.find("kind");
}

// A node with all defaults in it.
Tree filled(const Tree& value, const Defaults& defaults, bool is_switch) {
  Tree out = with_defaults(value, fitting_defaults(defaults.node, is_switch));
  for (auto& entry : out.entries) {
    if (entry.key->text != "run") continue;
    entry.value = std::make_shared<Tree>(with_workload_defaults(*entry.value, defaults.workload));
  }
  return out;
}

}  // namespace

std::vector<std::string> bridge_field_names() {
  std::vector<std::string> names;
  for (const auto& field : bridge_kind().fields) names.emplace_back(field.key);
  return names;
}

std::span<const Key<Node>> node_keys() {
  return kNodeKeys;
}

void read_node(Reader& reader, const Tree& key, const Tree& value, const Defaults& defaults,
               File& file) {
  const auto name = reader.name(key, "name of a node");
  if (!name) return;
  if (name->value == kHostNode) {
    reader.error(key.at, "a node cannot be called 'host'",
                 "in endpoints, host:IF is the namespace that netyard runs in");
    return;
  }
  if (!value.is_null() && !reader.expect(value, Tree::Kind::mapping, "a mapping")) return;
  Node node;
  node.name = *name;
  node.at = key.at;
  // The kind decides which keys there are, wherever it stands in the mapping.
  if (const Tree* kind = kind_of(value, defaults.node)) read_kind(reader, *kind, node);
  const Tree merged = filled(value, defaults, node.kind == NodeKind::switch_);
  static const std::vector<std::string> kBridgeFields = bridge_field_names();
  read_mapping<Node>(reader, merged, kNodeKeys, node, read_bridge_field,
                     node.kind == NodeKind::switch_ ? kBridgeFields : std::vector<std::string>());
  file.nodes.push_back(std::move(node));
}

}  // namespace netyard::spec
