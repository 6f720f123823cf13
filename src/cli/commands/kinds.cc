// SPDX-License-Identifier: Apache-2.0
#include "engine/kinds.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/render.h"

namespace netyard::cli {
namespace {

nlohmann::json to_json(const KindSummary& kind) {
  nlohmann::json keys = nlohmann::json::array();
  for (const auto& key : kind.keys) {
    keys.push_back({{"key", key.name}, {"help", key.help}, {"required", key.required}});
  }
  nlohmann::json out = {{"kind", kind.name},
                        {"help", kind.help},
                        {"kernel_option", kind.kernel_option},
                        {"keys", std::move(keys)}};
  if (kind.available) out["available"] = *kind.available;
  return out;
}

std::string availability(const KindSummary& kind) {
  if (!kind.available) return "unknown (needs root)";
  return *kind.available ? "yes" : "no (" + kind.kernel_option + ")";
}

void run(const std::string& wanted, Globals& globals) {
  nlohmann::json list = nlohmann::json::array();
  Table kinds({"KIND", "IN THIS KERNEL", "WHAT IT IS"});
  Table keys({"KEY", "", "MEANING"});
  bool found = wanted.empty();
  for (const auto& kind : list_kinds()) {
    if (!wanted.empty() && kind.name != wanted) continue;
    found = true;
    list.push_back(to_json(kind));
    kinds.add({kind.name, availability(kind), kind.help});
    for (const auto& key : kind.keys)
      keys.add({key.name, key.required ? "required" : "", key.help});
  }
  if (!found) throw Error(0, "show", "kind " + wanted).reason("there is no such kind of link");
  if (globals.json) return print_json({{"kinds", std::move(list)}});
  std::fputs(kinds.render(terminal_width()).c_str(), stdout);
  if (!wanted.empty()) std::fputs(("\n" + keys.render(terminal_width())).c_str(), stdout);
}

}  // namespace

void add_kinds(Command& app, Globals& globals) {
  auto wanted = std::make_shared<std::string>();
  Command command = app.add_subcommand("kinds", "list the kinds of link, or the keys of one");
  command.add_option("KIND", *wanted, "the kind whose keys to show");
  command.callback([wanted, &globals] { run(*wanted, globals); });
}

}  // namespace netyard::cli
