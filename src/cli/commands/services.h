// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/services.h"

namespace netyard::cli {

/// The table of `ps`, and whether somebody looks after them.
void print_workloads(const ServiceList& list);
/// Workloads as `ps` and `status` print them with --json.
nlohmann::json workloads_to_json(const ServiceList& list);

}  // namespace netyard::cli
