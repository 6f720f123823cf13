// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace netyard {

/// The file format as a JSON Schema (draft 2020-12), made from the tables that the loader reads by.
std::string json_schema();

}  // namespace netyard
