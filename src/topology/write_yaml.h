// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace netyard {

/// A value as one YAML document that parse_tree() reads back: keys in their order, mappings and
/// lists of scalars alone on one line, texts of several lines as blocks, texts that are no texts to
/// other readers of YAML in quotes.
std::string write_yaml(const nlohmann::ordered_json& value);

}  // namespace netyard
