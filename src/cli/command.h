// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>
#include <vector>

#include "engine/lab.h"

namespace netyard::cli {

/// Exit statuses, docs/commands.md.
enum Status {
  kDone = 0,
  kFailed = 1,  // and undone
  kUsage = 2,
  kInvalid = 3,  // the topology
  kLeft = 4,     // failed, and something was left
  kChanges = 10,
  kCannotStart = 125,
  kNotExecutable = 126,
  kNotFound = 127,
  kSignal = 128  // + number
};

/// What holds for every command.
struct Globals {
  bool json = false;
  bool verbose = false;
  std::string lab;
  int status = kDone;                         // what the command that ran came to
  bool separated = false;                     // there was a "--" …
  std::vector<std::string> behind_separator;  // … and this behind it

  /// The command of `exec`, `run`: the words that a subcommand left, and those behind "--". When
  /// there were words before it, the "--" is the command's own.
  std::vector<std::string> command(std::vector<std::string> left) const;
};

// Each adds one command. src/cli/commands/NAME.cc holds one each; main.cc lists them.
void add_check(CLI::App& app, Globals& globals);
void add_plan(CLI::App& app, Globals& globals);
void add_up(CLI::App& app, Globals& globals);
void add_down(CLI::App& app, Globals& globals);
void add_ls(CLI::App& app, Globals& globals);
void add_status(CLI::App& app, Globals& globals);
void add_exec(CLI::App& app, Globals& globals);
void add_shell(CLI::App& app, Globals& globals);
void add_run(CLI::App& app, Globals& globals);
void add_ps(CLI::App& app, Globals& globals);
void add_logs(CLI::App& app, Globals& globals);
void add_service_actions(CLI::App& app, Globals& globals);
void add_supervise(CLI::App& app, Globals& globals);
void add_ns(CLI::App& app, Globals& globals);
void add_link(CLI::App& app, Globals& globals);
void add_impairments(CLI::App& app, Globals& globals);
void add_kinds(CLI::App& app, Globals& globals);
void add_schema(CLI::App& app, Globals& globals);
void add_version(CLI::App& app, Globals& globals);

/// --name and --set, for commands that read a file.
struct FileOptions {
  std::string file;
  std::string name;
  std::vector<std::string> set;

  void add_to(CLI::App& command);
  /// Reads and plans the file. Throws CLI::ValidationError for a --set without '=', and Error, with
  /// globals.status saying that the topology is invalid, for a file that cannot be read.
  LoadedLab load(Globals& globals) const;
};

}  // namespace netyard::cli
