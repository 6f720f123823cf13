// SPDX-License-Identifier: Apache-2.0
#include "process/runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "base/log.h"
#include "base/units.h"
#include "netns/namespace.h"
#include "netns/processes.h"
#include "process/init/program.h"
#include "process/pipe.h"
#include "process/probe.h"
#include "process/refusals.h"

namespace netyard {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kSoonest{10}, kLatest{500};  // between questions to a probe
constexpr milliseconds kPatience{2000};             // for a cgroup to be empty

// Read when there is something, without waiting for more.
Pipe make_log_pipe() {
  Pipe pipe = make_pipe();
  fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

FileDescriptor fetch(int pidfd, int number) {
  return FileDescriptor(static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, number, 0)));
}

// A number that was ready may be another descriptor's by now: closed, and given out again.
bool is_readable(int fd) {
  pollfd look = {fd, POLLIN, 0};
  return poll(&look, 1, 0) == 1;
}

bool is_over(ServicePhase phase) {
  return phase == ServicePhase::stopped || phase == ServicePhase::exited ||
         phase == ServicePhase::failed;
}

}  // namespace

Runner::Runner(PlacedService placed, ServiceFiles files, PhaseOf phase_of)
    : placed_(std::move(placed)),
      files_(std::move(files)),
      phase_of_(std::move(phase_of)),
      log_(files_.log(placed_.service), placed_.service.log) {}

bool Runner::is_busy() const {
  return !is_over(state_.phase);
}

bool Runner::is_settled() const {
  return state_.phase == ServicePhase::ready || is_over(state_.phase);
}

void Runner::enter(ServicePhase phase, std::string reason) {
  state_.phase = phase;
  state_.since = std::time(nullptr);
  state_.reason = std::move(reason);
  try {
    save_state(files_, service(), state_);
  } catch (const Error& error) {
    log::warning(error.what());
  }
}

// What netyard itself says in a workload's log.
void Runner::note(const std::string& text) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  log_.write({std::chrono::duration_cast<std::chrono::microseconds>(now).count(), true,
              "netyard: " + text});
}

void Runner::start() {
  again_ = false;
  if (state_.phase == ServicePhase::stopping) {
    again_ = true;
    return;
  }
  if (is_busy() && state_.phase != ServicePhase::backoff) return;
  state_.failures = 0;
  enter(ServicePhase::waiting);
  tick(Clock::now());
}

void Runner::stop() {
  again_ = false;
  if (state_.pid == 0) {
    if (is_busy()) enter(ServicePhase::stopped);
    deadline_ = Clock::time_point::max();
    return;
  }
  if (state_.phase == ServicePhase::stopping) return;
  if (state_.frozen) freeze(false);
  enter(ServicePhase::stopping);
  why_ended_ = "stopped";
  send(service().stop_signal);
  deadline_ = kill_at_ = Clock::now() + service().stop_timeout;
}

void Runner::restart() {
  stop();
  if (state_.pid == 0) return start();
  again_ = true;
}

void Runner::freeze(bool frozen) {
  group_.freeze(frozen);
  state_.frozen = frozen;
  enter(state_.phase, state_.reason);
}

bool Runner::may_start() {
  for (const auto& other : service().after) {
    const ServicePhase phase = phase_of_(other);
    if (phase == ServicePhase::ready || phase == ServicePhase::exited) continue;
    if (phase == ServicePhase::failed || phase == ServicePhase::stopped) {
      enter(ServicePhase::failed,
            fmt::format("{}, which it comes after, {}", other,
                        phase == ServicePhase::failed ? "failed" : "is stopped"));
    }
    return false;
  }
  return true;
}

void Runner::launch() {
  health_failures_ = 0;
  line_seen_ = false;
  why_ended_.clear();
  state_.healthy = true;
  state_.frozen = false;
  try {
    spawn_it();
  } catch (const Error& error) {
    clear_group();
    output_ = {};
    error_ = {};
    note(error.what());
    settle_ending(error.what(), false);
    return;
  }
  started_ = next_probe_ = Clock::now();
  const bool at_once = !service().ready;
  enter(at_once ? ServicePhase::ready : ServicePhase::starting);
  tick(started_);
}

