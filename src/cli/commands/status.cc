// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/plan.h"
#include "cli/commands/services.h"
#include "cli/interrupt.h"
#include "cli/render.h"
#include "engine/find.h"
#include "engine/inspect.h"
#include "engine/lab.h"
#include "engine/state_words.h"
#include "engine/watch.h"

namespace netyard::cli {
namespace {

struct StatusOptions {
  std::string lab;
  bool watch = false;
};

std::string state_of(const InterfaceStatus& interface) {
  if (interface.missing) return "missing";
  if (!interface.link.up) return "down";
  // Links without a carrier of their own stay "unknown", and work: lo, tunnels.
  const OperState state = interface.link.operstate;
  return state == OperState::unknown ? "up" : to_string(state);
}

std::string addresses_of(const InterfaceStatus& interface) {
  std::string out;
  for (const auto& address : interface.addresses) {
    if (address.link_local) continue;
    if (!out.empty()) out += ' ';
    out += address.prefix.to_string();
    if (address.tentative) out += "(tentative)";
  }
  return out;
}

// lo is of interest only when something is wrong with it, or was put on it.
bool is_dull(const InterfaceStatus& interface) {
  if (interface.link.name != "lo" || !interface.link.up) return false;
  for (const auto& address : interface.addresses) {
    if (!address.prefix.address.is_loopback()) return false;
  }
  return true;
}

void print_differences(const LabStatus& lab) {
  Table table({"NOT AS IN THE FILE", "WHAT", "FILE", "NOW", "SINCE"});
  bool any = false;
  for (const auto& node : lab.nodes) {
    for (const auto& interface : node.interfaces) {
      for (const auto& one : interface.differences) {
        table.add({node.name + ":" + interface.link.name, one.what, one.file, one.now,
                   clock_time(interface.touched)});
        any = true;
      }
    }
  }
  if (any) std::fputs(("\n" + table.render(terminal_width())).c_str(), stdout);
}

const char* state_of(const LabStatus& lab) {
  if (lab.record == RecordState::earlier_boot) return "earlier boot";
  if (lab.record == RecordState::lost) return "record lost";
  return lab.phase == LabPhase::up ? "up" : "creating";
}

void print_text(const LabStatus& lab) {
  std::fputs(fmt::format("{}: {}{}, {}\n", lab.name, state_of(lab),
                         lab.created != 0 ? " since " + clock_time(lab.created) : "",
                         counted(lab.nodes.size(), "namespace"))
                 .c_str(),
             stdout);
  Table table({"NODE", "KIND", "INTERFACE", "STATE", "PEER", "ADDRESSES"});
  for (const auto& node : lab.nodes) {
    if (!node.problem.empty()) {
      table.add({node.name, node.kind, "-", "lost", "-", node.problem});
      continue;
    }
    bool first = true;
    for (const auto& interface : node.interfaces) {
      if (is_dull(interface)) continue;
      table.add({first ? node.name : "", first ? node.kind : "", interface.link.name,
                 state_of(interface), interface.peer.empty() ? "-" : interface.peer,
                 addresses_of(interface)});
      first = false;
    }
    if (first) table.add({node.name, node.kind, "-", "-", "-", ""});
  }
  std::fputs(table.render(terminal_width()).c_str(), stdout);
  print_differences(lab);
}

// "" when there is nothing to repair.
std::string repairs_text(const Repairs& repairs) {
  if (!repairs.known) return "what its file said is not known any more\n";
  if (repairs.changes.list.empty()) return "";
  const std::string settled =
      repairs.settled != 0 ? "it was as its file says at " + clock_time(repairs.settled) + "; "
                           : "";
  return settled + "'netyard up' would repair:\n" +
         render_changes(repairs.topology, repairs.changes);
}

nlohmann::json interface_to_json(const InterfaceStatus& interface) {
  nlohmann::json addresses = nlohmann::json::array();
  for (const auto& address : interface.addresses) {
    addresses.push_back(address_words(address));
  }
  nlohmann::json drift = nlohmann::json::array();
  for (const auto& one : interface.differences) {
    drift.push_back({{"what", one.what}, {"file", one.file}, {"now", one.now}});
    if (interface.touched != 0) drift.back()["since"] = interface.touched;
  }
  const LinkState& link = interface.link;
  nlohmann::json out = {{"name", link.name},
                        {"ifindex", link.ifindex},
                        {"kind", link.kind},
                        {"state", state_of(interface)},
                        {"mac", link.mac ? link.mac->to_string() : ""},
                        {"mtu", link.mtu},
                        {"master", link.master},
                        {"peer", interface.peer},
                        {"addresses", std::move(addresses)},
                        {"drift", std::move(drift)}};
  if (interface.words.is_object()) out.update(interface.words);
  return out;
}

nlohmann::json lab_to_json(const LabStatus& lab) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const auto& node : lab.nodes) {
    nlohmann::json interfaces = nlohmann::json::array();
    for (const auto& interface : node.interfaces)
      interfaces.push_back(interface_to_json(interface));
    nodes.push_back({{"name", node.name},
                     {"kind", node.kind},
                     {"netns", node.netns},
                     {"problem", node.problem},
                     {"processes", node.processes},
                     {"interfaces", std::move(interfaces)}});
    if (node.layer3) nodes.back().update(*node.layer3);
  }
  return {{"lab", lab.name},          {"file", lab.file},       {"state", state_of(lab)},
          {"created", lab.created},   {"settled", lab.settled}, {"whole", lab.whole()},
          {"nodes", std::move(nodes)}};
}

