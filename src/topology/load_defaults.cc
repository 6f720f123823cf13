// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/load_traffic.h"
#include "topology/reader.h"

namespace netyard::spec {
namespace {

void overlay(Tree& under, const Tree& over) {
  for (const auto& entry : over.entries) {
    std::erase_if(under.entries, [&](const auto& old) { return old.key->text == entry.key->text; });
    under.entries.push_back(entry);
  }
}

void check_link_defaults(Reader& reader, const Tree& link) {
  std::vector<std::string> known = traffic_names();
  known.emplace_back("mtu");
  for (const LinkKind* kind : link_kinds()) {
    for (const auto& field : kind->fields) known.emplace_back(field.key);
    for (const auto& field : kind->device_fields) known.emplace_back(field.key);
  }
  for (const auto& entry : link.entries) {
    const std::string& key = entry.key->text;
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    reader.error(entry.key->at, fmt::format("'{}' cannot be a default of links", key),
                 did_you_mean(key, known));
  }
}

void refuse_run(Reader& reader, Tree& node) {
  for (const auto& entry : node.entries) {
    if (entry.key->text != "run") continue;
    reader.error(entry.key->at, "'run' cannot be a default of nodes",
                 "what workloads have in common stands in 'defaults: {workload: {…}}'");
  }
  std::erase_if(node.entries, [](const Tree::Entry& entry) { return entry.key->text == "run"; });
}

// A default that no node uses is still checked: by a node that is then thrown away.
void check_node_defaults(Reader& reader, const Tree& node) {
  if (const Tree* interfaces = node.find("interfaces")) {
    reader.error(interfaces->at, "'interfaces' cannot be a default of nodes");
  }
  Tree nothing;
  Tree name;
  name.text = "defaults";
  File unused;
  Defaults alone;
  alone.node = node;
  read_node(reader, name, nothing, alone, unused);
}

struct Part {
  const char* name;
  Tree Defaults::*tree;
};
constexpr Part kParts[] = {
    {"node", &Defaults::node}, {"link", &Defaults::link}, {"workload", &Defaults::workload}};

void take(Reader& reader, const Tree::Entry& entry, Defaults& out) {
  const std::string& key = entry.key->text;
  const auto* part = std::find_if(std::begin(kParts), std::end(kParts),
                                  [&](const Part& p) { return key == p.name; });
  if (part == std::end(kParts)) {
    reader.error(entry.key->at, "unknown key '" + key + "'",
                 did_you_mean(key, {"node", "link", "workload"}));
  } else if (reader.expect(*entry.value, Tree::Kind::mapping, "a mapping")) {
    overlay(out.*part->tree, *entry.value);
  }
}

}  // namespace

Defaults read_defaults(Reader& reader, const std::vector<Tree::Pointer>& trees) {
  Defaults out;
  for (const auto& part : kParts) (out.*part.tree).kind = Tree::Kind::mapping;
  for (const auto& tree : trees) {
    const Tree* defaults = tree->find("defaults");
    if (defaults == nullptr || defaults->is_null()) continue;
    if (!reader.expect(*defaults, Tree::Kind::mapping, "a mapping")) continue;
    for (const auto& entry : defaults->entries) take(reader, entry, out);
  }
  refuse_run(reader, out.node);
  check_link_defaults(reader, out.link);
  if (!out.node.entries.empty()) check_node_defaults(reader, out.node);
  check_workload_defaults(reader, out.workload);
  return out;
}

}  // namespace netyard::spec
