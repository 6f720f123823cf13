// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/services.h"

namespace netyard::cli {

/// Workloads as `ps` and `status` print them with --json.
nlohmann::json workloads_to_json(const ServiceList& list);

}  // namespace netyard::cli