void Runner::spawn_it() {
  const FileDescriptor netns = open_namespace(placed_.netns);
  Pipe out = make_log_pipe();
  Pipe err = make_log_pipe();
  // What an earlier run left in the group, and may still be dying.
  if (Cgroup left = Cgroup::find(placed_.group)) {
    left.kill(kPatience);
    left.remove();
  }
  group_ = Cgroup::create(placed_.group, service().workload.limits, true);
  const FileDescriptor record =
      open_file(files_.record(service()), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
  SpawnOptions options;
  options.netns_fd = netns.get();
  options.netns_name = placed_.netns;
  options.rootfs = placed_.rootfs;
  options.cgroup = &group_;
  options.output = out.write.get();
  options.error = err.write.get();
  options.die_with_caller = false;
  options.record_fd = record.get();
  options.kept_by_init = {out.read.get(), err.read.get()};
  process_ = spawn(prepare(service().workload), options);
  state_.pid = process_.pid;
  state_.start_time = identify_process(process_.pid).start_time;
  state_.output_fd = out.read.get();
  state_.error_fd = err.read.get();
  output_ = LogStream(std::move(out.read), false);
  error_ = LogStream(std::move(err.read), true);
}

void Runner::adopt(const ServiceState& left) {
  state_ = left;
  group_ = Cgroup::find(placed_.group);
  const bool lives = left.pid != 0 && is_running({left.pid, left.start_time});
  if (left.pid != 0) {
    process_.pid = left.pid;
    process_.pidfd = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, left.pid, 0)));
  }
  if (lives && process_.pidfd && is_running({left.pid, left.start_time})) {
    output_ = LogStream(fetch(process_.pidfd.get(), left.output_fd), false);
    error_ = LogStream(fetch(process_.pidfd.get(), left.error_fd), true);
    started_ = next_probe_ = Clock::now();
    if (left.phase == ServicePhase::stopping) {
      why_ended_ = "stopped";
      kill_at_ = Clock::now() + service().stop_timeout;
    }
    find_line();
    tick(Clock::now());
    return;
  }
  process_.pidfd.reset();
  if (left.pid != 0) return on_exit();
  if (group_) clear_group();
  if (left.phase == ServicePhase::backoff) again_at_ = Clock::now();
  tick(Clock::now());
}

void Runner::send(int signal) const {
  syscall(SYS_pidfd_send_signal, process_.pidfd.get(), signal, nullptr, 0);
}

void Runner::end_process(const std::string& why) {
  why_ended_ = why;
  send(SIGKILL);
  if (group_) group_.kill(milliseconds(0));
  deadline_ = Clock::time_point::max();
}

std::vector<int> Runner::descriptors() const {
  std::vector<int> out;
  if (process_.pidfd) out.push_back(process_.pidfd.get());
  if (process_.listener) out.push_back(process_.listener.get());
  if (output_.is_open()) out.push_back(output_.fd());
  if (error_.is_open()) out.push_back(error_.fd());
  if (beside_) out.push_back(beside_->process.pidfd.get());
  return out;
}

void Runner::on_ready(int descriptor) {
  const auto take = [this](const LogLine& line) { take_line(line); };
  if (output_.is_open() && descriptor == output_.fd()) return output_.read(take);
  if (error_.is_open() && descriptor == error_.fd()) return error_.read(take);
  if (!is_readable(descriptor)) return;
  if (process_.listener && descriptor == process_.listener.get()) {
    const auto call = answer_refusal(descriptor);
    if (call) note(fmt::format("{} was refused system call {}", call->command, call->name));
    if (!call) process_.listener.reset();
    return;
  }
  if (process_.pidfd && descriptor == process_.pidfd.get()) return on_exit();
  if (beside_ && descriptor == beside_->process.pidfd.get()) tick(Clock::now());
}

