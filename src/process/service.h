// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "process/workload.h"

namespace netyard {

/// When a workload that has ended is started again.
struct RestartPolicy {
  enum class When { no, on_failure, always };
  When when = When::no;
  std::chrono::milliseconds delay{200};  // before the first; doubles with each
  std::chrono::milliseconds most_delay{10'000};
  std::uint32_t tries = 10;  // in a row, each having run for less than most_delay; 0: without end
  friend bool operator==(const RestartPolicy&, const RestartPolicy&) = default;
};

/// Something that shows that a workload works.
struct Probe {
  enum class Kind {
    tcp,    // listens on port, in its network namespace
    udp,    // is bound to port
    unix_,  // listens at path, or "@NAME"
    exec,   // argv, run like the workload and beside it, comes to 0
    file,   // path is there
    log     // a line of its output contains text
  };
  Kind kind = Kind::tcp;
  std::uint16_t port = 0;
  std::string path;  // unix_, file
  std::string text;  // log
  std::vector<std::string> argv;
  friend bool operator==(const Probe&, const Probe&) = default;
};

/// What makes a workload ready, and how long that may take.
struct Readiness {
  Probe probe;
  std::chrono::milliseconds timeout{30'000};
  friend bool operator==(const Readiness&, const Readiness&) = default;
};

/// A probe that is repeated; a workload that fails it `retries` times in a row is ended, and its
/// restart policy decides. No log probe.
struct Healthcheck {
  Probe probe;
  std::chrono::milliseconds interval{10'000};
  std::chrono::milliseconds timeout{3'000};
  std::chrono::milliseconds start_period{0};  // failures do not count so long
  std::uint32_t retries = 3;
  friend bool operator==(const Healthcheck&, const Healthcheck&) = default;
};

struct LogPolicy {
  std::uint64_t size = std::uint64_t{1} << 20;  // bytes of a file, which is then rotated
  std::uint32_t files = 3;                      // kept, the current one included
  friend bool operator==(const LogPolicy&, const LogPolicy&) = default;
};

/// A workload of a node and how it is looked after.
struct Service {
  std::string node, name;
  Workload workload;
  RestartPolicy restart;
  std::optional<Readiness> ready;  // without: ready when it executes
  std::optional<Healthcheck> health;
  std::vector<std::string> after;  // "NODE/NAME": ready before this one is started
  int stop_signal = 15;
  std::chrono::milliseconds stop_timeout{10'000};  // then SIGKILL
  LogPolicy log;
  bool autostart = true;  // by `up`; else only by `start`

  std::string id() const { return node + "/" + name; }
  friend bool operator==(const Service&, const Service&) = default;
};

}  // namespace netyard
