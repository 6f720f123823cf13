// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace netyard::cli {

void FileOptions::add_to(CLI::App& command) {
  command.add_option("FILE", file, "topology file; netyard.yaml here when not given");
  command.add_option("--name", name, "name of the lab, instead of the file's");
  command.add_option("--set", set, "KEY=VALUE: set a variable of the file; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

spec::LoadOptions FileOptions::load_options() const {
  spec::LoadOptions out;
  out.name = name;
  for (const auto& pair : set) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw CLI::ValidationError("--set", "expected KEY=VALUE, found '" + pair + "'");
    }
    out.vars[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return out;
}

}  // namespace netyard::cli
