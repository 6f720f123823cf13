// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/render.h"
#include "engine/find.h"
#include "engine/services.h"

namespace netyard::cli {
namespace {

struct Verb {
  ServiceAction action;
  const char* word;
  const char* help;
  const char* done;
};
constexpr std::array kVerbs = {
    Verb{ServiceAction::start, "start", "start workloads, and wait until they are ready", "ready"},
    Verb{ServiceAction::stop, "stop", "stop workloads", "stopped"},
    Verb{ServiceAction::restart, "restart", "stop workloads and start them again", "ready"},
    Verb{ServiceAction::freeze, "freeze", "let the processes of workloads stand still", "frozen"},
    Verb{ServiceAction::thaw, "thaw", "let frozen workloads go on", "thawed"}};

void run(const Verb& action, const std::vector<std::string>& words, Globals& globals) {
  const std::string lab = find_lab(globals.lab);
  catch_interrupts();
  const auto failed =
      act_on_services(lab, action.action, words, [] { return interrupted_by() != 0; });
  if (!failed) {
    globals.status = kSignal + interrupted_by();
    return;
  }
  if (!failed->empty()) globals.status = kFailed;
  if (globals.json) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& one : *failed) list.push_back({{"workload", one.id}, {"reason", one.reason}});
    return print_json({{"lab", lab}, {"failed", std::move(list)}});
  }
  for (const auto& one : *failed) {
    std::fputs(fmt::format("netyard: {} {}: {}\n", action.word, one.id, one.reason).c_str(),
               stderr);
    for (const auto& line : one.lines) std::fputs(("    " + line + "\n").c_str(), stderr);
  }
  const auto all = select_services(lab, words).size();
  if (all > failed->size()) {
    std::fputs(
        fmt::format("{}: {} {}\n", lab, counted(all - failed->size(), "workload"), action.done)
            .c_str(),
        stdout);
  }
}

}  // namespace

void add_service_actions(Command& app, Globals& globals) {
  for (const Verb& action : kVerbs) {
    auto words = std::make_shared<std::vector<std::string>>();
    Command command = app.add_subcommand(action.word, action.help);
    command.add_option("WORKLOAD", *words, "NODE/NAME, or NODE for all of it; all when none");
    command.callback([&action, words, &globals] { run(action, *words, globals); });
  }
}

}  // namespace netyard::cli
