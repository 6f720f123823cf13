// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cli/command.h"
#include "engine/changes.h"

namespace netyard::cli {

/// Each with its sign ("add", "change", "remove"), operation, object, node and place in the file.
nlohmann::json to_json(const Topology& topology, const Changes& changes);

/// Prints what `up` would do: `plan`, and `up --dry-run`.
void run_plan(const FileOptions& options, Globals& globals);

}  // namespace netyard::cli
