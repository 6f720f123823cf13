// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "process/log_file.h"
#include "process/service_state.h"
#include "process/spawn.h"

namespace netyard {

using Clock = std::chrono::steady_clock;

/// One service and the process that it is now: starts it, watches it, ends it, starts it again.
/// Never waits: whoever owns it calls on_ready() when a descriptor is readable and tick() when the
/// time has come.
class Runner {
 public:
  /// Asked about "NODE/NAME" of those it comes after: their phases.
  using PhaseOf = std::function<ServicePhase(const std::string&)>;

  Runner(PlacedService placed, ServiceFiles files, PhaseOf phase_of);

  const Service& service() const { return placed_.service; }
  const PlacedService& placed() const { return placed_; }
  const ServiceState& state() const { return state_; }
  /// True while a process of it lives, or is about to.
  bool is_busy() const;
  /// True when it will not change by itself, or is ready.
  bool is_settled() const;

  /// Takes over what an earlier supervisor left: the process when it still runs.
  void adopt(const ServiceState& left);
  void start();
  void stop();
  /// Ends it, and starts it when it has ended.
  void restart();
  /// Of one that runs. Throws Error.
  void freeze(bool frozen);

  /// Descriptors to be watched now.
  std::vector<int> descriptors() const;
  void on_ready(int descriptor);
  void tick(Clock::time_point now);
  /// When tick() wants to be called next.
  Clock::time_point deadline() const { return deadline_; }

 private:
  struct Beside {  // an exec probe that runs
    Process process;
    Clock::time_point until;
  };

  void enter(ServicePhase phase, std::string reason = {});
  bool may_start();
  void launch();
  void spawn_it();
  void on_exit();
  void settle_ending(const std::string& how, bool success);
  void find_line();
  std::string describe_ending();
  void end_probe();
  void clear_group();
  void take_line(const LogLine& line);
  void note(const std::string& text);
  void tick_starting(Clock::time_point now);
  void tick_ready(Clock::time_point now);
  void judge_health(bool well);
  /// The answer of a probe, or nothing yet.
  std::optional<bool> ask(const Probe& probe, std::chrono::milliseconds timeout,
                          Clock::time_point now);
  void end_process(const std::string& why);
  void send(int signal) const;

  PlacedService placed_;
  ServiceFiles files_;
  PhaseOf phase_of_;
  ServiceState state_;
  LogFile log_;
  Process process_;
  Cgroup group_;
  LogStream output_, error_;
  std::optional<Beside> beside_;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point started_, kill_at_, next_probe_, again_at_;
  std::uint32_t health_failures_ = 0;
  std::string why_ended_;  // what we ended it for
  bool line_seen_ = false;
  bool again_ = false;  // start when it has stopped
};

}  // namespace netyard
