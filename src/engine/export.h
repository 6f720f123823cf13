// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace netyard {

/// A namespace under /run/netns, and what its node is called.
struct ExportedNode {
  std::string name;
  std::string netns;
  std::map<std::string, std::string> taken;  // links of the host: their names there, by those here
};

struct Export {
  std::string text;                // of a topology file
  std::vector<std::string> notes;  // what it does not say, each half a line
};

/// The namespaces that words mean: those of a lab that is up, or named ones; without words all.
/// Node names are as a file takes them. Throws Error when there is no such lab or namespace.
std::vector<ExportedNode> exported_nodes(const std::vector<std::string>& words);

/// A file from which `up` makes what these namespaces hold now; with the private keys of wireguard
/// links only when `secrets` are asked for. Throws Error.
Export export_namespaces(const std::string& lab, const std::vector<ExportedNode>& nodes,
                         bool secrets);

}  // namespace netyard
