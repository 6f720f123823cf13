// SPDX-License-Identifier: Apache-2.0
#include "engine/link.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/command.h"
#include "cli/commands/link_view.h"
#include "cli/interrupt.h"
#include "cli/render.h"
#include "engine/find.h"
#include "engine/replay.h"

namespace netyard::cli {
namespace {

struct LinkOptions {
  std::vector<std::string> words;  // [END] ACTION [WORD...]
  bool both = false;
  bool once = false;
  std::string window = "100ms";
};

/// What the words ask for.
struct Request {
  std::string lab;
  std::string end;  // "": all
  std::vector<LinkEnd> ends;
  std::vector<std::string> words;
  const LinkOptions* options = nullptr;
};

void print_results(const Request& request, const std::vector<LinkResult>& results,
                   const Globals& globals) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& result : results) {
    list.push_back({{"link", result.end.name()},
                    {"impairments", result.words},
                    {"warnings", result.warnings}});
    for (const auto& warning : result.warnings) {
      std::fputs(("netyard: warning: " + warning + "\n").c_str(), stderr);
    }
    if (globals.json) continue;
    std::string words;
    for (const auto& word : result.words) words += " " + word;
    std::fputs(fmt::format("{}:{}\n", result.end.name(), words.empty() ? " no impairments" : words)
                   .c_str(),
               stdout);
  }
  if (globals.json) print_json({{"lab", request.lab}, {"links", std::move(list)}});
}

void show(const Request& request, Globals& globals) {
  print_links(request.lab, look_at_ends(request.lab, request.ends), globals.json);
}

void set_state(const Request& request, Globals& globals, bool up) {
  for (const auto& end : request.ends) set_link_state(request.lab, end, up);
  if (globals.json) return show(request, globals);
  for (const auto& end : request.ends) {
    std::fputs(fmt::format("{}: {}\n", end.name(), up ? "up" : "down").c_str(), stdout);
  }
}
void set_up(const Request& request, Globals& globals) {
  set_state(request, globals, true);
}
void set_down(const Request& request, Globals& globals) {
  set_state(request, globals, false);
}

void set_words(const Request& request, Globals& globals) {
  globals.status = kUsage;
  if (request.words.empty()) wrong_use("link", "set wants KEY=VALUE");
  const Settings words = parse_words(request.words);
  globals.status = kDone;
  std::vector<LinkResult> results;
  for (const auto& end : request.ends) {
    results.push_back(set_impairments(request.lab, end, words));
  }
  print_results(request, results, globals);
}

void reset(const Request& request, Globals& globals) {
  std::vector<LinkResult> results;
  for (const auto& end : request.ends) results.push_back(reset_link(request.lab, end));
  print_results(request, results, globals);
}

void replay_trace(const Request& request, Globals& globals) {
  globals.status = kUsage;
  const auto window = parse_duration(request.options->window);
  if (request.words.size() != 1) wrong_use("link", "replay wants a TRACE");
  if (!window || window->count() < 1) {
    wrong_use("--window", "expected a time of at least 1ms");
  }
  const Trace trace = read_trace(request.words.front());
  globals.status = kDone;
  catch_interrupts();
  const ReplayResult result =
      replay(request.lab, request.ends.front(), trace, {*window, request.options->once},
             [] { return interrupted_by() != 0; });
  if (globals.json) {
    return print_json({{"lab", request.lab},
                       {"link", request.end},
                       {"steps", result.steps},
                       {"seconds", result.seconds},
                       {"mean_rate", result.mean_rate}});
  }
  std::fputs(
      fmt::format("{}: {} in {}, {:.3g} Mbit/s\n", request.end, counted(result.steps, "step"),
                  duration(result.seconds), result.mean_rate / 1e6)
          .c_str(),
      stdout);
}

struct Action {
  std::string_view word;
  void (*run)(const Request&, Globals&);
  bool takes_all;  // without an end: all of the lab
  bool takes_words;
};
constexpr Action kActions[] = {
    {"show", show, true, false},      {"up", set_up, false, false},
    {"down", set_down, false, false}, {"set", set_words, false, true},
    {"reset", reset, true, false},    {"replay", replay_trace, false, true},
};

void run(const LinkOptions& options, Globals& globals) {
  Request request;
  request.options = &options;
  std::vector<std::string> words = options.words;
  if (!words.empty() && words.front().find(':') != std::string::npos) {
    request.end = words.front();
    words.erase(words.begin());
  }
  const std::string verb = words.empty() ? "show" : words.front();
  const auto* action = std::find_if(std::begin(kActions), std::end(kActions),
                                    [&](const Action& a) { return a.word == verb; });
  const bool known = action != std::end(kActions);
  if (!words.empty()) request.words.assign(words.begin() + 1, words.end());
  if (!known) wrong_use("link", "expected NODE:IF or an action, found " + verb);
  if (!action->takes_all && request.end.empty()) {
    wrong_use("link", verb + " wants NODE:IF before it");
  }
  if (!action->takes_words && !request.words.empty()) {
    wrong_use("link", verb + " takes no words: " + request.words.front());
  }
  const std::size_t slash = request.end.find('/');
  const bool named = slash != std::string::npos && slash < request.end.find(':');
  request.lab = named ? request.end.substr(0, slash) : find_lab(globals.lab);
  if (named) request.end.erase(0, slash + 1);
  const bool shows = verb == "show";
  request.ends = request.end.empty() ? all_ends(request.lab)
                                     : find_ends(request.lab, request.end, options.both && !shows);
  if (shows && !request.end.empty()) add_peer(request.lab, request.ends);
  action->run(request, globals);
}

}  // namespace

void add_link(Command& app, Globals& globals) {
  auto options = std::make_shared<LinkOptions>();
  Command command = app.add_subcommand("link", "look at links, change them, give them back");
  command.add_option(
      "WORD", options->words,
      "[LAB/]NODE:IF, then show, up, down, set KEY=VALUE..., reset, or replay TRACE");
  command.add_flag("--both", options->both, "the other end, too");
  command.add_option("--window", options->window, "replay: how long a rate stays (100ms)");
  command.add_flag("--once", options->once, "replay: the trace once, instead of again and again");
  command.footer(
      "netyard link [NODE:IF] [show]\nnetyard link NODE:IF up|down\n"
      "netyard link NODE:IF set delay=20ms rate=10mbit     what the end sends\n"
      "netyard link [NODE:IF] reset                        what the file says\n"
      "'netyard impairments' lists the words for set.");
  command.callback([options, &globals] { run(*options, globals); });
}

}  // namespace netyard::cli
