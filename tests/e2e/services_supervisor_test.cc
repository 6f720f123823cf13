// SPDX-License-Identifier: Apache-2.0
// Supervisors that are killed, hang or are many; nothing is lost, nothing is left.
#include <chrono>
#include <cstdlib>
#include <random>

#include "e2e/workloads.h"

namespace netyard::test {
namespace {

class ServicesSupervisorTest : public CleanNetnsTest {
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

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int random_up_to(int most) {
  static std::mt19937 engine(20240817);
  return std::uniform_int_distribution<int>(0, most)(engine);
}

// Counts on standard output, and in a file of the host how far it is.
const char* const kCounter =
    "{command: [sh, -c, 'n=0; while :; do n=$$((n+1)); echo $$n; echo $$n >/tmp/h/count; "
    "sleep 0.01; done'], binds: ['/run/h:/tmp/h']}";

int count() {
  return std::atoi(run("cat /run/h/count").text.c_str());
}

TEST_F(ServicesSupervisorTest, ItsDeathHurtsNobody) {
  const Lab lab(with_workloads({std::string("w: ") + kCounter, "v: sleep 999"}));
  EXPECT_TRUE(eventually([] { return count() > 0; }, kSoon));
  const auto before = ps();
  kill_supervisor();
  const Output orphans = netyard("ps");
  EXPECT_EQ(orphans.status, 0);
  EXPECT_NE(orphans.text.find("netyard: nobody looks after these; 'netyard start' does again\n"),
            std::string::npos)
      << orphans.text;
  EXPECT_EQ(ps()["supervised"], false);
  const int then = count();
  EXPECT_TRUE(eventually([&] { return count() > then + 20; }, kSoon));
  ASSERT_EQ(netyard("start").text, "x: 2 workloads ready\n");
  EXPECT_EQ(ps()["supervised"], true);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(ps()["workloads"][i]["pid"], before["workloads"][i]["pid"]);
    EXPECT_EQ(ps()["workloads"][i]["restarts"], 0);
  }
  const int now = count();
  EXPECT_TRUE(eventually([&] { return count() > now + 5; }, kSoon));
  EXPECT_EQ(run(NETYARD_PROGRAM " logs a/w | awk '$3 != NR {print \"not\", NR; exit}'").text, "");
}

TEST_F(ServicesSupervisorTest, AnEndingThatNobodySawIsNoticed) {
  const std::string waits = "{command: [sh, -c, 'until [ -e /tmp/h/end ]; do sleep 0.01; done; ";
  const std::string bind = "'], binds: ['/run/h:/tmp/h'], restart: ";
  const Lab lab(with_workloads(
      {"w: " + waits + "exit 7" + bind + "no}",
       "v: " + waits + "rm /tmp/h/end; exec sleep 999" + bind + "{policy: always, delay: 10ms}}",
       "u: sleep 999"}));
  const std::string pid = workload("w")["init_pid"].dump();
  const std::string other = workload("v")["init_pid"].dump();
  kill_supervisor();
  run("kill -9 " + other);
  run("touch /run/h/end");
  EXPECT_TRUE(eventually([&] { return is_over(pid); }, kSoon));
  EXPECT_EQ(netyard("start a/u").status, 0);
  EXPECT_TRUE(becomes("w", "failed"));
  EXPECT_EQ(workload("w")["reason"], "exited with status 7");
  EXPECT_TRUE(eventually([] { return workload("v")["restarts"] == 1; }, kSoon));
}

TEST_F(ServicesSupervisorTest, TwoCommandsAtOnceStartOne) {
  const Lab lab(with_workloads({"w: sleep 999", "v: sleep 999", "u: sleep 999"}));
  for (int i = 0; i < (kSanitized ? 3 : 10); ++i) {
    kill_supervisor();
    const Output out =
        run(fmt::format("for w in w v u; do {} restart a/$w & done; wait", NETYARD_PROGRAM));
    ASSERT_EQ(out.text, "x: 1 workload ready\nx: 1 workload ready\nx: 1 workload ready\n") << i;
  }
  EXPECT_TRUE(eventually(
      [] { return run("pgrep -c --ns $$ --nslist net -f 'netyard[ ]supervise'").text == "1\n"; },
      kSoon));
}

std::string left() {
  return run("find /run/netns /run/netyard -mindepth 1 2>/dev/null").text;
}

// With nothing to end gracefully, so that it is quick.
std::string quick_lab() {
  return "name: x\ndefaults: {workload: {stop_timeout: 5s, restart: {policy: always, delay: "
         "10ms}}}\nnodes:\n"
         "  a:\n    run:\n      w: sleep 999\n      v: {command: sleep 999, after: w}\n"
         "      u: {command: [sh, -c, 'exec sleep 999'], after: v, ready: {exec: 'true'}}\n"
         "  b:\n    run: {t: {command: sleep 999, after: a}}\n";
}

TEST_F(ServicesSupervisorTest, KilledAtAnyMomentDownLeavesNothing) {
  const LabFile file(quick_lab());
  for (int i = 0; i < (kSanitized ? 10 : 50); ++i) {
    const char* const verb = i % 3 == 0 ? "up /run/lab.yaml" : i % 3 == 1 ? "restart" : "down x";
    if (i % 3 != 0) {
      ASSERT_EQ(netyard("up " + file.path()).status, 0);
    }
    run(
        fmt::format("{0} {1} >/dev/null 2>&1 & pid=$!; sleep 0.{2:03}; "
                    "kill -9 `cat /run/netyard/x.d/lock`; wait $pid",
                    NETYARD_PROGRAM, verb, random_up_to(kSanitized ? 400 : 80)));
    const Output down = netyard("down x");
    ASSERT_EQ(down.status, 0) << i << " " << verb << "\n" << down.text;
    ASSERT_EQ(left(), "") << i;
  }
}

TEST_F(ServicesSupervisorTest, AnUpKilledAtAnyMomentIsClearedByDown) {
  const LabFile file(quick_lab());
  for (int i = 0; i < (kSanitized ? 10 : 60); ++i) {
    run(fmt::format("{} up {} >/dev/null 2>&1 & pid=$!; sleep 0.{:03}; kill -9 $pid; wait $pid",
                    NETYARD_PROGRAM, file.path(), random_up_to(kSanitized ? 400 : 80)));
    const Output down = netyard("down x");
    ASSERT_EQ(down.status, 0) << i << "\n" << down.text;
    ASSERT_EQ(left(), "") << i;
  }
}

TEST_F(ServicesSupervisorTest, DownEndsAHangingOne) {
  const LabFile file(with_workloads({"w: {command: sleep 999, stop_timeout: 200ms}",
                                     "v: {command: sleep 999, stop_timeout: 200ms}"}));
  ASSERT_EQ(netyard("up " + file.path()).status, 0);
  run("kill -STOP " + supervisor());
  const double took = seconds_of([] { EXPECT_EQ(netyard("down").status, 0); });
  EXPECT_LT(took, kSanitized ? 40 : 16);
}

TEST_F(ServicesSupervisorTest, TwoLabsDoNotKnowOfEachOther) {
  const LabFile x(with_workloads({"w: sleep 999"}));
  const LabFile y(with_workloads({"w: sleep 999"}, "y"), "/run/y.yaml");
  ASSERT_EQ(run(fmt::format("{0} up {1} & {0} up {2} & wait", NETYARD_PROGRAM, x.path(), y.path()))
                .status,
            0);
  const auto before = workload("w", "-L y");
  EXPECT_EQ(netyard("ps").status, 1) << "of which?";
  EXPECT_EQ(netyard("-L x restart").text, "x: 1 workload ready\n");
  kill_supervisor("x");
  EXPECT_EQ(ps("-L x")["supervised"], false);
  EXPECT_EQ(ps("-L y")["supervised"], true);
  EXPECT_EQ(netyard("down x").status, 0);
  const auto after = workload("w", "-L y");
  EXPECT_EQ(after["pid"], before["pid"]);
  EXPECT_EQ(after["state"], "ready");
  EXPECT_EQ(netyard("-L y restart").status, 0);
  EXPECT_EQ(netyard("down y").status, 0);
}

// Kilobytes, of /proc/PID/status.
int memory(const std::string& pid, const std::string& key) {
  return std::atoi(run("sed -n 's/^" + key + ":\\s*//p' /proc/" + pid + "/status").text.c_str());
}

TEST_F(ServicesSupervisorTest, FiveHundredWorkloads) {
  if (kSanitized) GTEST_SKIP() << "measures memory";
  std::vector<std::string> lines;
  for (int i = 0; i < 500; ++i) lines.push_back(fmt::format("w{}: sleep 999", i));
  const LabFile file(with_workloads(lines));
  const double up = seconds_of([&] { EXPECT_EQ(netyard("up " + file.path()).status, 0); });
  const std::string pid = supervisor();
  EXPECT_EQ(run(NETYARD_PROGRAM " ps | grep -c ready").text, "500\n");
  const int anonymous = memory(pid, "RssAnon");
  fmt::print("500 workloads: up in {:.2f} s; supervisor RssAnon {} KiB, VmRSS {} KiB\n", up,
             anonymous, memory(pid, "VmRSS"));
  EXPECT_LT(anonymous, 10 << 10);
  const double down = seconds_of([] { EXPECT_EQ(netyard("down").status, 0); });
  fmt::print("500 workloads: down in {:.2f} s\n", down);
}

}  // namespace
}  // namespace netyard::test
