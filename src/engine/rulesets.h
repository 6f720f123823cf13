// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/error.h"
#include "topology/topology.h"

namespace netyard {

/// A ruleset, whose it is, and the network namespace it belongs in.
struct PlacedRuleset {
  const Ruleset* ruleset = nullptr;
  std::string node;
  int namespace_fd = -1;
  std::string before;  // commands of nft in front of it, each with a ';', in the same transaction
};

/// Has nft(8) check the rulesets of a topology without loading anything, each alike one once, in
/// namespaces with links of the same names that are gone afterwards. What it says goes to
/// diagnostics with its line in the file.
void check_rulesets(const Topology& topology, Diagnostics& diagnostics);

/// Loads rulesets by nft(8), one transaction each, a few at a time. The first refusal, as an Error
/// with its place; the others may have been loaded.
std::optional<Error> load_rulesets(const std::vector<PlacedRuleset>& rulesets,
                                   const std::function<bool()>& interrupted);

/// Whether the namespace has a table of family ip.
bool has_table(const std::string& table, int namespace_fd);
/// Deletes a table of family ip, if it is there. Throws Error.
void delete_table(const std::string& table, int namespace_fd);

}  // namespace netyard
