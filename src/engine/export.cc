// SPDX-License-Identifier: Apache-2.0
#include "engine/export.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "engine/export_view.h"
#include "engine/record.h"
#include "netlink/observe.h"
#include "netns/namespace.h"
#include "netns/pin.h"
#include "process/command.h"
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
  out.push_back({free, netns});
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
    if (std::find(labs.begin(), labs.end(), word) == labs.end()) {
      add_namespace(word, out);
      continue;
    }
    const auto record = load_record(word);
    if (!record) continue;
    // The namespace of networks has a name that no node of a file has.
    for (const auto& node : record->nodes) {
      std::string name = node_name(node.name);
      if (!is_taken(out, name)) out.push_back({std::move(name), node.netns});
    }
  }
  return out;
}

Export export_namespaces(const std::string& lab, const std::vector<ExportedNode>& nodes) {
  Export out;
  const Note note = [&](const std::string& text) { out.notes.push_back(text); };
  std::vector<NamespaceView> views;
  views.reserve(nodes.size());
  for (const auto& node : nodes) views.emplace_back(node);
  OrderedJson file = {{"name", node_name(lab)}, {"nodes", OrderedJson::object()}};
  export_links(views, file, note);
  for (auto& view : views) {
    export_layer3(view, note);
    export_qdiscs(view, note);
    export_sysctls(view, note);
    export_ruleset(view, note);
    file["nodes"][view.name] = std::move(view.node);
  }
  out.text = write_yaml(file);
  check(out, out.notes);
  out.text = heading(out.notes) + out.text;
  return out;
}

void export_ruleset(NamespaceView& view, const Note& note) {
  Command list;
  list.argv = {"nft", "-s", "list", "ruleset"};
  list.namespace_fd = view.fd.get();
  list.only_network = true;
  CommandResult result = run_command(list, [] { return false; });
  if (!result.ok()) {
    note("rulesets of " + view.name + ": " +
         (result.failure.empty() ? result.describe() : result.failure));
    return;
  }
  // `$` begins a variable of the file; nft's own are gone in what it lists.
  std::string text;
  for (const char c : result.output) text += c == '$' ? "$$" : std::string(1, c);
  std::replace(text.begin(), text.end(), '\t', ' ');
  if (!text.empty()) view.node["nftables"] = text;
}

}  // namespace netyard
