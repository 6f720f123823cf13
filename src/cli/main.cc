// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <exception>

#include "base/log.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/render.h"

namespace netyard::cli {
namespace {

constexpr void (*kCommands[])(CLI::App&, Globals&) = {
    add_up,   add_down,  add_plan,   add_check,   add_ls,        add_status,
    add_exec, add_shell, add_run,    add_ps,      add_logs,      add_service_actions,
    add_ns,   add_kinds, add_schema, add_version, add_supervise,
};

void add_globals(CLI::App& app, Globals& globals) {
  app.add_flag("--json", globals.json, "print JSON");
  app.add_flag("-v,--verbose", globals.verbose, "log every netlink request with its answer");
  app.add_option("-L,--lab", globals.lab, "the lab, when several are up");
  app.fallthrough();
  app.require_subcommand(1);
  app.parse_complete_callback([&globals] {
    if (globals.verbose) log::set_level(log::Level::debug);
  });
  app.footer("netyard COMMAND --help tells more. Topology files: docs/topology.md.");
}

// A status that a command chose before it failed stands; else an Error is a failure that changed
// nothing.
int failed(const Error& error, const Globals& globals) {
  print_error(error, globals.json);
  return globals.status != kDone ? globals.status : kFailed;
}

// CLI11 takes the words behind "--" for arguments, not for the command that `exec NODE --` begins:
// they are kept aside from it.
std::vector<std::string> split_off_command(int argc, char** argv, Globals& globals) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const auto separator = std::find(words.begin(), words.end(), "--");
  const bool takes_command = std::any_of(words.begin(), separator, [](const std::string& word) {
    return word == "exec" || word == "run";
  });
  if (!takes_command || separator == words.end()) return words;
  globals.separated = true;
  globals.behind_separator.assign(separator + 1, words.end());
  words.erase(separator, words.end());
  return words;
}

int run(int argc, char** argv) {
  CLI::App app("Virtual networks of Linux network namespaces, from one file.", "netyard");
  Globals globals;
  add_globals(app, globals);
  for (const auto add : kCommands) add(app, globals);
  try {
    std::vector<std::string> words = split_off_command(argc, argv, globals);
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  } catch (const Error& error) {
    return failed(error, globals);
  }
  // Output that could not be written is a failure, too: a full disk, a closed pipe.
  if (std::fflush(stdout) != 0 && globals.status == kDone) {
    print_error(system_error("write", "standard output"), false);
    return kFailed;
  }
  return globals.status;
}

}  // namespace
}  // namespace netyard::cli

int main(int argc, char** argv) {
  try {
    return netyard::cli::run(argc, argv);
  } catch (const std::exception& unexpected) {
    std::fprintf(stderr, "netyard: %s\n", unexpected.what());
    return netyard::cli::kFailed;
  }
}
