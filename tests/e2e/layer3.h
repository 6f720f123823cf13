// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "e2e/program.h"

namespace netyard::test {

/// Runs a Python program in a node; what it prints, without the last line break.
inline std::string python(const std::string& node, const std::string& program) {
  FILE* file = fopen("/run/program.py", "w");
  fputs(program.c_str(), file);
  fclose(file);
  Output out = netyard("exec " + node + " -- python3 /run/program.py");
  remove("/run/program.py");
  EXPECT_EQ(out.status, 0) << out.text;
  while (!out.text.empty() && out.text.back() == '\n') out.text.pop_back();
  return out.text;
}

/// The node of `status --json` with a name.
inline nlohmann::json node_status(const std::string& name) {
  const auto status = nlohmann::json::parse(netyard("status --json").text);
  for (const auto& node : status["nodes"]) {
    if (node["name"] == name) return node;
  }
  return {};
}

/// The first of a list whose `key` is `value`; null when there is none.
inline nlohmann::json find_in(const nlohmann::json& list, const std::string& key,
                              const nlohmann::json& value) {
  for (const auto& item : list) {
    if (item.value(key, nlohmann::json()) == value) return item;
  }
  return {};
}

}  // namespace netyard::test
