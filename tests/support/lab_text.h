// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <map>
#include <string>

#include "base/error.h"
#include "topology/plan.h"

namespace netyard::test {

/// A lab from the text of its file, as far as it gets.
struct LabText {
  spec::File file;
  Topology topology;
  Plan plan;
  Diagnostics diagnostics;
};

/// Loads "lab.yaml" out of `files`.
inline LabText load_files(const std::map<std::string, std::string>& files,
                          const spec::LoadOptions& options = {}) {
  LabText out;
  const auto read = [&](const std::string& path) {
    const auto found = files.find(path);
    if (found == files.end()) throw Error(ENOENT, "open", path);
    return found->second;
  };
  out.file = spec::load("lab.yaml", read, options, out.diagnostics);
  if (out.diagnostics.has_errors()) return out;
  out.topology = resolve(out.file, out.diagnostics);
  if (!out.diagnostics.has_errors()) out.plan = make_plan(out.topology);
  return out;
}

inline LabText load_text(const std::string& text) {
  return load_files({{"lab.yaml", text}});
}

/// "line:column: message | hint" of each diagnostic, a line each.
inline std::string brief(const Diagnostics& diagnostics) {
  std::string out;
  for (const auto& item : diagnostics.items()) {
    out +=
        std::to_string(item.at.line) + ":" + std::to_string(item.at.column) + ": " + item.message;
    if (!item.hint.empty()) out += " | " + item.hint;
    out += "\n";
  }
  return out;
}

/// Index of the node with a name; the node must be there.
inline NodeId node_id(const Topology& topology, const std::string& name) {
  for (NodeId id = 0; id < topology.nodes.size(); ++id) {
    if (topology.nodes[id].name == name) return id;
  }
  throw Error(ENOENT, "find", name);
}

}  // namespace netyard::test
