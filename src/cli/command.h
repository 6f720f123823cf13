// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"

namespace netyard {
struct LoadedLab;
}

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
  std::string wait;        // "", "forever", or a time: for labs that other commands work on
  int status = kDone;      // what the command that ran came to
  bool separated = false;  // there was a "--" …
  std::vector<std::string> behind_separator;  // … and this behind it

  /// The command of `exec`, `run`: the words that a subcommand left, and those behind "--". When
  /// there were words before it, the "--" is the command's own.
  std::vector<std::string> command(std::vector<std::string> left) const;
};

// Each adds one command. src/cli/commands/NAME.cc holds one each; main.cc lists them.
void add_check(Command& app, Globals& globals);
void add_plan(Command& app, Globals& globals);
void add_up(Command& app, Globals& globals);
void add_down(Command& app, Globals& globals);
void add_gc(Command& app, Globals& globals);
void add_ls(Command& app, Globals& globals);
void add_status(Command& app, Globals& globals);
void add_exec(Command& app, Globals& globals);
void add_shell(Command& app, Globals& globals);
void add_run(Command& app, Globals& globals);
void add_ps(Command& app, Globals& globals);
void add_logs(Command& app, Globals& globals);
void add_service_actions(Command& app, Globals& globals);
void add_supervise(Command& app, Globals& globals);
void add_capture(Command& app, Globals& globals);
void add_ns(Command& app, Globals& globals);
void add_link(Command& app, Globals& globals);
void add_impairments(Command& app, Globals& globals);
void add_kinds(Command& app, Globals& globals);
void add_export(Command& app, Globals& globals);
void add_schema(Command& app, Globals& globals);
void add_version(Command& app, Globals& globals);

/// --name and --set, for commands that read a file.
struct FileOptions {
  std::string file;
  std::string name;
  std::vector<std::string> set;
  std::string instance;  // spec::LoadOptions

  void add_to(Command& command);
  /// Reads and plans the file. Throws the error of wrong_use() for a --set without '=', and Error,
  /// with globals.status saying that the topology is invalid, for a file that cannot be read.
  LoadedLab load(Globals& globals) const;
};

}  // namespace netyard::cli
