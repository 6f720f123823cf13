// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"

namespace netyard::cli {

/// Prints what `up` would do: `plan`, and `up --dry-run`.
void run_plan(const FileOptions& options, Globals& globals);

}  // namespace netyard::cli
