// SPDX-License-Identifier: Apache-2.0
#include "engine/rulesets.h"

#include <cerrno>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>

#include "engine/nft.h"
#include "engine/nft_output.h"
#include "process/command.h"

namespace netyard {
namespace {

constexpr std::size_t kAtOnce = 4;

Location place_of(const Ruleset& ruleset, const NftComplaint& complaint) {
  if (complaint.line == 0 || complaint.line > ruleset.lines.size()) {
    return ruleset.lines.front().at;
  }
  const Located<std::string>& line = ruleset.lines[complaint.line - 1];
  Location at = line.at;
  // A line of the file itself; one that we wrote ourselves, or that is folded, has only its place.
  const bool own = at.source != nullptr && at.column > 0 &&
                   at.source->line(at.line)
                       .substr(std::min(static_cast<std::size_t>(at.column) - 1,
                                        at.source->line(at.line).size()))
                       .starts_with(line.value);
  if (own && !line.value.empty()) at.column += complaint.column - 1;
  return at;
}

const char* hint_for(const CommandResult& result) {
  if (!result.failure.empty()) return "rulesets are loaded by nft(8): install nftables";
  const bool unknown = result.output.find("Protocol not supported") != std::string::npos;
  return unknown ? "this kernel has no nf_tables (CONFIG_NF_TABLES)" : "";
}

void check(const Node& node, Diagnostics& diagnostics) {
  const Ruleset& ruleset = *node.ruleset;
  const FileDescriptor place = stand_in(node);
  const CommandResult result =
      run_command(nft({"-c", "-f", "-"}, place.get(), ruleset.text()), [] { return false; });
  if (result.ok()) return;
  if (!result.failure.empty()) {
    diagnostics.error(ruleset.lines.front().at, result.failure, hint_for(result));
    return;
  }
  for (const auto& complaint : nft_complaints(result.output)) {
    diagnostics.error(place_of(ruleset, complaint), "nft: " + complaint.message, hint_for(result));
  }
}

// What is in front stays in the first line: lines are counted in what nft complains about.
std::string text_of(const PlacedRuleset& placed) {
  return placed.before + placed.ruleset->text();
}

Error refusal(const PlacedRuleset& placed, const CommandResult& result) {
  Error error(0, "load ruleset", placed.ruleset->title + " in " + placed.node);
  if (!result.failure.empty()) return error.reason(result.failure).hint(hint_for(result));
  const NftComplaint complaint = nft_complaints(result.output).front();
  if (placed.ruleset->lines.empty()) return error.reason("nft: " + complaint.message);
  return error.reason("nft: " + complaint.message)
      .hint(hint_for(result))
      .origin(place_of(*placed.ruleset, complaint));
}

}  // namespace

void check_rulesets(const Topology& topology, Diagnostics& diagnostics) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& node : topology.nodes) {
    if (!node.ruleset) continue;
    std::string names;
    for (const auto& interface : node.interfaces) names += interface.name + "/";
    if (seen.emplace(node.ruleset->text(), names).second) check(node, diagnostics);
  }
}

std::optional<Error> load_rulesets(const std::vector<PlacedRuleset>& rulesets,
                                   const std::function<bool()>& interrupted) {
  std::optional<Error> first;
  std::deque<std::pair<const PlacedRuleset*, RunningCommand>> running;
  const auto finish_one = [&] {
    const CommandResult result = running.front().second.finish(interrupted);
    if (!result.ok() && !first) first = refusal(*running.front().first, result);
    running.pop_front();
  };
  for (const auto& placed : rulesets) {
    if (first || interrupted()) break;
    if (running.size() == kAtOnce) finish_one();
    running.emplace_back(&placed,
                         RunningCommand(nft({"-f", "-"}, placed.namespace_fd, text_of(placed))));
  }
  while (!running.empty()) finish_one();
  return first;
}

bool has_table(const std::string& table, int namespace_fd) {
  return run_command(nft({"list", "table", "ip", table}, namespace_fd), [] { return false; }).ok();
}

void delete_table(const std::string& table, int namespace_fd) {
  const CommandResult result = run_command(
      nft({"-f", "-"}, namespace_fd, drop_table_text("ip " + table)), [] { return false; });
  if (result.ok()) return;
  Error error(0, "delete nftables table", table);
  throw error.reason(result.failure.empty() ? nft_complaints(result.output).front().message
                                            : result.failure);
}

}  // namespace netyard