void Runner::take_line(const LogLine& line) {
  log_.write(line);
  const auto& ready = service().ready;
  if (!ready || ready->probe.kind != Probe::Kind::log || line_seen_) return;
  line_seen_ = line.text.find(ready->probe.text) != std::string::npos;
  if (line_seen_ && state_.phase == ServicePhase::starting) tick(Clock::now());
}

// The line that makes it ready may have come to an earlier supervisor, which said no more.
void Runner::find_line() {
  const auto& ready = service().ready;
  if (!ready || ready->probe.kind != Probe::Kind::log) return;
  constexpr std::size_t kLines = 1000;
  constexpr std::int64_t kMicro = 1'000'000;
  for (const auto& line : read_log(files_.log(service()), kLines)) {
    const bool recent = line.time_us >= state_.since * kMicro;
    if (recent && line.text.find(ready->probe.text) != std::string::npos) line_seen_ = true;
  }
}

std::string Runner::describe_ending() {
  siginfo_t info{};
  // Not our child when an earlier supervisor started it: then its init's record is all there is.
  const bool ours =
      waitid(P_PIDFD, static_cast<id_t>(process_.pidfd.get()), &info, WEXITED | WNOHANG) == 0;
  std::optional<Ending> ending;
  try {
    ending = read_ending(read_file(files_.record(service()), 4096));
  } catch (const Error&) {
    ending.reset();
  }
  if (!ending) {
    ending.emplace();
    ending->signal = ours && info.si_code == CLD_EXITED ? 0 : SIGKILL;
    ending->status = ending->signal == 0 ? info.si_status : 128 + SIGKILL;
  }
  if (group_) {
    const CgroupUsage usage = group_.usage();
    std::string memory = describe_out_of_memory(usage, ending->signal == SIGKILL);
    if (!memory.empty() && ending->status != 0) return memory;
  }
  if (!why_ended_.empty()) return why_ended_;
  return ending->status == 0 ? "" : ending->describe();
}

void Runner::on_exit() {
  const auto take = [this](const LogLine& line) { take_line(line); };
  const std::string how = describe_ending();
  // Nobody writes any more once the group is empty: what is in the pipes is all.
  clear_group();
  output_.drain(take);
  error_.drain(take);
  process_ = {};
  end_probe();
  state_.pid = 0;
  state_.frozen = false;
  settle_ending(how, how.empty());
}

// It is a child of ours: nobody else takes note of its end.
void Runner::end_probe() {
  if (!beside_) return;
  const int process = beside_->process.pidfd.get();
  siginfo_t info{};
  syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0);
  waitid(P_PIDFD, static_cast<id_t>(process), &info, WEXITED);
  beside_.reset();
}

void Runner::clear_group() {
  if (!group_) return;
  group_.kill(kPatience);
  group_.remove();
  group_ = {};
}

// Decides what comes after an ending.
void Runner::settle_ending(const std::string& how, bool success) {
  const RestartPolicy& policy = service().restart;
  deadline_ = Clock::time_point::max();
  if (!how.empty() && how != "stopped") note(how);
  if (state_.phase == ServicePhase::stopping) {
    enter(ServicePhase::stopped);
    if (again_) start();
    return;
  }
  const bool again = policy.when == RestartPolicy::When::always ||
                     (policy.when == RestartPolicy::When::on_failure && !success);
  if (!again) {
    enter(success ? ServicePhase::exited : ServicePhase::failed, how);
    return;
  }
  const bool lasted =
      started_ != Clock::time_point{} && Clock::now() - started_ > policy.most_delay;
  if (success || lasted) state_.failures = 0;
  if (!success) ++state_.failures;
  if (policy.tries != 0 && state_.failures > policy.tries) {
    enter(ServicePhase::failed,
          fmt::format("{}; given up after {} tries", how.empty() ? "exited" : how, policy.tries));
    return;
  }
  constexpr std::uint32_t kMostDoublings = 20;
  const std::uint32_t doublings = std::min(std::max(state_.failures, 1U) - 1, kMostDoublings);
  const auto delay = policy.delay * (1LL << doublings);
  again_at_ = deadline_ = Clock::now() + std::min<milliseconds>(delay, policy.most_delay);
  ++state_.restarts;
  enter(ServicePhase::backoff, how.empty() ? "exited with status 0" : how);
}

