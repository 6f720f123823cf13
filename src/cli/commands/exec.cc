// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "cli/command.h"
#include "engine/enter.h"
#include "engine/run.h"

namespace netyard::cli {
namespace {

struct Target {
  std::string node;
  std::string workload;  // of the node; "": the node itself
};

void enter_workload(const Target& target, const std::vector<std::string>& argv, Globals& globals) {
  const bool terminal = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
  if (argv.empty()) wrong_use("exec", "there is no command");
  try {
    globals.status =
        exec_in_workload(globals.lab, target.node + "/" + target.workload, argv, terminal);
  } catch (const SpawnError& error) {
    globals.status = error.status();
    throw;
  }
}

void enter(const Target& target, const std::vector<std::string>& argv, Globals& globals) {
  std::string failure;
  // Whatever keeps the command from starting must not look like a status of its own.
  globals.status = kCannotStart;
  if (!target.workload.empty()) return enter_workload(target, argv, globals);
  const std::string& node = target.node;
  globals.status = exec_in_node(globals.lab, node, argv, failure);
  std::fputs(("netyard: " + failure + "\n").c_str(), stderr);
}

}  // namespace

void add_exec(Command& app, Globals& globals) {
  auto target = std::make_shared<Target>();
  Command command = app.add_subcommand("exec", "run a command in a node");
  command.add_option("NODE", target->node, "the node, or LAB/NODE").required();
  // What follows NODE is the command's, options and all: nothing of it may fall through to netyard.
  command.takes_command();
  command.add_option("-L,--lab", globals.lab, "the lab, when several are up");
  command.add_option("-w,--workload", target->workload,
                     "beside this workload of the node, confined like it");
  command.footer(
      "netyard exec NODE [--] COMMAND [ARGUMENT...]\n"
      "The exit status is the command's; 125 when netyard could not start it, 126 when it "
      "is not executable, 127 when it is not found.");
  command.callback([target, command, &globals] {
    enter(*target, globals.command(command.remaining()), globals);
  });
}

void add_shell(Command& app, Globals& globals) {
  auto target = std::make_shared<Target>();
  Command command = app.add_subcommand("shell", "open a shell in a node");
  command.add_option("NODE", target->node, "the node, or LAB/NODE").required();
  command.add_option("-w,--workload", target->workload,
                     "beside this workload of the node, confined like it");
  command.callback([target, &globals] {
    const char* shell = std::getenv("SHELL");
    enter(*target, {shell != nullptr && *shell != '\0' ? shell : "/bin/sh"}, globals);
  });
}

}  // namespace netyard::cli
