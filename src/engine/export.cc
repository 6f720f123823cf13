// SPDX-License-Identifier: Apache-2.0
#include "engine/export.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "engine/export_view.h"
#include "engine/lost_lab.h"
#include "netlink/observe.h"
#include "netns/namespace.h"
#include "netns/pin.h"
#include "topology/plan.h"
#include "topology/write_yaml.h"

namespace netyard {
namespace {

constexpr std::size_t kLongestName = 63;

// "lab.h1" is no name of a node: "lab-h1".
std::string node_name(const std::string& netns) {
  std::string out = netns.substr(0, kLongestName);
  for (char& c : out) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-') c = '-';
  }
  if (!spec::name_problem(out).empty() || out == spec::kHostNode) out = "n" + out.substr(1);
  return out;
}

bool is_taken(const std::vector<ExportedNode>& nodes, const std::string& name) {
  return std::any_of(nodes.begin(), nodes.end(), [&](const auto& one) { return one.name == name; });
}

void add_namespace(const std::string& netns, std::vector<ExportedNode>& out) {
  open_namespace(netns);
  const std::string name = node_name(netns);
  std::string free = name;
  for (int number = 2; is_taken(out, free); ++number) free = name + "-" + std::to_string(number);
  out.push_back({free, netns, {}});
}

bool is_pinned(const std::string& netns) {
  const auto pinned = list_pinned();
  return std::any_of(pinned.begin(), pinned.end(),
                     [&](const PinnedEntry& entry) { return entry.name == netns; });
}

// One whose record is lost is found by its marks.
void add_lab(const std::string& lab, std::vector<ExportedNode>& out) {
  const FoundRecord found = find_record(lab);
  if (found.state == RecordState::none) {
    throw Error(0, "export", lab).reason("there is no namespace and no lab of this name");
  }
  if (found.state == RecordState::earlier_boot) {
    throw Error(0, "export", lab).reason("the lab was up before this boot, and is gone");
  }
  // The namespace of networks has a name that no node of a file has.
  for (const auto& node : found.record.nodes) {
    std::string name = node_name(node.name);
    if (is_taken(out, name)) continue;
    ExportedNode& exported = out.emplace_back(ExportedNode{std::move(name), node.netns, {}});
    for (const auto& link : found.record.taken) {
      if (link.netns == node.netns) exported.taken[link.name] = link.host_name;
    }
  }
}

// What netyard itself would say to the file.
void check(const Export& out, std::vector<std::string>& notes) {
  Diagnostics diagnostics;
  const auto read = [&](const std::string&) { return out.text; };
  const spec::File file = spec::load("export.yaml", read, {}, diagnostics);
  if (!diagnostics.has_errors()) resolve(file, diagnostics);
  for (const auto& item : diagnostics.items()) {
    if (item.severity != Severity::error) continue;
    notes.push_back("a topology file cannot say it so: " + item.message);
  }
}

std::string heading(const std::vector<std::string>& notes) {
  std::string out = "# Written by netyard export.\n";
  if (!notes.empty()) out += "#\n# Not as in the namespaces:\n";
  for (const auto& note : notes) out += "# - " + note + "\n";
  return out;
}

}  // namespace

NamespaceView::NamespaceView(const ExportedNode& exported)
    : name(exported.name),
      taken(exported.taken),
      fd(open_namespace(exported.netns)),
      socket(socket_in(fd.get())),
      links(observe_links(socket)),
      addresses(observe_addresses(socket)),
      node(OrderedJson::object()) {
  std::sort(links.begin(), links.end(),
            [](const LinkState& a, const LinkState& b) { return a.name < b.name; });
  for (const auto& link : links) names[link.ifindex] = link.name;
}

const LinkState* NamespaceView::find(std::uint32_t ifindex) const {
  for (const auto& link : links) {
    if (link.ifindex == ifindex) return &link;
  }
  return nullptr;
}

std::vector<ExportedNode> exported_nodes(const std::vector<std::string>& words) {
  std::vector<ExportedNode> out;
  if (words.empty()) {
    for (const auto& entry : list_pinned()) {
      if (entry.is_namespace) add_namespace(entry.name, out);
    }
  }
  for (const auto& word : words) {
    const auto labs = recorded_labs();
    const bool recorded = std::find(labs.begin(), labs.end(), word) != labs.end();
    if (!recorded && is_pinned(word)) {
      add_namespace(word, out);
    } else {
      add_lab(word, out);
    }
  }
  return out;
}

Export export_namespaces(const std::string& lab, const std::vector<ExportedNode>& nodes,
                         bool secrets) {
  Export out;
  const Note note = [&](const std::string& text) { out.notes.push_back(text); };
  std::vector<NamespaceView> views;
  views.reserve(nodes.size());
  for (const auto& node : nodes) views.emplace_back(node);
  OrderedJson file = {{"name", node_name(lab)}, {"nodes", OrderedJson::object()}};
  export_links(views, secrets, file, note);
  export_offloads(views, export_traffic(views, note), note);
  export_sysctls(views, note);
  for (auto& view : views) {
    export_bridge_tables(view, note);
    export_layer3(view, note);
    export_ruleset(view, note);
    file["nodes"][view.name] = std::move(view.node);
  }
  out.text = write_yaml(file);
  check(out, out.notes);
  out.text = heading(out.notes) + out.text;
  return out;
}

}  // namespace netyard