void Runner::tick(Clock::time_point now) {
  switch (state_.phase) {
    case ServicePhase::waiting:
      if (may_start()) launch();
      break;
    case ServicePhase::backoff:
      if (now >= again_at_) {
        launch();
      } else {
        deadline_ = again_at_;
      }
      break;
    case ServicePhase::starting:
      tick_starting(now);
      break;
    case ServicePhase::ready:
      tick_ready(now);
      break;
    case ServicePhase::stopping:
      deadline_ = kill_at_;
      if (now >= kill_at_) end_process("stopped");
      break;
    default:
      deadline_ = Clock::time_point::max();
  }
}

void Runner::tick_starting(Clock::time_point now) {
  const Readiness& ready = *service().ready;
  const auto end = started_ + ready.timeout;
  const bool by_line = ready.probe.kind == Probe::Kind::log;
  std::optional<bool> holds = line_seen_;
  if (!by_line)
    holds = now >= next_probe_ || beside_ ? ask(ready.probe, ready.timeout, now) : std::nullopt;
  if (holds && *holds) {
    beside_.reset();
    enter(ServicePhase::ready);
    next_probe_ = now;
    if (service().health) next_probe_ += service().health->interval;
    return tick_ready(now);
  }
  if (now >= end) {
    return end_process(fmt::format("not ready after {}: waited for {}",
                                   format_duration(ready.timeout), describe(ready.probe)));
  }
  if (holds) {
    const auto waited = std::chrono::duration_cast<milliseconds>(now - started_);
    next_probe_ = now + std::clamp(waited / 10, kSoonest, kLatest);
  }
  deadline_ = std::min(by_line ? end : next_probe_, end);
  if (beside_) deadline_ = std::min(end, beside_->until);
}

void Runner::tick_ready(Clock::time_point now) {
  const auto& health = service().health;
  deadline_ = Clock::time_point::max();
  if (!health || state_.frozen) return;
  if (now >= next_probe_ || beside_) {
    const auto well = ask(health->probe, health->timeout, now);
    if (well) {
      next_probe_ = now + health->interval;
      const bool early = now < started_ + health->start_period;
      if (*well || !early) judge_health(*well);
    }
  }
  if (state_.phase != ServicePhase::ready || !why_ended_.empty()) return;
  deadline_ = beside_ ? beside_->until : next_probe_;
}

void Runner::judge_health(bool well) {
  const Healthcheck& health = *service().health;
  health_failures_ = well ? 0 : health_failures_ + 1;
  if (well != state_.healthy) {
    state_.healthy = well;
    enter(state_.phase, well ? "" : "healthcheck fails: waits for " + describe(health.probe));
  }
  if (health_failures_ < health.retries) return;
  end_process(
      fmt::format("not healthy: {} checks for {} failed", health.retries, describe(health.probe)));
}

std::optional<bool> Runner::ask(const Probe& probe, milliseconds timeout, Clock::time_point now) {
  if (probe.kind != Probe::Kind::exec) return probe_holds(probe, state_.pid);
  if (!beside_) {
    Workload beside = service().workload;
    beside.argv = probe.argv;
    beside.seccomp.report = false;
    SpawnOptions options;
    options.join_pidfd = process_.pidfd.get();
    options.cgroup = &group_;
    try {
      beside_.emplace(Beside{spawn(prepare(beside), options), now + timeout});
    } catch (const Error& error) {
      log::debug(error.what());
      return false;
    }
    return {};
  }
  siginfo_t info{};
  const auto id = static_cast<id_t>(beside_->process.pidfd.get());
  if (waitid(P_PIDFD, id, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0) {
    beside_.reset();
    return info.si_code == CLD_EXITED && info.si_status == 0;
  }
  if (now < beside_->until) return {};
  end_probe();
  return false;
}

}  // namespace netyard
