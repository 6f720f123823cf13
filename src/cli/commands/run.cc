// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/command.h"
#include "cli/commands/confinement.h"
#include "cli/render.h"
#include "engine/run.h"

namespace netyard::cli {
namespace {

constexpr int kOutOfTime = 124;  // as timeout(1) has it

struct Run {
  RunRequest request;
  ConfinementOptions confinement;
  std::string timeout;
  std::string report;  // file of the JSON report
  bool no_terminal = false;
  std::map<std::pair<std::string, std::string>, std::size_t> refused;
};

nlohmann::json run_to_json(const Run& options, const RunReport& report) {
  nlohmann::json refused = nlohmann::json::array();
  for (const auto& [call, count] : options.refused) {
    refused.push_back({{"call", call.first}, {"command", call.second}, {"count", count}});
  }
  const CgroupUsage& usage = report.usage;
  const auto or_null = [](const auto& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  return {{"status", report.ending.status},
          {"signal", report.ending.signal},
          {"timed_out", report.timed_out},
          {"oom_killed", usage.oom_kills > 0},
          {"oom_kills", usage.oom_kills},
          {"forks_refused", usage.pids_refused},
          {"memory_limit", or_null(usage.memory_limit)},
          {"memory_peak", or_null(usage.memory_peak)},
          {"max_rss", report.ending.max_rss},
          {"user_seconds", static_cast<double>(report.ending.user_us) / 1e6},
          {"system_seconds", static_cast<double>(report.ending.system_us) / 1e6},
          {"seconds", report.seconds},
          {"refused", std::move(refused)}};
}

// The workload has standard output to itself: the report goes elsewhere.
void write_report(const Run& options, const nlohmann::json& body) {
  if (options.report.empty()) return print_json(body, stderr);
  FILE* file = std::fopen(options.report.c_str(), "we");
  if (file == nullptr) throw system_error("write report", options.report);
  print_json(body, file);
  if (std::fclose(file) != 0) throw system_error("write report", options.report);
}

void print_problems(const std::vector<WorkloadProblem>& problems, bool json) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& problem : problems) {
    list.push_back({{"key", problem.key}, {"message", problem.message}, {"hint", problem.hint}});
    if (json) continue;
    std::fputs(fmt::format("netyard: {}\n", problem.message).c_str(), stderr);
    if (!problem.hint.empty()) std::fputs(("    hint: " + problem.hint + "\n").c_str(), stderr);
  }
  if (json) print_json({{"problems", std::move(list)}}, stderr);
}

void note_refused(Run& options, const Globals& globals, const RefusedCall& call) {
  const std::size_t count = ++options.refused[{call.name, call.command}];
  if (count > 1 || globals.json) return;
  std::fputs(fmt::format("netyard: {} ({}) was refused system call {}\n", call.command, call.pid,
                         call.name)
                 .c_str(),
             stderr);
}

int status_of(const RunReport& report) {
  return report.timed_out ? kOutOfTime : report.ending.status;
}

void run(Run& options, Globals& globals) {
  // Whatever keeps the command from starting must not look like a status of its own.
  globals.status = kCannotStart;
  RunRequest& request = options.request;
  request.workload = options.confinement.workload();
  const bool images = !request.workload.rootfs.empty();
  if (request.workload.argv.empty() && !images) wrong_use("run", "there is no command");
  request.lab = globals.lab;
  if (!options.timeout.empty()) {
    request.timeout = parse_duration(options.timeout);
    if (!request.timeout) wrong_use("--timeout", "expected a duration: 30s, 2m");
  }
  request.terminal =
      !options.no_terminal && isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
  const char* terminal = std::getenv("TERM");
  if (request.terminal && terminal != nullptr) {
    request.workload.env.insert(request.workload.env.begin(), std::string("TERM=") + terminal);
  }
  request.refused = [&](const RefusedCall& call) { note_refused(options, globals, call); };
  if (const auto problems = check_run(request); !problems.empty()) {
    const bool missing = problems.size() == 1 && problems.front().key == "command";
    if (missing) globals.status = problems.front().hint.empty() ? kNotExecutable : kNotFound;
    return print_problems(problems, globals.json);
  }
  try {
    const RunReport report = run_workload(request);
    globals.status = status_of(report);
    const std::string complaint = report.complaint();
    const std::string program =
        request.workload.argv.empty() ? "workload" : request.workload.argv.front();
    if (!complaint.empty() && !globals.json) {
      std::fputs(fmt::format("netyard: {}: {}\n", program, complaint).c_str(), stderr);
    }
    if (globals.json || !options.report.empty())
      write_report(options, run_to_json(options, report));
  } catch (const SpawnError& error) {
    globals.status = error.status();
    print_error(error, false);
  }
}

}  // namespace

void add_run(Command& app, Globals& globals) {
  auto options = std::make_shared<Run>();
  Command command = app.add_subcommand("run", "run one confined command");
  command.takes_command();
  command.add_option("-L,--lab", globals.lab, "the lab of --node, when several are up");
  const Option node = command.add_option("--node", options->request.node, "in a node of a lab");
  command.add_option("--netns", options->request.netns, "in a namespace under /run/netns")
      .excludes(node);
  command.add_option("--timeout", options->timeout, "end it after this long: status 124");
  command.add_flag("-T,--no-terminal", options->no_terminal,
                   "give it no terminal of its own, even from one");
  command.add_flag("--json", globals.json, "print a JSON report to standard error at the end");
  command.add_option("--report", options->report, "write the JSON report to a file");
  options->confinement.add_to(command);
  command.footer(
      "netyard run [OPTIONS] -- COMMAND [ARGUMENT...]\n"
      "In a fresh network namespace unless --node or --netns is given. Confined: no capability, "
      "the\n"
      "default seccomp filter, a read-only file system with private /tmp, /run and /dev, and pid,\n"
      "mount, uts, ipc and cgroup namespaces of its own.\n"
      "The exit status is the command's, 128 + N when signal N ended it; 124 out of time, 125 "
      "when\n"
      "netyard could not start it, 126 when it is not executable, 127 when it is not found.");
  command.callback([options, command, &globals] {
    options->confinement.command = globals.command(command.remaining());
    run(*options, globals);
  });
}

}  // namespace netyard::cli
