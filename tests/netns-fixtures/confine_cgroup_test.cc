// SPDX-License-Identifier: Apache-2.0
// Limits, on whatever hierarchies this machine has.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "netns-fixtures/confine.h"
#include "process/cgroup.h"
#include "process/spawn.h"

namespace netyard::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

class ConfineCgroupTest : public RootConfineTest {
 protected:
  void SetUp() override {
    RootConfineTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    before_ = directories();
  }
  void TearDown() override {
    if (!IsSkipped() && !HasFatalFailure()) {
      EXPECT_EQ(directories(), before_);
    }
    RootConfineTest::TearDown();
  }
  // Groups of ours in all hierarchies, those of other users of the machine aside.
  static std::string directories() {
    std::string out;
    for (const auto& name : Cgroup::children("")) {
      if (name == "run" || name == "test") out += name + " ";
    }
    return out;
  }
  static Workload with(Limits limits) {
    Workload out;
    out.limits = std::move(limits);
    return out;
  }
  std::string before_;
};

TEST_F(ConfineCgroupTest, AMemoryHogIsKilledAndItIsSaid) {
  Limits limits;
  limits.memory = 32 * kMiB;
  const pid_t sibling = fork();
  if (sibling == 0) {
    for (;;) pause();
  }
  const Ran ran = probe({"cwd", "memory:268435456"}, with(limits));
  EXPECT_EQ(ran.output, "cwd /\n");
  EXPECT_EQ(ran.status, 137);
  EXPECT_EQ(ran.complaint, "killed, out of memory (limit 32 MiB, peak 32 MiB)");
  EXPECT_EQ(ran.usage.oom_kills, 1U);
  EXPECT_EQ(ran.usage.memory_limit, 32 * kMiB);
  EXPECT_EQ(waitpid(sibling, nullptr, WNOHANG), 0) << "others are left alone";
  kill(sibling, SIGKILL);
  waitpid(sibling, nullptr, 0);
}

TEST_F(ConfineCgroupTest, AHogAmongItsProcessesIsSaidToo) {
  Limits limits;
  limits.memory = 32 * kMiB;
  Workload workload = with(limits);
  workload.mounts = {{Mount::Kind::bind, probe_path(), kProbe, true, {}}};
  const Ran ran = shell("/tmp/probe memory:268435456; echo it came to $?", workload);
  EXPECT_TRUE(ran.output.ends_with("it came to 137\n")) << ran.output;
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.complaint, "a process of it was killed, out of memory (limit 32 MiB, peak 32 MiB)");
}

TEST_F(ConfineCgroupTest, MemoryFilesCountAsMemory) {
  Limits limits;
  limits.memory = 32 * kMiB;
  const Ran ran = shell("head -c 200000000 /dev/zero >/tmp/x; echo $?", with(limits));
  EXPECT_GE(ran.usage.oom_kills, 1U) << ran.output;
}

TEST_F(ConfineCgroupTest, ValuesAreToldAsTheKernelHoldsThem) {
  Limits limits;
  limits.memory = 4'000'000;
  const Ran ran = shell("true", with(limits));
  EXPECT_EQ(ran.status, 0) << ran.error << ran.output;
  EXPECT_EQ(ran.usage.memory_limit, 3'997'696U);
}

TEST_F(ConfineCgroupTest, AForkBombMeetsItsLimit) {
  Limits limits;
  limits.pids = 32;
  const Ran ran = probe({"bomb"}, with(limits));
  EXPECT_EQ(ran.output, "bomb 30 EAGAIN\n") << "the init and the probe are two more";
  EXPECT_GE(ran.usage.pids_refused, 1U);
  EXPECT_EQ(ran.status, 0);
}

TEST_F(ConfineCgroupTest, AForkBombInAShellMeetsItToo) {
  Limits limits;
  limits.pids = 64;
  RunRequest request;
  request.workload = with(limits);
  request.workload.argv = {"sh", "-c", "b() { b | b & }; b; sleep 60"};
  request.timeout = milliseconds(500);
  const Ran ran = run(request);
  EXPECT_GT(ran.usage.pids_refused, 0U) << ran.output;
}

TEST_F(ConfineCgroupTest, AForkBombIsKilledAsAWhole) {
  Limits limits;
  limits.pids = 200;
  RunRequest request;
  request.workload = with(limits);
  request.workload.argv = {kProbe, "bomb:again"};
  request.workload.mounts = {{Mount::Kind::bind, probe_path(), kProbe, true, {}}};
  request.timeout = milliseconds(300);
  const auto start = std::chrono::steady_clock::now();
  const Ran ran = run(request);
  EXPECT_TRUE(ran.timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(10));
}

