// SPDX-License-Identifier: Apache-2.0
// Restarts, healthchecks, memory, stopping and freezing.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "e2e/workloads.h"

namespace netyard::test {
namespace {

/// With a directory /run/h that workloads have as /tmp/h.
class ServicesLifeTest : public CleanNetnsTest {
 protected:
  void SetUp() override {
    CleanNetnsTest::SetUp();
    run("mkdir -p /run/h");
  }
  void TearDown() override {
    run("rm -rf /run/h");
    CleanNetnsTest::TearDown();
  }
};

// Says "run", and ends with what /run/h/end says once that is there.
const char* const kUntilTold =
    "[sh, -c, 'echo run; until [ -e /tmp/h/end ]; do sleep 0.02; done; exit `cat /tmp/h/end`']";

std::string told(const std::string& name, const std::string& more) {
  return name + ": {command: " + kUntilTold + ", binds: ['/run/h:/tmp/h'], " + more + "}";
}

void tell(const std::string& status) {
  run("echo " + status + " >/run/h/next && mv /run/h/next /run/h/end");
}

TEST_F(ServicesLifeTest, RestartPolicies) {
  const Lab lab(with_workloads({
      told("no", "restart: no"),
      told("failure", "restart: {policy: on-failure, delay: 20ms, tries: 3}"),
      told("always", "restart: {policy: always, delay: 20ms, tries: 0}"),
  }));
  tell("0");
  EXPECT_TRUE(becomes("no", "exited"));
  EXPECT_TRUE(becomes("failure", "exited"));
  EXPECT_TRUE(eventually([] { return workload("always")["restarts"] > 3; }, kSoon));
  run("rm /run/h/end");
  ASSERT_EQ(netyard("restart").status, 0);
  EXPECT_EQ(netyard("status").status, 0);
  tell("3");
  EXPECT_TRUE(becomes("no", "failed"));
  EXPECT_EQ(workload("no")["reason"], "exited with status 3");
  EXPECT_TRUE(becomes("failure", "failed"));
  const auto failure = workload("failure");
  EXPECT_EQ(failure["reason"], "exited with status 3; given up after 3 tries");
  EXPECT_EQ(failure["restarts"], 3);
  EXPECT_EQ(netyard("status").status, 1);
  EXPECT_NE(netyard("ps").text.find("(exited with status 3; given up after 3 tries)"),
            std::string::npos);
}

std::vector<double> times_of_runs() {
  std::vector<double> out;
  std::istringstream lines(run("grep 'o run' /run/netyard/x.d/a.w.log").text);
  for (std::string line; std::getline(lines, line);) out.push_back(std::atof(line.c_str()));
  return out;
}

TEST_F(ServicesLifeTest, EachWaitIsTwiceAsLongUpToTheLongest) {
  const Lab lab(with_workloads(
      {told("w", "restart: {policy: on-failure, delay: 100ms, max_delay: 300ms, tries: 4}")}));
  tell("1");
  EXPECT_TRUE(becomes("w", "failed"));
  const auto times = times_of_runs();
  ASSERT_EQ(times.size(), 5U);
  EXPECT_GE(times[1] - times[0], 0.1);
  EXPECT_GE(times[2] - times[1], 0.2);
  EXPECT_GE(times[3] - times[2], 0.3);
  EXPECT_GE(times[4] - times[3], 0.3);
  if (!kSanitized) {
    EXPECT_LT(times[2] - times[1], 1) << "it may be late, not by much";
  }
}

TEST_F(ServicesLifeTest, ALongRunBeginsTheCountAgain) {
  const Lab lab(
      with_workloads({"w: {command: [sh, -c, 'sleep 0.2; exit 1'], "
                      "restart: {policy: on-failure, delay: 10ms, max_delay: 50ms, tries: 1}}"}));
  EXPECT_TRUE(eventually([] { return workload("w")["restarts"] >= 4; }, kSoon));
  EXPECT_NE(state("w"), "failed");
}

TEST_F(ServicesLifeTest, AKilledInitIsAnEndingLikeAnother) {
  const Lab lab(with_workloads(
      {"w: {command: sleep 999, restart: {policy: always, delay: 10ms}}", "v: sleep 999"}));
  const auto w = workload("w");
  const auto v = workload("v");
  run("kill -9 " + w["init_pid"].dump() + " " + v["init_pid"].dump());
  EXPECT_TRUE(
      eventually([&] { return workload("w")["restarts"] == 1 && state("w") == "ready"; }, kSoon));
  EXPECT_NE(workload("w")["init_pid"], w["init_pid"]);
  EXPECT_TRUE(becomes("v", "failed"));
  EXPECT_EQ(workload("v")["reason"], "was ended by SIGKILL");
}

TEST_F(ServicesLifeTest, RestartManyTimesAtOnce) {
  const Lab lab(with_workloads({"w: sleep 999",
                                "v: {command: [sh, -c, 'echo on; exec sleep 999'], "
                                "ready: {log: 'on'}, after: w}"}));
  auto before = workload("w");
  for (int i = 0; i < (kSanitized ? 3 : 15); ++i) {
    const Output out = netyard("restart");
    ASSERT_EQ(out.text, "x: 2 workloads ready\n") << i;
    const auto now = workload("w");
    ASSERT_EQ(now["state"], "ready");
    ASSERT_EQ(now["restarts"], 0) << "asked for is not counted";
    ASSERT_NE(now["pid"], before["pid"]);
    before = now;
  }
}

TEST_F(ServicesLifeTest, Healthchecks) {
  run("touch /run/h/well");
  const std::string more = "command: sleep 999, binds: ['/run/h:/tmp/h'], healthcheck: {";
  const Lab lab(with_workloads({
      "ends: {restart: {policy: on-failure, delay: 10ms}, " + more +
          "file: /tmp/h/well, interval: 50ms, retries: 3}}",
      "shown: {" + more + "file: /tmp/h/well, interval: 50ms, retries: 1000}}",
      "young: {" + more +
          "exec: [sh, -c, 'echo >>/tmp/h/probes; exit 1'], interval: 50ms, retries: 1, "
          "start_period: 1h}}",
      "hangs: {" + more + "exec: [sleep, '99876'], interval: 10ms, timeout: 50ms, retries: 2}}",
  }));
  EXPECT_TRUE(becomes("hangs", "failed"));
  EXPECT_EQ(workload("hangs")["reason"],
            "not healthy: 2 checks for 'sleep 99876' to succeed failed");
  EXPECT_EQ(run("pgrep -f 'sleep 9987[6]'").text, "") << "no probe is left";
  EXPECT_TRUE(eventually([] { return run("wc -l </run/h/probes").text >= "3"; }, kSoon));
  EXPECT_EQ(workload("young")["healthy"], true);
  EXPECT_EQ(workload("ends")["restarts"], 0);
  run("rm /run/h/well");
  EXPECT_TRUE(eventually([] { return workload("shown")["healthy"] == false; }, kSoon));
  EXPECT_NE(netyard("ps").text.find("unhealthy"), std::string::npos);
  EXPECT_EQ(state("shown"), "ready");
  EXPECT_TRUE(eventually([] { return workload("ends")["restarts"] >= 1; }, kSoon));
  EXPECT_NE(netyard("logs a/ends")
                .text.find("netyard: not healthy: 3 checks for file /tmp/h/well failed"),
            std::string::npos);
  run("touch /run/h/well");
  EXPECT_TRUE(eventually([] { return workload("shown")["healthy"] == true; }, kSoon));
  EXPECT_TRUE(eventually(
      [] { return run("ps -o stat= --ppid " + supervisor() + " | grep -c Z").text == "0\n"; },
      kSoon))
      << "probes that ended are taken note of";
}

TEST_F(ServicesLifeTest, OutOfMemory) {
  const Lab lab(
      with_workloads({"hog: {command: [sh, -c, 'until [ -e /tmp/h/end ]; do sleep 0.02; done; "
                      "exec python3 -c \"x = bytearray(200 << 20)\"'], "
                      "binds: ['/run/h:/tmp/h'], limits: {memory: 32M}}",
                      "calm: {command: sleep 999, limits: {memory: 32M}}"}));
  const auto calm = workload("calm");
  tell("0");
  EXPECT_TRUE(becomes("hog", "failed"));
  const std::string reason = workload("hog")["reason"];
  EXPECT_TRUE(reason.starts_with("killed, out of memory (limit 32 MiB, peak ")) << reason;
  EXPECT_NE(netyard("ps").text.find("(killed, out of memory (limit 32 MiB, peak "),
            std::string::npos);
  EXPECT_NE(netyard("logs a/hog").text.find("a/hog | netyard: " + reason + "\n"),
            std::string::npos);
  EXPECT_EQ(workload("calm")["pid"], calm["pid"]);
  EXPECT_EQ(state("calm"), "ready");
}

TEST_F(ServicesLifeTest, StopSignalAndTimeout) {
  const Lab lab(with_workloads({
      "polite: {command: [sh, -c, 'trap \"echo bye; exit 0\" USR1; trap \"\" TERM; echo set; "
      "while :; do sleep 0.01; done'], stop_signal: USR1, stop_timeout: 1m, ready: {log: set}}",
      "deaf: {command: [sh, -c, 'trap \"\" TERM; echo set; while :; do sleep 0.01; done'], "
      "stop_timeout: 200ms, ready: {log: set}}",
      "parent: {command: [sh, -c, '(setsid sleep 99875 &); setsid sleep 99875 & exec sleep 999']}",
      "daemon: {command: [sh, -c, 'setsid sleep 99874 & (setsid sleep 99874 &); exit 0']}",
  }));
  EXPECT_TRUE(becomes("daemon", "exited"));
  EXPECT_EQ(run("pgrep -f 'sleep 9987[4]'").text, "") << "its children end with it";
  EXPECT_TRUE(eventually([] { return run("pgrep -fc 'sleep 9987[5]'").text == "2\n"; }, kSoon));
  EXPECT_EQ(netyard("stop").text, "x: 4 workloads stopped\n");
  for (const char* name : {"polite", "deaf", "parent"}) EXPECT_EQ(state(name), "stopped") << name;
  EXPECT_EQ(said("polite"), "set\nbye\n");
  EXPECT_EQ(run("pgrep -f 'sleep 9987[5]'").text, "");
  EXPECT_EQ(netyard("stop").status, 0) << "what is stopped stays so";
  EXPECT_EQ(state("daemon"), "exited");
}

TEST_F(ServicesLifeTest, AForkBombIsEndedByDown) {
  const LabFile file(
      with_workloads({"bomb: {command: [python3, -c, \"import os\\nwhile True:\\n try: "
                      "os.fork()\\n except OSError: "
                      "pass\"], limits: {pids: 64}, stop_timeout: 100ms}"}));
  ASSERT_EQ(netyard("up " + file.path()).status, 0);
  EXPECT_TRUE(eventually([] { return workload("bomb")["forks_refused"] > 0; }, kSoon));
  EXPECT_EQ(netyard("down").status, 0);
}

TEST_F(ServicesLifeTest, FrozenStandsStill) {
  const Lab lab(with_workloads(
      {"w: {command: [sh, -c, 'n=0; while :; do n=$$((n+1)); echo $$n >/tmp/h/count; sleep 0.005; "
       "done'], binds: ['/run/h:/tmp/h']}",
       "over: 'true'"}));
  const auto count = [] { return std::atoi(run("cat /run/h/count").text.c_str()); };
  EXPECT_TRUE(eventually([&] { return count() > 5; }, kSoon));
  EXPECT_TRUE(becomes("over", "exited"));
  EXPECT_EQ(netyard("freeze a/w").text, "x: 1 workload frozen\n");
  EXPECT_EQ(workload("w")["frozen"], true);
  EXPECT_NE(netyard("ps").text.find("frozen"), std::string::npos);
  const int before = count();
  run("sleep 0.2");
  EXPECT_EQ(count(), before);
  EXPECT_EQ(netyard("thaw a/w").text, "x: 1 workload thawed\n");
  EXPECT_TRUE(eventually([&] { return count() > before; }, kSoon));
  const Output neither = netyard("freeze a/over");
  EXPECT_EQ(neither.status, 1);
  EXPECT_EQ(neither.text.substr(0, neither.text.find('\n')),
            "netyard: freeze a/over: it does not run");
  EXPECT_EQ(netyard("freeze a/w").status, 0);
  EXPECT_EQ(netyard("stop a/w").status, 0) << "frozen is no way to stay";
  EXPECT_EQ(netyard("start a/w").status, 0);
  EXPECT_EQ(netyard("freeze a/w").status, 0);
}

}  // namespace
}  // namespace netyard::test
