// SPDX-License-Identifier: Apache-2.0
#include "topology/schema.h"

#include <cstdio>

#include "cli/command.h"

namespace netyard::cli {

void add_schema(Command& app, Globals&) {
  Command command = app.add_subcommand("schema", "print the JSON schema of topology files");
  command.callback([] { std::fputs(json_schema().c_str(), stdout); });
}

}  // namespace netyard::cli
