// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/plan.h"
#include "cli/interrupt.h"
#include "cli/notify.h"
#include "cli/render.h"
#include "engine/ephemeral.h"
#include "engine/instance.h"
#include "engine/lab.h"

namespace netyard::cli {
namespace {

struct Up {
  FileOptions file;
  bool dry_run = false;
  bool foreground = false;
};

/// A line on the terminal that tells how far long work is; short work shows none.
class Progress {
 public:
  explicit Progress(bool wanted) : shown_(wanted && isatty(STDERR_FILENO) != 0) {}

  void operator()(std::size_t done, std::size_t of) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now - last_ < kInterval) return;
    last_ = now;
    drawn_ = true;
    std::fputs(fmt::format("\r\033[Knetyard: {} of {} steps", done, of).c_str(), stderr);
  }
  void clear() const {
    if (drawn_) std::fputs("\r\033[K", stderr);
  }

 private:
  static constexpr auto kInterval = std::chrono::milliseconds(300);
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

const char* word(UpOutcome outcome) {
  static constexpr const char* kWords[] = {"done", "refused", "undone", "interrupted", "left"};
  return kWords[static_cast<std::size_t>(outcome)];
}

int status_of(UpOutcome outcome) {
  static constexpr int kStatuses[] = {kDone, kFailed, kFailed, kSignal, kLeft};
  const int status = kStatuses[static_cast<std::size_t>(outcome)];
  return status == kSignal ? kSignal + interrupted_by() : status;
}

void print_result_json(const LoadedLab& lab, const UpResult& result) {
  nlohmann::json body = {
      {"lab", lab.topology.name},      {"outcome", word(result.outcome)},
      {"nodes", result.nodes},         {"links", result.links},
      {"addresses", result.addresses}, {"routes", result.routes},
      {"seconds", result.seconds},     {"diagnostics", to_json(result.diagnostics)},
      {"was_up", result.was_up},       {"changes", to_json(lab.topology, result.changes)},
      {"left", to_json(result.left)}};
  if (result.error) body["error"] = to_json(*result.error);
  print_json(std::move(body));
}

// "2 added, 1 changed in 12 ms".
std::string change_words(const UpResult& result) {
  static constexpr const char* kWords[] = {"added", "changed", "removed"};
  std::size_t counts[3] = {};
  for (const auto& change : result.changes.list) ++counts[static_cast<std::size_t>(change.sign)];
  std::string out;
  for (std::size_t i = 0; i < 3; ++i) {
    if (counts[i] == 0) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", counts[i], kWords[i]);
  }
  if (out.empty()) out = "up as the file says, nothing to do; looked";
  return fmt::format("{} in {}\n", out, duration(result.seconds));
}

const char* what_is(const UpResult& result) {
  return result.was_up ? "stays as it was" : "is not up";
}

void print_result(const LoadedLab& lab, const UpResult& result) {
  const std::string& name = lab.topology.name;
  print_diagnostics(result.diagnostics);
  if (result.error) print_error(*result.error, false);
  print_leftovers(result.left);
  switch (result.outcome) {
    case UpOutcome::done:
      if (result.was_up) {
        std::fputs((name + ": " + change_words(result)).c_str(), stdout);
        break;
      }
      std::fputs(fmt::format("{}: {}, {}, {}, {} up in {}\n", name, counted(result.nodes, "node"),
                             counted(result.links, "link"), counted(result.addresses, "address"),
                             counted(result.routes, "route"), duration(result.seconds))
                     .c_str(),
                 stdout);
      break;
    case UpOutcome::refused:
      std::fputs(
          fmt::format("netyard: {} {}; nothing was changed\n", name, what_is(result)).c_str(),
          stderr);
      break;
    case UpOutcome::undone:
    case UpOutcome::interrupted:
      std::fputs(fmt::format("netyard: {} {}; what was {} is undone\n", name, what_is(result),
                             result.was_up ? "changed" : "made")
                     .c_str(),
                 stderr);
      break;
    case UpOutcome::left:
      if (result.was_up) {
        std::fputs(fmt::format("netyard: {} is between two files; 'netyard up' tries again, "
                               "'netyard down {}' removes it\n",
                               name, name)
                       .c_str(),
                   stderr);
        break;
      }
      std::fputs(
          fmt::format("netyard: {} is not up; 'netyard down {}' tries again to remove the rest\n",
                      name, name)
              .c_str(),
          stderr);
      break;
  }
}

// Until a signal comes, or somebody else takes the lab down.
int stay(const std::string& lab, Globals& globals) {
  notify_service_manager("READY=1\nSTATUS=lab " + lab + " is up");
  std::fflush(stdout);
  while (interrupted_by() == 0 && is_up(lab)) wait_for_interrupt(std::chrono::seconds(1));
  notify_service_manager("STOPPING=1");
  const DownResult result = take_down(lab);
  if (!globals.json) print_leftovers(result.left);
  return result.left.empty() ? kDone : kLeft;
}

// False, and said, when it has mistakes.
bool is_valid(const LoadedLab& lab, const Globals& globals) {
  const bool valid = !lab.diagnostics.has_errors();
  if (!globals.json) {
    print_diagnostics(lab.diagnostics);
  } else if (!valid) {
    print_json({{"lab", lab.topology.name},
                {"outcome", "refused"},
                {"diagnostics", to_json(lab.diagnostics)}});
  }
  return valid;
}

UpResult build(const LoadedLab& lab, const Globals& globals) {
  Progress progress(!globals.json);
  ExecutionHooks hooks;
  hooks.interrupted = [] { return interrupted_by() != 0; };
  hooks.progress = std::ref(progress);
  UpResult result = bring_up(lab, hooks);
  progress.clear();
  return result;
}

// Of a lab that is there for its command: standard output is the command's.
std::optional<int> build_for_command(const LoadedLab& lab, const Globals& globals) {
  const UpResult result = build(lab, globals);
  if (result.outcome == UpOutcome::done) return {};
  if (globals.json) {
    print_result_json(lab, result);
  } else {
    print_result(lab, result);
  }
  return result.outcome == UpOutcome::interrupted ? status_of(result.outcome) : kCannotStart;
}

bool take_down_after_command(const std::string& lab) {
  const DownResult result = take_down(lab);
  print_leftovers(result.left);
  return result.left.empty();
}

// Whatever is wrong with the file: the command was not started.
LoadedLab load_for_command(const FileOptions& file, Globals& globals) {
  try {
    LoadedLab lab = file.load(globals);
    globals.status = kCannotStart;
    return lab;
  } catch (const Error&) {
    globals.status = kCannotStart;
    throw;
  }
}

void run_with_command(Up options, Globals& globals) {
  if (globals.behind_separator.empty()) wrong_use("--", "there is no command");
  if (options.dry_run || options.foreground) {
    wrong_use("--", "a command goes with neither --dry-run nor --foreground");
  }
  options.file.instance = new_instance();
  const LoadedLab lab = load_for_command(options.file, globals);
  if (!is_valid(lab, globals)) return;
  const EphemeralResult result =
      run_ephemeral({lab, options.file.instance, globals.behind_separator, catch_interrupts,
                     interrupted_by, [&] { return build_for_command(lab, globals); },
                     [&] { return take_down_after_command(lab.topology.name); }});
  print_leftovers(result.rest);
  const bool left = result.left || !result.rest.empty();
  globals.status = left && result.status == kDone ? kLeft : result.status;
}

void run(const Up& options, Globals& globals) {
  if (globals.separated) return run_with_command(options, globals);
  if (options.dry_run) return run_plan(options.file, globals);
  const LoadedLab lab = options.file.load(globals);
  if (!is_valid(lab, globals)) return;
  catch_interrupts();
  const UpResult result = build(lab, globals);
  globals.status = status_of(result.outcome);
  if (globals.json) {
    print_result_json(lab, result);
  } else {
    print_result(lab, result);
  }
  if (options.foreground && result.outcome == UpOutcome::done) {
    globals.status = stay(lab.topology.name, globals);
  }
}

}  // namespace

void add_up(Command& app, Globals& globals) {
  auto options = std::make_shared<Up>();
  Command command = app.add_subcommand("up", "bring up the lab of a file");
  options->file.add_to(command);
  command.add_flag("--dry-run", options->dry_run, "print the steps and take none, like 'plan'");
  command.add_flag("--foreground", options->foreground,
                   "stay until Ctrl-C or SIGTERM, then take the lab down; for service managers");
  command.footer(
      "netyard up FILE -- COMMAND [ARGUMENT...]\n"
      "A lab for one command: only the command and its children see it, and it is gone when the "
      "command ends, whatever ends it. The exit status is the command's; 125 when the lab could "
      "not "
      "be brought up, 126 when the command is not executable, 127 when it is not found.");
  command.callback([options, &globals] { run(*options, globals); });
}

}  // namespace netyard::cli
