// SPDX-License-Identifier: Apache-2.0
#include "engine/export.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/render.h"

namespace netyard::cli {
namespace {

struct ExportOptions {
  std::vector<std::string> words;
  std::string name;
  bool all = false;
  bool secrets = false;
};

void run(const ExportOptions& options, Globals& globals) {
  std::vector<std::string> words = options.words;
  if (words.empty() && !globals.lab.empty()) words.push_back(globals.lab);
  if (words.empty() != options.all) {
    wrong_use("NETNS", "name namespaces or a lab, or say --all");
  }
  const std::string name =
      !options.name.empty() ? options.name : (words.size() == 1 ? words.front() : "exported");
  const auto nodes = exported_nodes(words);
  const Export out = export_namespaces(name, nodes, options.secrets);
  if (globals.json) return print_json({{"text", out.text}, {"notes", out.notes}});
  std::fputs(out.text.c_str(), stdout);
  for (const auto& note : out.notes) std::fputs(("netyard: " + note + "\n").c_str(), stderr);
}

}  // namespace

void add_export(Command& app, Globals& globals) {
  auto options = std::make_shared<ExportOptions>();
  Command command = app.add_subcommand("export", "write a topology file of namespaces that are up");
  command.add_option("NETNS", options->words, "namespaces under /run/netns, or labs");
  command.add_flag("--all", options->all, "all that there are");
  command.add_flag("--secrets", options->secrets, "with private and preshared keys of WireGuard");
  command.add_option("--name", options->name, "name of the lab in the file");
  command.callback([options, &globals] { run(*options, globals); });
}

}  // namespace netyard::cli
