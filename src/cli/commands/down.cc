// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/render.h"
#include "engine/find.h"
#include "engine/lab.h"
#include "engine/lost_lab.h"

namespace netyard::cli {
namespace {

struct Down {
  std::string lab;
  bool all = false;
};

bool is_file(const std::string& word) {
  return word.find('/') != std::string::npos || word.ends_with(".yaml") || word.ends_with(".yml");
}

std::vector<std::string> labs_meant(const Down& options, const Globals& globals) {
  if (options.all) return known_labs();
  const std::string& word = options.lab.empty() ? globals.lab : options.lab;
  // Nothing named and nothing up: nothing to do.
  if (word.empty() && known_labs().empty()) return {};
  if (!is_file(word)) return {find_lab(word)};
  return {load_lab(word, {}).topology.name};
}

nlohmann::json down_to_json(const std::string& lab, const DownResult& result) {
  nlohmann::json lingering = nlohmann::json::array();
  for (const auto& process : result.lingering) {
    lingering.push_back(
        {{"node", process.node}, {"pid", process.pid}, {"command", process.command}});
  }
  return {{"lab", lab},
          {"was_up", result.was_up},
          {"nodes", result.nodes},
          {"note", result.note},
          {"seconds", result.seconds},
          {"left", to_json(result.left)},
          {"lingering", std::move(lingering)}};
}

void print(const std::string& lab, const DownResult& result) {
  print_leftovers(result.left);
  if (!result.note.empty()) {
    std::fputs(fmt::format("netyard: {}: {}\n", lab, result.note).c_str(), stderr);
  }
  for (const auto& process : result.lingering) {
    std::fputs(
        fmt::format("netyard: process {} ({}) still runs in {}; its namespace lives, without "
                    "a name, until it ends\n",
                    process.pid, process.command, process.node)
            .c_str(),
        stderr);
  }
  if (!result.left.empty()) return;
  if (!result.was_up) {
    std::fputs((lab + ": is not up\n").c_str(), stdout);
    return;
  }
  std::fputs(fmt::format("{}: {} down in {}\n", lab, counted(result.nodes, "namespace"),
                         duration(result.seconds))
                 .c_str(),
             stdout);
}

// One of many that cannot be removed does not keep the others up.
std::optional<DownResult> take_down_one(const std::string& lab, const Down& options,
                                        Globals& globals) {
  try {
    return take_down(lab);
  } catch (const Error& error) {
    if (!options.all) throw;
    globals.status = kFailed;
    print_error(error, globals.json);
    return {};
  }
}

void run(const Down& options, Globals& globals) {
  // Half a `down` is of no use: finish, then go.
  catch_interrupts();
  nlohmann::json labs = nlohmann::json::array();
  for (const auto& lab : labs_meant(options, globals)) {
    const auto result = take_down_one(lab, options, globals);
    if (!result) continue;
    if (!result->left.empty()) globals.status = kLeft;
    if (globals.json) {
      labs.push_back(down_to_json(lab, *result));
    } else {
      print(lab, *result);
    }
  }
  if (globals.json) print_json({{"labs", std::move(labs)}});
}

}  // namespace

void add_down(Command& app, Globals& globals) {
  auto options = std::make_shared<Down>();
  Command command = app.add_subcommand("down", "remove a lab; needs no file");
  command.add_option("LAB", options->lab,
                     "name of the lab, or its file; the only one when not given");
  command.add_flag("--all", options->all, "remove every lab");
  command.callback([options, &globals] { run(*options, globals); });
}

}  // namespace netyard::cli
