// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "engine/services.h"

namespace netyard::cli {

// Not for people: `up` starts it, with the descriptor 3 to be closed when it listens.
void add_supervise(Command& app, Globals& globals) {
  static_cast<void>(globals);
  auto directory = std::make_shared<std::string>();
  Command command = app.add_subcommand("supervise", "look after the workloads of a lab");
  command.hide();
  command.add_option("DIRECTORY", *directory, "where their files are").required();
  command.callback([directory] { supervise_services(*directory); });
}

}  // namespace netyard::cli
