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

void run(const Up& options, Globals& globals) {
  if (options.dry_run) return run_plan(options.file, globals);
  const LoadedLab lab = options.file.load(globals);
  if (lab.diagnostics.has_errors()) {
    if (globals.json) {
      print_json({{"lab", lab.topology.name},
                  {"outcome", "refused"},
                  {"diagnostics", to_json(lab.diagnostics)}});
    } else {
      print_diagnostics(lab.diagnostics);
    }
    return;
  }
  if (!globals.json) print_diagnostics(lab.diagnostics);
  catch_interrupts();
  Progress progress(!globals.json);
  ExecutionHooks hooks;
  hooks.interrupted = [] { return interrupted_by() != 0; };
  hooks.progress = std::ref(progress);
  const UpResult result = bring_up(lab, hooks);
  progress.clear();
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
  command.callback([options, &globals] { run(*options, globals); });
}

}  // namespace netyard::cli
