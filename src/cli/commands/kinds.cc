// SPDX-License-Identifier: Apache-2.0
#include "engine/kinds.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/kinds_markdown.h"
#include "cli/render.h"

namespace netyard::cli {
namespace {

struct KindsOptions {
  std::string kind;
  bool markdown = false;
};

nlohmann::json keys_to_json(const std::vector<KindSummary::Key>& keys) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& key : keys) {
    nlohmann::json one = {{"key", key.name},
                          {"help", key.help},
                          {"required", key.required},
                          {"values", key.values},
                          {"default", key.fallback}};
    if (!key.option.empty()) one["kernel_option"] = key.option;
    out.push_back(std::move(one));
  }
  return out;
}

nlohmann::json kind_to_json(const KindSummary& kind) {
  nlohmann::json out = {{"kind", kind.name},
                        {"help", kind.help},
                        {"kernel_option", kind.kernel_option},
                        {"example", kind.example},
                        {"keys", keys_to_json(kind.keys)}};
  if (!kind.parent.empty()) out["parent"] = kind.parent;
  if (!kind.port_keys.empty()) out["port_keys"] = keys_to_json(kind.port_keys);
  if (kind.available) out["available"] = *kind.available;
  return out;
}

std::string availability(const KindSummary& kind) {
  if (!kind.available) return "unknown (needs root)";
  return *kind.available ? "yes" : "no (" + kind.kernel_option + ")";
}

void print_keys(const char* heading, const std::vector<KindSummary::Key>& keys) {
  if (keys.empty()) return;
  Table table({heading, "VALUES", "DEFAULT", "MEANING"});
  for (const auto& key : keys) {
    const std::string option = key.option.empty() ? "" : " (" + key.option + ")";
    table.add({key.name, key.values, key.required ? "required" : key.fallback, key.help + option});
  }
  std::fputs(("\n" + table.render(terminal_width())).c_str(), stdout);
}

void run(const KindsOptions& options, Globals& globals) {
  if (options.markdown) {
    std::fputs(kinds_markdown(list_kinds(false), common_keys()).c_str(), stdout);
    return;
  }
  nlohmann::json list = nlohmann::json::array();
  Table kinds({"KIND", "IN THIS KERNEL", "WHAT IT IS"});
  std::vector<KindSummary> all = list_kinds(true, options.kind);
  if (all.empty())
    throw Error(0, "show", "kind " + options.kind).reason("there is no such kind of link");
  for (const auto& kind : all) {
    list.push_back(kind_to_json(kind));
    kinds.add({kind.name, availability(kind), kind.help});
  }
  if (globals.json) return print_json({{"kinds", std::move(list)}});
  std::fputs(kinds.render(terminal_width()).c_str(), stdout);
  if (options.kind.empty()) return;
  print_keys("KEY", all.front().keys);
  print_keys("KEY OF port", all.front().port_keys);
  std::printf("\nexample: %s\n", all.front().example.c_str());
}

}  // namespace

void add_kinds(Command& app, Globals& globals) {
  auto options = std::make_shared<KindsOptions>();
  Command command = app.add_subcommand("kinds", "list the kinds of link, or the keys of one");
  command.add_option("KIND", options->kind, "the kind whose keys to show");
  command.add_flag("--markdown", options->markdown, "print docs/kinds.md");
  command.callback([options, &globals] { run(*options, globals); });
}

}  // namespace netyard::cli