TEST_F(ConfineCgroupTest, AForkBombInASharedPidNamespaceIsKilledAsAWhole) {
  Limits limits;
  limits.pids = 200;
  RunRequest request;
  request.workload = with(limits);
  request.workload.share = {"pid"};
  request.workload.argv = {kProbe, "bomb:again", "of-the-cgroup-test"};
  request.workload.mounts = {{Mount::Kind::bind, probe_path(), kProbe, true, {}}};
  request.timeout = milliseconds(300);
  EXPECT_TRUE(run(request).timed_out);
  EXPECT_EQ(netyard::test::run("pgrep -f '[o]f-the-cgroup-test'").text, "");
}

TEST_F(ConfineCgroupTest, AProcessorShareIsKept) {
  Limits limits;
  limits.cpu = 200;  // thousandths
  const Ran ran = probe({"spin:1000"}, with(limits));
  const auto came = ran.attempts();
  ASSERT_TRUE(came.contains("spin:1000")) << ran.error << ran.output;
  EXPECT_LE(std::stoi(came.at("spin:1000")), 350) << "milliseconds had of 1000";
}

TEST_F(ConfineCgroupTest, ProcessorsAreThoseOfTheList) {
  Limits limits;
  limits.cpus = "0";
  const Ran ran = shell("grep Cpus_allowed_list /proc/self/status", with(limits));
  EXPECT_EQ(ran.output, "Cpus_allowed_list:\t0\n") << ran.error;
  if (sysconf(_SC_NPROCESSORS_ONLN) > 1) {
    EXPECT_EQ(attempt("cpu:1", with(limits)), "EINVAL");
  }
  limits.cpus = "4000";
  EXPECT_EQ(shell("true", with(limits)).status, 125);
}

TEST_F(ConfineCgroupTest, CannotBeLeft) {
  Limits limits;
  limits.memory = 32 * kMiB;
  limits.pids = 16;
  const Ran ran = shell(
      "for f in /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/tasks; "
      "do echo $$ 2>/dev/null >$f && echo left by $f; done; cut -d: -f3 /proc/self/cgroup | "
      "sort -u",
      with(limits));
  EXPECT_EQ(ran.output.find("left by"), std::string::npos) << ran.output;
  EXPECT_EQ(attempt("mount:cgroup", with(limits)), "EPERM");
  EXPECT_EQ(attempt("mount:cgroup2", with(limits)), "EPERM");
  Workload user = with(limits);
  user.user = "1000";
  EXPECT_EQ(attempt("descriptors", user), "0,1,2") << "no file of a cgroup among them";
}

TEST_F(ConfineCgroupTest, ItsCgroupIsTheRootThatItSees) {
  Limits limits;
  limits.memory = 32 * kMiB;
  const Ran ran =
      shell("grep -E ':memory:|^0:' /proc/self/cgroup | cut -d: -f3 | sort -u", with(limits));
  EXPECT_EQ(ran.output, "/\n");
}

TEST_F(ConfineCgroupTest, HasNoRealTimeOfItsOwn) {
  Limits limits;
  limits.cpu = 500;
  EXPECT_EQ(attempt("fifo", with(limits)), "EPERM");
}

TEST_F(ConfineCgroupTest, FreezesAndThaws) {
  const Cgroup group = Cgroup::create("test/freeze", {}, true);
  Workload workload;
  workload.argv = {"sh", "-c", "while :; do :; done"};
  const Prepared prepared = prepare(workload);
  SpawnOptions options;
  options.cgroup = &group;
  options.new_netns = true;
  const Process process = spawn(prepared, options);
  group.freeze(true);
  EXPECT_TRUE(eventually([&] { return group.frozen(); }));
  const auto used = [&] { return group.usage().cpu_us.value_or(0); };
  const auto before = used();
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_LT(used() - before, 10'000U);
  group.freeze(false);
  EXPECT_TRUE(eventually([&] { return used() - before > 20'000; }));
  // Frozen ones are killed too.
  group.freeze(true);
  EXPECT_TRUE(eventually([&] { return group.frozen(); }));
  EXPECT_TRUE(group.kill(seconds(5)));
  int status = 0;
  waitpid(process.pid, &status, 0);
  EXPECT_TRUE(group.remove());
}

TEST_F(ConfineCgroupTest, ABadLimitLeavesNothing) {
  Limits limits;
  limits.memory = 32 * kMiB;
  limits.cpus = "4000";
  const Ran ran = shell("true", with(limits));
  EXPECT_EQ(ran.status, 125);
  EXPECT_NE(ran.error.find("limit cpuset.cpus = 4000"), std::string::npos) << ran.error;
}

TEST_F(ConfineCgroupTest, IsGoneWithItsWorkload) {
  Limits limits;
  limits.pids = 16;
  limits.memory = 32 * kMiB;
  limits.cpu = 500;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(shell("sleep 60 & true", with(limits)).status, 0);
  EXPECT_EQ(Cgroup::children("run"), std::vector<std::string>());
}

}  // namespace
}  // namespace netyard::test
