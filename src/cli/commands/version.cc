// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/render.h"

namespace netyard::cli {

void add_version(Command& app, Globals& globals) {
  Command command = app.add_subcommand("version", "print the version");
  command.callback([&globals] {
    if (globals.json) return print_json({{"netyard", NETYARD_VERSION}});
    std::fputs("netyard " NETYARD_VERSION "\n", stdout);
  });
}

}  // namespace netyard::cli
