// SPDX-License-Identifier: Apache-2.0
#include "engine/capture.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/render.h"

namespace netyard::cli {
namespace {

nlohmann::json report_to_json(const CaptureReport& report) {
  nlohmann::json interfaces = nlohmann::json::array();
  for (const auto& interface : report.interfaces) {
    interfaces.push_back({{"name", interface.name},
                          {"packets", interface.packets},
                          {"received", interface.counts.received},
                          {"dropped", interface.counts.dropped},
                          {"ended", interface.ended}});
  }
  return {{"interfaces", std::move(interfaces)}};
}

void print_text(const CaptureReport& report) {
  for (const auto& interface : report.interfaces) {
    const std::string ended = interface.ended.empty() ? "" : "; " + interface.ended;
    fmt::print(stderr, "{}: {} packets, {} dropped by the kernel{}\n", interface.name,
               interface.packets, interface.counts.dropped, ended);
  }
}

void run(CaptureRequest request, Globals& globals) {
  request.lab = globals.lab;
  catch_interrupts();
  const CaptureReport report = capture(
      request,
      [&](const std::vector<std::string>& names) {
        if (!globals.json) fmt::print(stderr, "capturing on {}\n", fmt::join(names, ", "));
      },
      [] { return interrupted_by() != 0; });
  const bool mixed = request.file == "-" || request.file.empty();
  if (globals.json && !mixed) return print_json(report_to_json(report));
  print_text(report);
}

}  // namespace

void add_capture(Command& app, Globals& globals) {
  auto request = std::make_shared<CaptureRequest>();
  Command command = app.add_subcommand("capture", "capture packets on interfaces of nodes");
  command
      .add_option("INTERFACE", request->ends,
                  "NODE:INTERFACE, or NODE for all of its interfaces but lo")
      .required();
  command.add_option("-w,--write", request->file, "write pcapng there; - is standard output")
      .type_name("FILE");
  command.add_option("-f,--filter", request->filter, "only packets that it lets through")
      .type_name("FILTER");
  command.add_option("-c,--count", request->count, "stop after so many packets")
      .type_name("N")
      .positive();
  command.add_option("-s,--snaplen", request->snaplen, "keep so many bytes of a packet (262144)")
      .type_name("BYTES")
      .range(1, 262144);
  command.callback([request, &globals] { run(*request, globals); });
}

}  // namespace netyard::cli
