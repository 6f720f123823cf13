// SPDX-License-Identifier: Apache-2.0
#include "engine/run.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>

#include "engine/find.h"
#include "engine/instance.h"
#include "engine/root_file_system.h"
#include "netns/namespace.h"
#include "netns/processes.h"

namespace netyard {
namespace {

// Cgroups of commands are "run/PID-START": whoever is next sees which were left.
constexpr const char* kRuns = "run";
constexpr auto kPatienceWithRuns = std::chrono::seconds(5);

std::string runs_group() {
  return cgroup_scope() + kRuns;
}

std::string own_group() {
  const ProcessIdentity self = this_process();
  return fmt::format("{}/{}-{}", runs_group(), self.pid, self.start_time);
}

bool runs(const std::string& name) {
  ProcessIdentity owner;
  const char* end = name.data() + name.size();
  const auto [dash, bad] = std::from_chars(name.data(), end, owner.pid);
  if (bad != std::errc() || dash == end) return true;  // none of ours: leave it
  std::from_chars(dash + 1, end, owner.start_time);
  return is_running(owner);
}

void remove_left_groups() {
  for (const auto& name : Cgroup::children(runs_group())) {
    if (runs(name)) continue;
    const Cgroup left = Cgroup::find(runs_group() + "/" + name);
    left.kill(kPatienceWithRuns);
    left.remove();
  }
}

/// The cgroup of a command, gone with it.
class RunGroup {
 public:
  explicit RunGroup(const Workload& workload) {
    // Without a pid namespace what it leaves behind is found by its cgroup.
    const bool wanted = workload.shares("pid") && geteuid() == 0 && in_initial_user_namespace();
    if (!workload.limits.any() && !wanted) return;
    remove_left_groups();
    group_ = Cgroup::create(own_group(), workload.limits, true);
  }
  ~RunGroup() {
    if (!group_) return;
    group_.kill(kPatienceWithRuns);
    group_.remove();
  }
  RunGroup(const RunGroup&) = delete;
  RunGroup& operator=(const RunGroup&) = delete;
  const Cgroup* get() const { return group_ ? &group_ : nullptr; }

 private:
  Cgroup group_;
};

// Without root there is but one id to be: it stands for whoever the workload is to be.
void map_own_id(Workload& workload) {
  if (geteuid() == 0 || workload.has_user_namespace()) return;
  const Identity identity = resolve_identity(workload.user, {}, workload.rootfs);
  workload.uid_map = {{identity.uid, geteuid(), 1}};
  workload.gid_map = {{identity.gid, getegid(), 1}};
}

}  // namespace

std::string RunReport::complaint() const {
  const bool killed = ending.signal == SIGKILL;
  if (auto memory = describe_out_of_memory(usage, killed); !memory.empty()) return memory;
  if (timed_out) return fmt::format("ended, out of time after {:.1f} s", seconds);
  return ending.signal != 0 ? ending.describe() : "";
}

std::vector<WorkloadProblem> check_run(const RunRequest& request) {
  auto problems = check_words(request.workload);
  if (problems.empty()) problems = check_on_machine(request.workload);
  return problems;
}

RunReport run_workload(const RunRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  Workload workload = with_root_directory(request.workload);
  map_own_id(workload);
  Foreground how;
  FileDescriptor netns;
  if (!request.node.empty()) {
    FoundNode node = find_node(request.lab, request.node);
    how.spawn.netns_name = node.netns;
    netns = std::move(node.fd);
    if (workload.hostname.empty() && !workload.shares("uts")) workload.hostname = node.name;
  } else if (!request.netns.empty()) {
    how.spawn.netns_name = request.netns;
    netns = open_namespace(request.netns);
  } else {
    how.spawn.new_netns = true;
  }
  how.spawn.netns_fd = netns.get();
  how.spawn.rootfs = workload.rootfs;
  how.terminal = request.terminal;
  how.timeout = request.timeout;
  how.refused = request.refused;
  const Prepared prepared = prepare(workload);
  const RunGroup group(workload);
  how.spawn.cgroup = group.get();
  const ForegroundResult result = run_in_foreground(prepared, std::move(how));
  RunReport report;
  report.ending = result.ending;
  report.timed_out = result.timed_out;
  if (group.get() != nullptr) report.usage = group.get()->usage();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  report.seconds = took.count();
  return report;
}

}  // namespace netyard
