// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/run.h"
#include "netns-fixtures/fixture.h"

namespace netyard::test {

/// Where a workload finds the probe (probe.cc).
inline constexpr const char* kProbe = "/tmp/probe";

/// How a confined command went.
struct Ran {
  int status = 0;
  int signal = 0;
  bool timed_out = false;
  std::string output;  // standard output and error
  std::string error;   // why it was not started
  std::vector<RefusedCall> refused;
  CgroupUsage usage;
  std::string complaint;

  /// The lines of a probe: what was tried, to what it came to.
  std::map<std::string, std::string> attempts() const;
};

/// Whether the kernel takes calls of 32-bit programs (int 0x80); else they end by SIGSEGV.
bool has_i386_calls();

/// Tests that run a hostile command confined, and look at what it came to.
class ConfineTest : public CleanNetnsTest {
 protected:
  void SetUp() override;

  /// Runs argv as `netyard run` does, in a fresh network namespace.
  static Ran run(Workload workload);
  static Ran run(RunRequest request);
  /// The same for a line of sh(1), or the attempts of the probe.
  static Ran shell(const std::string& line, Workload workload = {});
  static Ran probe(const std::vector<std::string>& attempts, Workload workload = {});
  /// What one attempt of the probe came to: "ok", a number or the name of an errno.
  static std::string attempt(const std::string& what, Workload workload = {});

  /// A directory with the probe as /probe, below /run.
  static std::string make_rootfs();
  /// The path of the probe outside of workloads.
  static const std::string& probe_path();
  static std::string read_text(const std::string& path);
  /// Runs `body` in a process of its own and gives its pid.
  template <class Body>
  static pid_t in_child(Body body);
};

/// As ConfineTest, for what a user namespace cannot do: cgroups, devices, any user.
class RootConfineTest : public ConfineTest {
 protected:
  void SetUp() override;
};

/// True outside of all user namespaces.
bool is_real_root();

template <class Body>
pid_t ConfineTest::in_child(Body body) {
  fflush(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    _exit(body());
  } catch (const std::exception& error) {
    fprintf(stderr, "%s\n", error.what());
    _exit(99);
  }
}

}  // namespace netyard::test
