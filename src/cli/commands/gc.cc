// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>

#include "cli/command.h"
#include "cli/commands/garbage.h"
#include "cli/interrupt.h"
#include "cli/render.h"

namespace netyard::cli {
namespace {

constexpr const char* kGuardIsGone = "its guard was killed";

struct Thing {
  std::string what, name;
};

std::vector<Thing> things_of(const Remains& remains) {
  std::vector<Thing> out;
  for (const auto& name : remains.namespaces) out.push_back({"namespace", name});
  if (!remains.group.empty()) out.push_back({"cgroup", "netyard/" + remains.group});
  if (!remains.table.empty()) out.push_back({"table", "ip " + remains.table});
  for (const auto& path : remains.links) out.push_back({"link", path});
  for (const auto& path : remains.files) out.push_back({"file", path});
  return out;
}

void run(bool dry_run, Globals& globals) {
  catch_interrupts();
  const Garbage garbage = dry_run ? find_garbage() : remove_garbage();
  if (!garbage.left.empty()) globals.status = kLeft;
  const bool any = !garbage.labs.empty() || !garbage.stale.empty() || !garbage.instances.empty();
  if (dry_run && any) globals.status = kChanges;
  if (globals.json) return print_json(garbage_to_json(garbage));
  print_garbage(garbage, dry_run ? "would remove" : "removed");
}

}  // namespace

nlohmann::json garbage_to_json(const Garbage& garbage) {
  nlohmann::json removed = nlohmann::json::array();
  nlohmann::json ended = nlohmann::json::array();
  for (const auto& lab : garbage.labs) {
    for (const auto& [what, name] : things_of(lab.remains)) {
      removed.push_back({{"what", what}, {"name", name}, {"lab", lab.name}, {"why", lab.why}});
    }
    for (const auto& [pid, command] : lab.remains.processes) {
      ended.push_back({{"pid", pid}, {"command", command}, {"lab", lab.name}});
    }
  }
  for (const auto& instance : garbage.instances) {
    removed.push_back({{"what", "ephemeral lab"},
                       {"name", instance.name},
                       {"lab", instance.lab},
                       {"why", kGuardIsGone}});
  }
  for (const auto& name : garbage.stale) {
    removed.push_back({{"what", "stale"}, {"name", name}, {"lab", ""}, {"why", "no namespace"}});
  }
  return {{"removed", std::move(removed)},
          {"ended", std::move(ended)},
          {"spared", garbage.spared},
          {"left", to_json(garbage.left)}};
}

void print_garbage(const Garbage& garbage, const std::string& verb) {
  for (const auto& lab : garbage.labs) {
    for (const auto& [pid, command] : lab.remains.processes) {
      std::puts(fmt::format("{} process {} ({}) of lab {}",
                            verb == "removed" ? "ended" : "would end", pid, command, lab.name)
                    .c_str());
    }
    for (const auto& [what, name] : things_of(lab.remains)) {
      std::puts(fmt::format("{} {} {} of lab {}: {}", verb, what, name, lab.name, lab.why).c_str());
    }
  }
  for (const auto& instance : garbage.instances) {
    std::puts(
        fmt::format("{} ephemeral lab {} ({}): {}", verb, instance.lab, instance.name, kGuardIsGone)
            .c_str());
  }
  for (const auto& name : garbage.stale) std::puts((verb + " stale " + name).c_str());
  for (const auto& spared : garbage.spared) {
    std::fputs(("netyard: left alone: " + spared + "\n").c_str(), stderr);
  }
  print_leftovers(garbage.left);
}

void add_gc(Command& app, Globals& globals) {
  auto dry_run = std::make_shared<bool>(false);
  Command command =
      app.add_subcommand("gc", "remove what netyard made and what belongs to no lab any more");
  command.add_flag("--dry-run", *dry_run, "only list it; status 10 when there is something");
  command.callback([dry_run, &globals] { run(*dry_run, globals); });
}

}  // namespace netyard::cli
