// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>

#include "cli/command.h"
#include "engine/enter.h"

namespace netyard::cli {
namespace {

void enter(const std::string& node, const std::vector<std::string>& argv, Globals& globals) {
  std::string failure;
  // Whatever keeps the command from starting must not look like a status of its own.
  globals.status = kCannotStart;
  globals.status = exec_in_node(globals.lab, node, argv, failure);
  std::fputs(("netyard: " + failure + "\n").c_str(), stderr);
}

}  // namespace

void add_exec(CLI::App& app, Globals& globals) {
  auto node = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("exec", "run a command in a node");
  command->add_option("NODE", *node, "the node, or LAB/NODE")->required();
  // What follows NODE is the command's, options and all: nothing of it may fall through to netyard.
  command->fallthrough(false);
  command->prefix_command();
  command->add_option("-L,--lab", globals.lab, "the lab, when several are up");
  command->footer(
      "netyard exec NODE [--] COMMAND [ARGUMENT...]\n"
      "The exit status is the command's; 125 when netyard could not start it, 126 when it "
      "is not executable, 127 when it is not found.");
  command->callback(
      [node, command, &globals] { enter(*node, globals.command(command->remaining()), globals); });
}

void add_shell(CLI::App& app, Globals& globals) {
  auto node = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("shell", "open a shell in a node");
  command->add_option("NODE", *node, "the node, or LAB/NODE")->required();
  command->callback([node, &globals] {
    const char* shell = std::getenv("SHELL");
    enter(*node, {shell != nullptr && *shell != '\0' ? shell : "/bin/sh"}, globals);
  });
}

}  // namespace netyard::cli
