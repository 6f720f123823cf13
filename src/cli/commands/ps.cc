// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "base/words.h"
#include "cli/command.h"
#include "cli/commands/services.h"
#include "cli/render.h"
#include "engine/find.h"
#include "engine/services.h"

namespace netyard::cli {
namespace {

std::string state_of(const ServiceStatus& status) {
  const ServiceState& state = status.state;
  if (state.frozen) return "frozen";
  if (state.phase == ServicePhase::ready && !state.healthy) return "unhealthy";
  return to_string(state.phase);
}

std::string since(const ServiceState& state) {
  if (state.since == 0) return "-";
  return format_duration(std::chrono::seconds(std::time(nullptr) - state.since));
}

std::string memory_of(const CgroupUsage& usage) {
  if (!usage.memory) return "-";
  constexpr double kMega = 1 << 20;
  std::string out = fmt::format("{:.1f}M", static_cast<double>(*usage.memory) / kMega);
  if (usage.memory_limit) {
    out += fmt::format(" of {:.1f}M", static_cast<double>(*usage.memory_limit) / kMega);
  }
  return out;
}

std::string cpu_of(const CgroupUsage& usage) {
  return usage.cpu_us ? fmt::format("{:.2f}s", static_cast<double>(*usage.cpu_us) / 1e6) : "-";
}

void run(const std::string& word, Globals& globals) {
  const std::string lab = find_lab(word.empty() ? globals.lab : word);
  const ServiceList list = list_services(lab);
  if (globals.json) {
    print_json(
        {{"lab", lab}, {"supervised", list.supervised}, {"workloads", workloads_to_json(list)}});
  } else {
    print_workloads(list);
  }
}

}  // namespace

void print_workloads(const ServiceList& list) {
  Table table({"WORKLOAD", "STATE", "FOR", "PID", "RESTARTS", "CPU", "MEMORY", "COMMAND"});
  for (const auto& status : list.services) {
    constexpr std::size_t kMostCommand = 60;
    const std::string command =
        status.state.reason.empty()
            ? on_one_line(join_words(status.service.workload.argv), kMostCommand)
            : "(" + on_one_line(status.state.reason) + ")";
    table.add({status.service.id(), state_of(status), since(status.state),
               status.pid != 0 ? std::to_string(status.pid) : "-",
               std::to_string(status.state.restarts), cpu_of(status.usage), memory_of(status.usage),
               command});
  }
  std::fputs(table.render(terminal_width()).c_str(), stdout);
  if (!list.supervised) {
    std::fputs("netyard: nobody looks after these; 'netyard start' does again\n", stderr);
  }
}

nlohmann::json workloads_to_json(const ServiceList& list) {
  nlohmann::json out = nlohmann::json::array();
  const auto or_null = [](const auto& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  for (const auto& status : list.services) {
    const ServiceState& state = status.state;
    const CgroupUsage& usage = status.usage;
    out.push_back({{"node", status.service.node},
                   {"name", status.service.name},
                   {"command", status.service.workload.argv},
                   {"state", to_string(state.phase)},
                   {"frozen", state.frozen},
                   {"healthy", state.healthy},
                   {"reason", state.reason},
                   {"since", state.since},
                   {"pid", status.pid},
                   {"init_pid", state.pid},
                   {"restarts", state.restarts},
                   {"cpu_us", or_null(usage.cpu_us)},
                   {"memory", or_null(usage.memory)},
                   {"memory_peak", or_null(usage.memory_peak)},
                   {"memory_limit", or_null(usage.memory_limit)},
                   {"memory_pressure", or_null(usage.memory_pressure)},
                   {"pids", or_null(usage.pids)},
                   {"forks_refused", usage.pids_refused}});
  }
  return out;
}

void add_ps(Command& app, Globals& globals) {
  auto lab = std::make_shared<std::string>();
  Command command = app.add_subcommand("ps", "list the workloads of a lab");
  command.add_option("LAB", *lab, "name of the lab; the only one when not given");
  command.callback([lab, &globals] { run(*lab, globals); });
}

}  // namespace netyard::cli
