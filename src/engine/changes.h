// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "engine/record.h"
#include "engine/snapshot.h"
#include "process/service_state.h"
#include "topology/plan.h"

namespace netyard {

/// One step on the way from what is there to what the file says.
struct Change {
  enum class Sign { add, change, remove };
  Sign sign = Sign::add;
  Step step;
  std::string was;  // what is there instead, in words; "" when there is nothing to say
};

/// All of them, in an order the kernel accepts: removals first, then as in the plan of the file.
struct Changes {
  std::vector<Change> list;
  Diagnostics diagnostics;  // what is in the way and not ours
  /// As a plan to be executed.
  Plan plan(const std::string& lab) const;
};

/// A file as it was read, and its plan.
struct Wish {
  const Topology* topology = nullptr;
  const Plan* plan = nullptr;
};

/// What is known of the workloads of a lab.
struct LiveService {
  PlacedService placed;
  std::optional<ServiceState> state;
};

/// What nftables have where a file has a ruleset.
struct LiveRuleset {
  std::uint32_t generation = 0;   // nft_generation()
  std::vector<std::string> ours;  // tables of files so far that are there, when any may differ
  std::string otherwise;          // what is not as its file says: "table inet f is missing"
};

/// What a lab has to be compared with.
struct Present {
  const LabRecord* record = nullptr;
  std::vector<Wish> before;  // what was asked for so far; more than one after a crash; or nothing
  /// Whether the last of them was done to its end: what cannot be read back is as it says, then.
  bool settled = false;
  /// Whether the commands of the first of them were run.
  bool commands_ran = false;
  std::vector<LiveService> services;
  std::vector<PlacedService> wanted_services;
  std::map<std::string, LiveRuleset> rulesets;  // by node
  /// The value that a sysctl has in a new namespace; nullopt: not known.
  std::function<std::optional<std::string>(const std::string& path)> usual_sysctl;
};

/// Compares the file, what was asked for before, and the kernel: the smallest way from one to the
/// other. Only what was asked for before is ever removed. Pure.
Changes find_changes(const Wish& next, const Present& present, Snapshot live);

/// One line a change: "~ set link eth0 mtu 1400 in h1 (was: mtu 1500)".
std::string render_changes(const Topology& topology, const Changes& changes);

}  // namespace netyard
