// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cerrno>

#include <string>
#include <vector>

#include "base/error.h"
#include "e2e/program.h"

namespace netyard::test {

#ifdef NETYARD_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
/// Seconds for something to happen that takes none, on a machine that is busy.
inline constexpr double kSoon = kSanitized ? 60 : 20;

/// A file with one node `a`, whose workloads are the lines given, indented as they must be.
inline std::string with_workloads(const std::vector<std::string>& workloads,
                                  const std::string& name = "x") {
  std::string out = "name: " + name + "\nnodes:\n  a:\n    run:\n";
  for (const auto& line : workloads) out += "      " + line + "\n";
  return out;
}

inline nlohmann::json ps(const std::string& options = "") {
  return nlohmann::json::parse(netyard(options + " ps --json").text);
}

/// What `ps --json` tells of a workload of node `a`.
inline nlohmann::json workload(const std::string& name, const std::string& options = "") {
  const auto all = ps(options);
  for (const auto& one : all["workloads"]) {
    if (one["name"] == name) return one;
  }
  throw Error(ENOENT, "find", name);
}

inline std::string state(const std::string& name) {
  return workload(name)["state"];
}

inline bool becomes(const std::string& name, const std::string& wanted) {
  return eventually([&] { return state(name) == wanted; }, kSoon);
}

/// What workloads wrote, netyard's own lines not.
inline std::string said(const std::string& name) {
  return run(NETYARD_PROGRAM " logs a/" + name + " | sed 's/^[^|]*| //' | grep -v '^netyard: '")
      .text;
}

/// True when a process is gone, or dead and waits for its parent.
inline bool is_over(const std::string& pid) {
  return run("ps -o stat= -p " + pid + " | grep -v Z").text.empty();
}

/// Pid of the supervisor of a lab.
inline std::string supervisor(const std::string& lab = "x") {
  const std::string text = run("cat /run/netyard/" + lab + ".d/lock").text;
  return text.substr(0, text.find('\n'));
}

inline void kill_supervisor(const std::string& lab = "x") {
  const std::string pid = supervisor(lab);
  run("kill -9 " + pid);
  EXPECT_TRUE(eventually([&] { return is_over(pid); }, kSoon));
}

/// `up` of a file fails, is undone, and says all of that.
inline void expect_failure(const std::string& text, const std::vector<std::string>& parts) {
  const LabFile file(text);
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1) << up.text;
  for (const auto& part : parts) {
    EXPECT_NE(up.text.find(part), std::string::npos) << part << "\n  is not in\n" << up.text;
  }
  EXPECT_EQ(netyard("ls").text, "");
  EXPECT_EQ(run("ls /run/netns 2>/dev/null").text, "");
}

}  // namespace netyard::test
