// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace netyard {

/// A mapping with the keys of a table and no others.
template <class Keys>
nlohmann::json object_of(const Keys& keys) {
  nlohmann::json out = {{"type", nlohmann::json::array({"object", "null"})},
                        {"additionalProperties", false}};
  for (const auto& key : keys) {
    out["properties"][key.name] = {{"$ref", std::string("#/$defs/") + key.shape},
                                   {"description", key.help}};
  }
  return out;
}

/// Adds the shapes of impairments, `qdisc:` and `offloads:`, and their keys to those that have
/// them.
void add_traffic_shapes(nlohmann::json& defs);

/// Adds the shapes of `run:` to the definitions of the schema.
void add_run_shapes(nlohmann::json& defs);
/// Adds the shapes of routes, nexthops, rules, neighbours and addresses.
void add_layer3_shapes(nlohmann::json& defs);

}  // namespace netyard
