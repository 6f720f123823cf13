// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/render.h"
#include "engine/find.h"
#include "engine/lab.h"

namespace netyard::cli {
namespace {

struct Check {
  std::vector<std::string> files;
};

void run(const Check& options, Globals& globals) {
  nlohmann::json results = nlohmann::json::array();
  std::vector<std::string> files = options.files;
  if (files.empty()) files.push_back(find_file(""));
  for (const auto& file : files) {
    nlohmann::json result = {{"file", file}};
    bool valid = false;
    try {
      const LoadedLab lab = load_lab(file, {});
      valid = !lab.diagnostics.has_errors();
      result["diagnostics"] = to_json(lab.diagnostics);
      if (!globals.json) {
        print_diagnostics(lab.diagnostics);
        if (valid) std::fputs((file + ": ok\n").c_str(), stdout);
      }
    } catch (const Error& error) {
      result["error"] = to_json(error);
      if (!globals.json) print_error(error, false);
    }
    result["valid"] = valid;
    results.push_back(std::move(result));
    if (!valid) globals.status = kInvalid;
  }
  if (globals.json) print_json({{"files", std::move(results)}});
}

}  // namespace

void add_check(Command& app, Globals& globals) {
  auto options = std::make_shared<Check>();
  Command command = app.add_subcommand("check", "parse and validate files; report all mistakes");
  command.add_option("FILE", options->files, "topology files; netyard.yaml here when none");
  command.callback([options, &globals] { run(*options, globals); });
}

}  // namespace netyard::cli
