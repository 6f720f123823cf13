// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/plan.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/render.h"
#include "engine/lab.h"

namespace netyard::cli {
namespace {

nlohmann::json step_to_json(const Topology& topology, const Step& step) {
  const auto* route = std::get_if<AddRoute>(&step.operation);
  return {{"operation", operation_of(step.operation)},
          {"object", object_of(topology, step.operation)},
          {"node", topology.nodes[node_of(step.operation)].name},
          {"computed", route != nullptr && route->computed},
          {"origin", step.origin.to_string()}};
}

// Of a lab that is up: what would change.
void show_changes(const LoadedLab& lab, const Changes& changes, Globals& globals) {
  globals.status = changes.list.empty() ? kDone : kChanges;
  if (changes.diagnostics.has_errors()) globals.status = kFailed;
  const std::string& name = lab.topology.name;
  if (globals.json) {
    print_json({{"lab", name},
                {"up", true},
                {"changes", to_json(lab.topology, changes)},
                {"diagnostics", to_json(changes.diagnostics)}});
    return;
  }
  print_diagnostics(lab.diagnostics);
  print_diagnostics(changes.diagnostics);
  std::fputs(render_changes(lab.topology, changes).c_str(), stdout);
  const std::string count = counted(changes.list.size(), "change");
  std::fputs((name + ": up, " + (changes.list.empty() ? "no change" : count) + "\n").c_str(),
             stdout);
}

}  // namespace

nlohmann::json to_json(const Topology& topology, const Changes& changes) {
  static constexpr const char* kSigns[] = {"add", "change", "remove"};
  nlohmann::json out = nlohmann::json::array();
  for (const auto& change : changes.list) {
    nlohmann::json one = step_to_json(topology, change.step);
    one["change"] = kSigns[static_cast<std::size_t>(change.sign)];
    if (!change.was.empty()) one["was"] = change.was;
    out.push_back(std::move(one));
  }
  return out;
}

void run_plan(const FileOptions& options, Globals& globals) {
  const LoadedLab lab = options.load(globals);
  const bool valid = !lab.diagnostics.has_errors();
  if (valid) {
    if (const auto changes = changes_of(lab)) return show_changes(lab, *changes, globals);
    globals.status = kChanges;
  }
  if (globals.json) {
    nlohmann::json steps = nlohmann::json::array();
    for (const auto& step : lab.plan.steps) steps.push_back(step_to_json(lab.topology, step));
    print_json({{"lab", lab.topology.name},
                {"up", false},
                {"steps", std::move(steps)},
                {"diagnostics", to_json(lab.diagnostics)}});
    return;
  }
  print_diagnostics(lab.diagnostics);
  if (!valid) return;
  std::fputs(render_plan(lab.topology, lab.plan).c_str(), stdout);
  std::fputs((lab.topology.name + ": " + counted(lab.plan.steps.size(), "step") + "\n").c_str(),
             stdout);
}

void add_plan(Command& app, Globals& globals) {
  auto options = std::make_shared<FileOptions>();
  Command command = app.add_subcommand("plan", "print the steps that 'up' would take");
  options->add_to(command);
  command.callback([options, &globals] { run_plan(*options, globals); });
}

}  // namespace netyard::cli
