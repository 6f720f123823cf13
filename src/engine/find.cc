// SPDX-License-Identifier: Apache-2.0
#include "engine/find.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/suggest.h"
#include "engine/instance.h"
#include "engine/lab.h"
#include "engine/lost_lab.h"
#include "engine/record.h"

namespace netyard {
namespace {

constexpr const char* kDefaultFile = "netyard.yaml";

bool exists(const char* path) {
  return access(path, F_OK) == 0;
}

Error no_lab(const std::string& why, const std::string& hint) {
  return Error(0, "find", "the lab").reason(why).hint(hint);
}

}  // namespace

std::string find_file(const std::string& file) {
  if (!file.empty()) return file;
  if (exists(kDefaultFile)) return kDefaultFile;
  throw Error(ENOENT, "find", "a topology file")
      .reason("none is named, and there is no netyard.yaml here")
      .hint("name one: netyard COMMAND FILE");
}

std::string find_lab(const std::string& lab) {
  if (!lab.empty()) return lab;
  auto labs = recorded_labs();
  if (labs.empty()) labs = known_labs();
  const char* around = std::getenv(kLabVariable);
  if (around != nullptr && std::find(labs.begin(), labs.end(), around) != labs.end()) return around;
  if (exists(kDefaultFile)) {
    const LoadedLab here = load_lab(kDefaultFile, {});
    const bool runs = std::find(labs.begin(), labs.end(), here.topology.name) != labs.end();
    if (!here.diagnostics.has_errors() && runs) return here.topology.name;
  }
  if (labs.size() == 1) return labs.front();
  if (labs.empty()) throw no_lab("no lab is up", "'netyard up FILE' brings one up");
  std::string names;
  for (const auto& name : labs) names += (names.empty() ? "" : ", ") + name;
  throw no_lab("several are up: " + names, "name one with -L LAB");
}

FoundNode find_node(const std::string& lab, const std::string& node) {
  const std::size_t slash = node.find('/');
  if (slash != std::string::npos) return find_node(node.substr(0, slash), node.substr(slash + 1));
  const std::string name = find_lab(lab);
  const FoundRecord found = find_record(name);
  if (found.state == RecordState::earlier_boot) {
    throw no_lab("'" + name + "' was up before this boot", "'netyard up' brings it up again");
  }
  const LabRecord* record = &found.record;
  if (found.state == RecordState::none)
    throw no_lab("no lab '" + name + "' is up", "'netyard ls' shows those that are");
  std::vector<std::string> names;
  for (const auto& candidate : record->nodes) {
    if (candidate.name == node) return {node, candidate.netns, open_namespace(candidate.netns)};
    names.push_back(candidate.name);
  }
  const std::string hint = did_you_mean(node, names);
  throw Error(0, "find", "node " + node + " in lab " + name)
      .reason("the lab has no such node")
      .hint(hint.empty() ? "'netyard status' shows its nodes" : hint);
}

}  // namespace netyard
