// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/gc.h"

namespace netyard::cli {

/// {"removed": [{"what", "name", "lab", "why"}], "ended": [{"pid", "command", "lab"}], "spared",
/// "left"}.
nlohmann::json garbage_to_json(const Garbage& garbage);
/// A line for each thing: "removed namespace x.a of lab x: it has no record".
void print_garbage(const Garbage& garbage, const std::string& verb);

}  // namespace netyard::cli
