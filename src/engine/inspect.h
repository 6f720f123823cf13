// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/drift.h"
#include "engine/lost_lab.h"
#include "engine/record.h"
#include "netlink/observe.h"

namespace netyard {

/// An interface of a running lab as it is now.
struct InterfaceStatus {
  LinkState link;
  std::string peer;      // "node:interface"
  bool missing = false;  // the lab made it, and it is gone
  std::vector<AddressState> addresses;
  std::vector<Difference> differences;  // from the file
  std::int64_t touched = 0;             // by `link`: seconds since 1970; 0: not
  nlohmann::json words;                 // see engine/link_words.h; null when not asked for
};

struct NodeStatus {
  std::string name;
  std::string kind;
  std::string netns;
  std::string problem;  // "" or why it cannot be looked at
  std::size_t processes = 0;
  std::optional<nlohmann::json> layer3;  // see engine/state_words.h; when it was asked for
  std::vector<InterfaceStatus> interfaces;
};

struct LabStatus {
  std::string name;
  std::string file;
  LabPhase phase = LabPhase::up;
  RecordState record = RecordState::good;
  std::int64_t created = 0;  // seconds since 1970; 0: not known
  std::int64_t settled = 0;  // when `up` last made or found it as its file says; the same
  std::vector<NodeStatus> nodes;
  /// True when nothing the lab made is missing.
  bool whole() const;
};

/// Looks at every namespace of a lab; `in_full`: also at routes, rules, nexthops and neighbours,
/// and at all that links are set to.
/// Throws Error when there is no such lab or no right to look.
LabStatus inspect(const std::string& lab, bool in_full = false);

/// One line of `ls`.
struct LabSummary {
  std::string name;
  std::string file;
  LabPhase phase = LabPhase::up;
  RecordState record = RecordState::good;
  std::int64_t created = 0;
  std::size_t nodes = 0;
  std::string problem;  // its record cannot be read
};
/// Those without a record that can be read, too.
std::vector<LabSummary> list_labs();

}  // namespace netyard
