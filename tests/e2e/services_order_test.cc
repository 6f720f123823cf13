// SPDX-License-Identifier: Apache-2.0
// Who is started and stopped after whom; `plan`, and the shapes of `ps` and `status`.
#include "e2e/workloads.h"

namespace netyard::test {
namespace {

using ServicesOrderTest = CleanNetnsTest;

// Each says in one file of the host when it begins and is told to end.
std::string chronicler(const std::string& name) {
  return "[sh, -c, 'echo +" + name + " >>/tmp/h/log; trap \"echo -" + name +
         " >>/tmp/h/log; exit 0\" TERM; echo go; while :; do sleep 0.01; done']";
}

std::string chronicle(const std::string& last, const std::string& first) {
  return "name: x\ndefaults: {workload: {binds: ['/run/h:/tmp/h'], stop_timeout: 20s}}\n"
         "nodes:\n"
         "  a:\n    run:\n      last: {command: " +
         last + ", after: [c/middle]}\n" + "  b:\n    run:\n      first: {command: " + first +
         ", ready: {log: go}}\n" +
         "  c:\n    run:\n      middle: {command: " + chronicler("middle") +
         ", after: b/first, ready: {log: go}}\n";
}

TEST_F(ServicesOrderTest, AcrossNodesUpAndInReverseDown) {
  ASSERT_EQ(run("mkdir /run/h").status, 0);
  {
    const Lab lab(chronicle(chronicler("last"), chronicler("first")));
    EXPECT_TRUE(
        eventually([] { return run("cat /run/h/log").text == "+first\n+middle\n+last\n"; }, kSoon));
  }
  EXPECT_EQ(run("cat /run/h/log").text, "+first\n+middle\n+last\n-last\n-middle\n-first\n");
  ASSERT_EQ(run("rm -r /run/h").status, 0);
}

TEST_F(ServicesOrderTest, TheOneThatFailedIsBlamed) {
  ASSERT_EQ(run("mkdir /run/h").status, 0);
  expect_failure(
      chronicle(chronicler("last"), "[sh, -c, 'echo oh; exit 5']"),
      {"/run/lab.yaml:9:7: start workload b/first: exited with status 5\n", "it said: oh\n"});
  EXPECT_EQ(run("cat /run/h/log").status, 1) << "nobody after it was started";
  ASSERT_EQ(run("rm -r /run/h").status, 0);
}

TEST_F(ServicesOrderTest, OneThatHasDoneItsWorkIsNoFailure) {
  const Lab lab(with_workloads({"init: {command: 'true', ready: {file: /tmp/never}}",
                                "main: {command: sleep 999, after: init}"}));
  EXPECT_EQ(state("init"), "exited");
  EXPECT_EQ(state("main"), "ready");
  EXPECT_EQ(netyard("status").status, 0);
}

TEST_F(ServicesOrderTest, StartOfOneWhoseCauseIsStopped) {
  const Lab lab(with_workloads({"one: sleep 999", "two: {command: sleep 999, after: one}"}));
  EXPECT_EQ(netyard("stop").status, 0);
  const Output start = netyard("start a/two");
  EXPECT_EQ(start.status, 1);
  EXPECT_EQ(start.text, "netyard: start a/two: a/one, which it comes after, is stopped\n");
  EXPECT_EQ(netyard("status").status, 1) << "a workload failed";
  EXPECT_EQ(netyard("start").text, "x: 2 workloads ready\n");
  EXPECT_EQ(netyard("status").status, 0);
}

TEST_F(ServicesOrderTest, WordsThatNameNothing) {
  const Lab lab(with_workloads({"one: sleep 999"}));
  const Output wrong = netyard("stop a/onne");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_EQ(wrong.text,
            "netyard: find workload a/onne in lab x: the lab has no such workload\n"
            "    hint: did you mean 'a/one'?\n");
  EXPECT_EQ(netyard("logs b").status, 1);
}

TEST_F(ServicesOrderTest, OneThatDoesNotStartByItself) {
  const Lab lab(with_workloads({"one: {command: sleep 999, autostart: false}"}));
  EXPECT_EQ(state("one"), "stopped");
  EXPECT_EQ(netyard("start a").text, "x: 1 workload ready\n");
  EXPECT_EQ(state("one"), "ready");
}

TEST_F(ServicesOrderTest, ThePlanListsThem) {
  const LabFile file(chronicle("sleep 9", "sleep 9"));
  const Output plan = netyard("plan " + file.path());
  EXPECT_EQ(plan.status, 10);
  const std::size_t first = plan.text.find("start workload b/first");
  const std::size_t middle = plan.text.find("start workload c/middle");
  const std::size_t last = plan.text.find("start workload a/last");
  EXPECT_NE(last, std::string::npos) << plan.text;
  EXPECT_LT(first, middle);
  EXPECT_LT(middle, last);
}

TEST_F(ServicesOrderTest, ShapesOfJson) {
  const Lab lab(with_workloads({"w: {command: [sleep, '999'], limits: {memory: 64M, pids: 9}}",
                                "bad: {command: [sh, -c, 'exit 4'], autostart: false}"}));
  EXPECT_EQ(netyard("start --json a/bad").status, 0) << "ready when it executes";
  EXPECT_TRUE(becomes("bad", "failed"));
  const auto status = nlohmann::json::parse(netyard("status --json").text);
  EXPECT_EQ(status["workloads"].size(), 2U);
  EXPECT_EQ(status["supervised"], true);
  const auto all = ps();
  EXPECT_EQ(all["version"], 1);
  EXPECT_EQ(all["lab"], "x");
  EXPECT_EQ(all["supervised"], true);
  const auto& w = all["workloads"][0];
  EXPECT_EQ(w["node"], "a");
  EXPECT_EQ(w["command"], nlohmann::json({"sleep", "999"}));
  EXPECT_EQ(w["memory_limit"], 64 << 20);
  EXPECT_EQ(w["pids"], 2) << "itself and its init";
  EXPECT_EQ(w["healthy"], true);
  EXPECT_EQ(w["restarts"], 0);
  EXPECT_GT(w["since"], 0);
  const auto& bad = all["workloads"][1];
  EXPECT_EQ(bad["reason"], "exited with status 4");
  EXPECT_EQ(bad["pid"], 0);
  EXPECT_TRUE(bad["memory"].is_null());
  EXPECT_NE(netyard("ps").text.find("(exited with status 4)"), std::string::npos);
}

TEST_F(ServicesOrderTest, TheExample) {
  ASSERT_EQ(netyard("up " + example("services")).status, 0);
  const auto list = ps()["workloads"];
  ASSERT_EQ(list.size(), 2U);
  for (const auto& one : list) EXPECT_EQ(one["state"], "ready") << one;
  EXPECT_NE(netyard("logs client/fetch").text.find("client/fetch | 200\n"), std::string::npos);
  EXPECT_NE(netyard("logs server").text.find("GET / HTTP/1.1"), std::string::npos);
  EXPECT_EQ(netyard("restart client").text, "services: 1 workload ready\n");
  EXPECT_EQ(netyard("down").status, 0);
}

}  // namespace
}  // namespace netyard::test
