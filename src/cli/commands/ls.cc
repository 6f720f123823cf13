// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/render.h"
#include "engine/inspect.h"

namespace netyard::cli {
namespace {

const char* state_of(const LabSummary& lab) {
  if (lab.record == RecordState::earlier_boot) return "earlier boot";
  if (lab.record == RecordState::lost) return "record lost";
  if (!lab.problem.empty()) return "unreadable";
  return lab.phase == LabPhase::up ? "up" : "creating";
}

void run_ls(const Globals& globals) {
  const auto labs = list_labs();
  if (globals.json) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& lab : labs) {
      list.push_back({{"name", lab.name},
                      {"state", state_of(lab)},
                      {"nodes", lab.nodes},
                      {"file", lab.file},
                      {"created", lab.created},
                      {"problem", lab.problem}});
    }
    print_json({{"labs", std::move(list)}});
    return;
  }
  if (labs.empty()) return;
  Table table({"LAB", "STATE", "NODES", "SINCE", "FILE"});
  for (const auto& lab : labs) {
    table.add({lab.name, state_of(lab), std::to_string(lab.nodes), clock_time(lab.created),
               lab.problem.empty() ? lab.file : lab.problem});
  }
  std::fputs(table.render(terminal_width()).c_str(), stdout);
}

}  // namespace

void add_ls(Command& app, Globals& globals) {
  Command command = app.add_subcommand("ls", "list the labs");
  command.callback([&globals] { run_ls(globals); });
}

}  // namespace netyard::cli
