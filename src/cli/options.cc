// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "engine/find.h"
#include "engine/lab.h"

namespace netyard::cli {

std::vector<std::string> Globals::command(std::vector<std::string> left) const {
  if (separated && !left.empty()) left.emplace_back("--");
  left.insert(left.end(), behind_separator.begin(), behind_separator.end());
  return left;
}

void FileOptions::add_to(Command& command) {
  command.add_option("FILE", file, "topology file; netyard.yaml here when not given");
  command.add_option("--name", name, "name of the lab, instead of the file's");
  command.add_option("--set", set, "KEY=VALUE: set a variable of the file; may be repeated")
      .type_name("KEY=VALUE")
      .one_at_a_time();
}

LoadedLab FileOptions::load(Globals& globals) const {
  spec::LoadOptions options;
  options.name = name;
  options.instance = instance;
  for (const auto& pair : set) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      wrong_use("--set", "expected KEY=VALUE, found '" + pair + "'");
    }
    options.vars[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  globals.status = kInvalid;
  LoadedLab lab = load_lab(find_file(file), options);
  if (!lab.diagnostics.has_errors()) globals.status = kDone;
  return lab;
}

}  // namespace netyard::cli
