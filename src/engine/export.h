// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace netyard {

/// A namespace under /run/netns, and what its node is called.
struct ExportedNode {
  std::string name;
  std::string netns;
};

struct Export {
  std::string text;                // of a topology file
  std::vector<std::string> notes;  // what it does not say, each half a line
};

/// The namespaces that words mean: those of a lab that is up, or named ones; without words all.
/// Node names are as a file takes them. Throws Error when there is no such lab or namespace.
std::vector<ExportedNode> exported_nodes(const std::vector<std::string>& words);

/// A file from which `up` makes what these namespaces hold now. Throws Error.
Export export_namespaces(const std::string& lab, const std::vector<ExportedNode>& nodes);

}  // namespace netyard
