// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/garbage.h"
#include "cli/render.h"
#include "engine/enter.h"
#include "engine/named_namespaces.h"

namespace netyard::cli {
namespace {

using Processes = std::vector<std::pair<pid_t, std::string>>;

nlohmann::json processes_to_json(const Processes& processes) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& [pid, command] : processes) out.push_back({{"pid", pid}, {"command", command}});
  return out;
}

void print_lines(const std::vector<std::string>& lines) {
  for (const auto& line : lines) std::fputs((line + "\n").c_str(), stdout);
}

void list(const Globals& globals) {
  const auto namespaces = list_namespaces();
  if (globals.json) {
    nlohmann::json out = nlohmann::json::array();
    for (const auto& entry : namespaces) {
      out.push_back({{"name", entry.name},
                     {"stale", entry.stale},
                     {"lab", entry.lab},
                     {"processes", processes_to_json(entry.processes)}});
      if (entry.id) out.back()["id"] = *entry.id;
    }
    return print_json({{"namespaces", std::move(out)}});
  }
  if (namespaces.empty()) return;
  Table table({"NAME", "ID", "LAB", "PROCESSES"});
  for (const auto& entry : namespaces) {
    std::string processes;
    for (const auto& [pid, command] : entry.processes) {
      processes += fmt::format("{}{}({})", processes.empty() ? "" : " ", command, pid);
    }
    table.add({entry.name, entry.id ? std::to_string(*entry.id) : "-",
               entry.lab.empty() ? "-" : entry.lab,
               entry.stale ? "stale: no namespace, see 'netyard ns prune'" : processes});
  }
  std::fputs(table.render(terminal_width()).c_str(), stdout);
}

void print_processes(const Processes& processes, const Globals& globals) {
  if (globals.json) return print_json({{"processes", processes_to_json(processes)}});
  for (const auto& [pid, command] : processes) std::fputs(fmt::format("{}\n", pid).c_str(), stdout);
}

void print_names(const std::vector<std::string>& names, const Globals& globals) {
  if (globals.json) return print_json({{"names", names}});
  print_lines(names);
}

void prune(Globals& globals) {
  const Garbage garbage = remove_gone_namespaces();
  if (!garbage.left.empty()) globals.status = kLeft;
  if (globals.json) return print_json(garbage_to_json(garbage));
  print_garbage(garbage, "removed");
}

struct Arguments {
  std::string name;
  pid_t pid = 0;
};

Command add(Command ns, const char* word, const char* help) {
  return ns.add_subcommand(word, help);
}

}  // namespace

void add_ns(Command& app, Globals& globals) {
  auto given = std::make_shared<Arguments>();
  Command ns = app.add_subcommand("ns", "named namespaces, shared with 'ip netns'");
  ns.require_subcommand();
  const auto with_name = [given](Command command) {
    command.add_option("NAME", given->name, "name under /run/netns").required();
    return command;
  };
  with_name(add(ns, "add", "create a namespace with lo up")).callback([given] {
    add_namespace(given->name);
  });
  with_name(add(ns, "del", "delete a namespace")).callback([given] {
    delete_namespace(given->name);
  });
  add(ns, "ls", "list them, with ids and processes").callback([&globals] { list(globals); });
  with_name(add(ns, "pids", "processes in a namespace")).callback([given, &globals] {
    print_processes(namespace_processes(given->name), globals);
  });
  add(ns, "prune",
      "remove files under /run/netns that are no namespaces, and namespaces of labs that are gone")
      .callback([&globals] { prune(globals); });
  Command attach = with_name(add(ns, "attach", "give the namespace of a process a name"));
  attach.add_option("PID", given->pid, "the process").required().positive();
  attach.callback([given] { attach_namespace(given->name, given->pid); });
  Command id = add(ns, "id", "names of the namespace of a process");
  id.add_option("PID", given->pid, "the process; netyard itself when not given").positive();
  id.callback([given, &globals] {
    print_names(names_of_process(given->pid != 0 ? given->pid : getpid()), globals);
  });
  Command exec = with_name(add(ns, "exec", "run a command in a namespace"));
  exec.takes_command();
  exec.callback([given, exec, &globals] {
    std::string failure;
    globals.status = kCannotStart;
    globals.status = exec_in_namespace(given->name, globals.command(exec.remaining()), failure);
    std::fputs(("netyard: " + failure + "\n").c_str(), stderr);
  });
}

}  // namespace netyard::cli
