// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "engine/changes.h"
#include "engine/executor.h"
#include "engine/sources.h"
#include "topology/plan.h"

namespace netyard {

/// A topology file, read and planned. When diagnostics has errors, topology and plan are not to be
/// used.
struct LoadedLab {
  std::string path;  // absolute
  LabSources sources;
  Topology topology;
  Plan plan;
  Diagnostics diagnostics;
};

/// Reads, resolves and plans a file, with the interface numbers of the lab where that is up.
/// Mistakes of the file go to diagnostics; throws Error when the file itself cannot be read.
LoadedLab load_lab(const std::string& path, const spec::LoadOptions& options);
/// The same from what was read once.
LoadedLab load_lab(const LabSources& sources);

/// How an `up` ended.
enum class UpOutcome {
  done,
  refused,      // something stood against it before the first change: see diagnostics
  undone,       // failed and undone
  interrupted,  // by the user, and undone
  left          // failed, and not all could be undone
};

struct UpResult {
  UpOutcome outcome = UpOutcome::done;
  Diagnostics diagnostics;     // refused
  std::optional<Error> error;  // undone, left
  std::vector<Leftover> left;
  std::size_t nodes = 0;
  std::size_t links = 0;
  std::size_t addresses = 0;
  std::size_t routes = 0;
  bool was_up = false;  // and then what was done to it
  Changes changes;
  double seconds = 0;
};

/// Builds a lab; one that is up is changed into what the file says, and what was done is undone
/// when something fails. Throws Error when it is locked, or privilege lacks: nothing was changed
/// then.
UpResult bring_up(const LoadedLab& lab, const ExecutionHooks& hooks);

/// What bring_up() would do to a lab that is up; nullopt when it is not. Throws Error when it
/// cannot be looked at.
std::optional<Changes> changes_of(const LoadedLab& lab);

/// How a lab that is up differs from its file, and what would repair it.
struct Repairs {
  bool known = false;        // false: its file is not known any more
  std::int64_t settled = 0;  // LabRecord::settled
  Topology topology;
  Changes changes;
};
/// Throws Error when the lab cannot be looked at.
Repairs find_repairs(const std::string& lab);

/// True when a lab has a record.
bool is_up(const std::string& lab);

/// A process that keeps a namespace of a lab alive after `down`.
struct Lingering {
  std::string node;
  int pid = 0;
  std::string command;
};

struct DownResult {
  bool was_up = false;  // false: there was nothing to do
  std::vector<Leftover> left;
  std::vector<Lingering> lingering;
  std::string note;  // that its record was lost, or is of an earlier boot; "": neither
  std::size_t nodes = 0;
  double seconds = 0;
};

/// Removes a lab by its record, or, when that is lost, what carries its mark; one that is not up is
/// no failure. Throws Error when it is locked, or its record is of a later netyard.
DownResult take_down(const std::string& lab);

}  // namespace netyard
