// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/render.h"
#include "engine/find.h"
#include "engine/service_logs.h"

namespace netyard::cli {
namespace {

struct Logs {
  std::vector<std::string> words;
  std::size_t tail = 0;
  bool follow = false;
  bool timestamps = false;
};

std::string time_of(const LogLine& line) {
  constexpr std::int64_t kMicro = 1'000'000;
  const std::time_t seconds = line.time_us / kMicro;
  struct tm parts {};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return fmt::format("{}.{:06}Z", text, line.time_us % kMicro);
}

// One line each: JSON that can be followed.
void print_line_json(const std::string& id, const LogLine& line) {
  const nlohmann::json body = {{"workload", id},
                               {"time", time_of(line)},
                               {"stream", line.is_error ? "stderr" : "stdout"},
                               {"text", line.text}};
  const auto text = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::fputs((text + "\n").c_str(), stdout);
}

void run(const Logs& options, Globals& globals) {
  const std::string lab = find_lab(globals.lab);
  catch_interrupts();
  std::size_t width = 0;
  for (const auto& service : select_services(lab, options.words)) {
    width = std::max(width, service.id().size());
  }
  const auto print = [&](const std::string& id, const LogLine& line) {
    if (globals.json) return print_line_json(id, line);
    const std::string when = options.timestamps ? time_of(line) + " " : "";
    const std::string text = fmt::format("{:<{}} | {}{}\n", id, width, when, line.text);
    std::fwrite(text.data(), 1, text.size(), stdout);  // NUL bytes and all
  };
  if (!options.follow) {
    for (const auto& [id, line] : last_log_lines(lab, options.words, options.tail)) print(id, line);
    return;
  }
  follow_logs(
      lab, options.words, options.tail,
      [&](const std::string& id, const LogLine& line) {
        print(id, line);
        return std::fflush(stdout) == 0;
      },
      [] { return interrupted_by() != 0; });
}

}  // namespace

void add_logs(Command& app, Globals& globals) {
  auto options = std::make_shared<Logs>();
  Command command = app.add_subcommand("logs", "show what workloads wrote");
  command.add_option("WORKLOAD", options->words, "NODE/NAME, or NODE for all of it; all when none");
  command.add_flag("-f,--follow", options->follow, "go on with what they write, until Ctrl-C");
  command.add_option("-n,--tail", options->tail, "only the last lines of each").type_name("LINES");
  command.add_flag("-t,--timestamps", options->timestamps, "say when a line was written");
  command.callback([options, &globals] { run(*options, globals); });
}

}  // namespace netyard::cli
