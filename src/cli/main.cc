// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/render.h"
#include "engine/record.h"

namespace netyard::cli {
namespace {

struct Entry {
  std::string_view words;  // what it adds
  void (*add)(Command&, Globals&);
};
constexpr Entry kCommands[] = {
    {"up", add_up},
    {"down", add_down},
    {"plan", add_plan},
    {"check", add_check},
    {"gc", add_gc},
    {"ls", add_ls},
    {"status", add_status},
    {"exec", add_exec},
    {"shell", add_shell},
    {"run", add_run},
    {"ps", add_ps},
    {"logs", add_logs},
    {"start stop restart freeze thaw", add_service_actions},
    {"capture", add_capture},
    {"link", add_link},
    {"impairments", add_impairments},
    {"ns", add_ns},
    {"kinds", add_kinds},
    {"export", add_export},
    {"schema", add_schema},
    {"version", add_version},
    {"supervise", add_supervise},
};

bool adds(const Entry& entry, std::string_view word) {
  return (" " + std::string(entry.words) + " ").find(" " + std::string(word) + " ") !=
         std::string::npos;
}

// Only the command that comes first, when it does: all the options of all of them are a good part
// of the time that a short command takes.
void add_commands(Command& app, Globals& globals, std::string_view first) {
  const auto named = std::find_if(std::begin(kCommands), std::end(kCommands),
                                  [&](const Entry& entry) { return adds(entry, first); });
  if (named != std::end(kCommands)) return named->add(app, globals);
  for (const auto& entry : kCommands) entry.add(app, globals);
}

void set_patience(const std::string& word) {
  if (word == "forever") return wait_for_labs(std::chrono::milliseconds::max());
  const auto time = parse_duration(word);
  if (!time) wrong_use("--wait", "'" + word + "' is no time: write it as in --wait=10s");
  wait_for_labs(*time);
}

void add_globals(CLI::App& app, Globals& globals) {
  app.add_flag("--json", globals.json, "print JSON");
  app.add_flag("-v,--verbose", globals.verbose, "log every netlink request with its answer");
  // A flag that may have a value: what follows without '=' is not it.
  app.add_flag("--wait{forever}", globals.wait,
               "wait for a lab that another command works on; =TIME: so long at most");
  app.add_option("-L,--lab", globals.lab, "the lab, when several are up");
  app.fallthrough();
  app.require_subcommand(1);
  app.parse_complete_callback([&globals] {
    if (globals.verbose) log::set_level(log::Level::debug);
    if (!globals.wait.empty()) set_patience(globals.wait);
  });
  app.footer("netyard COMMAND --help tells more. Topology files: docs/topology.md.");
}

// A status that a command chose before it failed stands; else an Error is a failure that changed
// nothing.
int failed(const Error& error, const Globals& globals) {
  print_error(error, globals.json);
  if (error.code() == EINTR && interrupted_by() != 0) return kSignal + interrupted_by();
  return globals.status != kDone ? globals.status : kFailed;
}

// CLI11 takes the words behind "--" for arguments, not for the command that `exec NODE --` begins:
// they are kept aside from it.
std::vector<std::string> split_off_command(int argc, char** argv, Globals& globals) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const auto separator = std::find(words.begin(), words.end(), "--");
  const bool takes_command = std::any_of(words.begin(), separator, [](const std::string& word) {
    return word == "exec" || word == "run" || word == "up";
  });
  if (!takes_command || separator == words.end()) return words;
  globals.separated = true;
  globals.behind_separator.assign(separator + 1, words.end());
  words.erase(separator, words.end());
  return words;
}

// Were one of 0 to 2 closed, the next file, a record say, would be standard output to all that
// prints.
void hold_standard_descriptors() {
  for (int fd = open("/dev/null", O_RDWR); fd >= 0; fd = dup(fd)) {
    if (fd <= STDERR_FILENO) continue;
    close(fd);
    return;
  }
}

int run(int argc, char** argv) {
  hold_standard_descriptors();
  CLI::App app("Virtual networks of Linux network namespaces, from one file.", "netyard");
  Globals globals;
  add_globals(app, globals);
  Command netyard(app);
  add_commands(netyard, globals, argc > 1 ? argv[1] : "--help");
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