bool any_failed(const ServiceList& list) {
  return std::any_of(list.services.begin(), list.services.end(), [](const ServiceStatus& status) {
    return status.state.phase == ServicePhase::failed;
  });
}

void print_repairs(const Repairs& repairs, bool json) {
  if (json) {
    print_json(
        {{"time", std::time(nullptr)}, {"repairs", to_json(repairs.topology, repairs.changes)}});
  } else {
    const std::string text = repairs_text(repairs);
    std::fputs((clock_time(std::time(nullptr)) + " " + (text.empty() ? "as the file says\n" : text))
                   .c_str(),
               stdout);
  }
  std::fflush(stdout);
}

// Until a signal comes, or the lab is down: each time that something else is not as in the file.
void watch(const std::string& lab, bool json) {
  catch_interrupts();
  const auto interrupted = [] { return interrupted_by() != 0; };
  std::optional<std::string> before;
  inspect(lab);  // says so when there is no such lab
  while (!interrupted()) {
    const auto record = load_record(lab);
    if (!record) return;
    LabWatch changes(*record);
    const Repairs repairs = find_repairs(lab);
    const std::string now = repairs_text(repairs);
    if (before != now) print_repairs(repairs, json);
    before = now;
    changes.wait(interrupted);
  }
}

void run(const StatusOptions& options, Globals& globals) {
  const std::string lab = find_lab(options.lab.empty() ? globals.lab : options.lab);
  if (options.watch) return watch(lab, globals.json);
  const LabStatus status = inspect(lab, globals.json);
  const ServiceList workloads = list_services(status.name);
  const Repairs repairs = find_repairs(status.name);
  if (globals.json) {
    nlohmann::json body = lab_to_json(status);
    body["repairs"] = to_json(repairs.topology, repairs.changes);
    body["supervised"] = workloads.supervised;
    body["workloads"] = workloads_to_json(workloads);
    print_json(std::move(body));
  } else {
    print_text(status);
    const std::string drift = repairs_text(repairs);
    if (!drift.empty()) std::fputs(("\n" + drift).c_str(), stdout);
    if (!workloads.services.empty()) std::fputs("\n", stdout);
    if (!workloads.services.empty()) print_workloads(workloads);
  }
  if (!status.whole() || any_failed(workloads)) globals.status = kFailed;
}

}  // namespace

void add_status(Command& app, Globals& globals) {
  auto options = std::make_shared<StatusOptions>();
  Command command = app.add_subcommand("status", "show the nodes of a lab as they are now");
  command.add_option("LAB", options->lab, "name of the lab; the only one when not given");
  command.add_flag("--watch", options->watch,
                   "tell what is not as in the file, and again whenever that changes");
  command.callback([options, &globals] { run(*options, globals); });
}

}  // namespace netyard::cli
