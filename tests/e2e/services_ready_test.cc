// SPDX-License-Identifier: Apache-2.0
// What makes a workload ready, and what becomes of an `up` whose workloads do not.
#include "e2e/workloads.h"

namespace netyard::test {
namespace {

using ServicesReadyTest = CleanNetnsTest;

std::string python(const std::string& program) {
  return "[python3, -c, \"import socket, time; time.sleep(0.3); " + program +
         "; time.sleep(999)\"]";
}

TEST_F(ServicesReadyTest, EveryProbeIsWaitedFor) {
  const Lab lab(with_workloads({
      "tcp: {command: " + python("s = socket.create_server(('', 8080))") + ", ready: {tcp: 8080}}",
      "udp: {command: " +
          python("s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); "
                 "s.bind(('::', 53))") +
          ", capabilities: [NET_BIND_SERVICE], ready: {udp: 53}}",
      "path: {command: " +
          python("s = socket.socket(socket.AF_UNIX); s.bind('/tmp/a b'); "
                 "s.listen()") +
          ", ready: {unix: /tmp/a b}}",
      "abstract: {command: " +
          python("s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
                 "s.bind('\\\\0there')") +
          ", ready: {unix: '@there'}}",
      "exec: {command: [sh, -c, 'sleep 0.3; touch /tmp/done; exec sleep 999'], "
      "ready: {exec: [test, -e, /tmp/done]}}",
      "file: {command: [sh, -c, 'sleep 0.3; touch /tmp/done; exec sleep 999'], "
      "ready: {file: /tmp/done}}",
      "log: {command: [sh, -c, 'sleep 0.3; echo now I am ready >&2; exec sleep 999'], "
      "ready: {log: am ready}}",
      "none: sleep 999",
  }));
  const auto list = ps()["workloads"];
  ASSERT_EQ(list.size(), 8U);
  for (const auto& one : list) EXPECT_EQ(one["state"], "ready") << one;
  EXPECT_EQ(netyard("exec a -- ss -Hltn sport = 8080 | wc -l").text, "1\n");
  EXPECT_EQ(netyard("status").status, 0);
}

TEST_F(ServicesReadyTest, PsNamesTheWorkloadsOwnProcess) {
  const Lab lab(with_workloads({"nap: sleep 999"}));
  const auto nap = workload("nap");
  const auto comm = [](const nlohmann::json& pid) {
    return run("cat /proc/" + std::to_string(pid.get<int>()) + "/comm").text;
  };
  EXPECT_EQ(comm(nap["pid"]), "sleep\n");
  EXPECT_NE(nap["pid"], nap["init_pid"]);
  const std::string pid = std::to_string(nap["pid"].get<int>());
  EXPECT_NE(netyard("ps").text.find(" " + pid + " "), std::string::npos);
  EXPECT_NE(netyard("status").text.find(" " + pid + " "), std::string::npos);
}

TEST_F(ServicesReadyTest, OneThatIsNotReadyInTimeIsUndone) {
  const LabFile file(
      "name: x\nnodes:\n  a:\n    run:\n      web:\n"
      "        command: [sh, -c, 'echo one; echo two >&2; exec sleep 999']\n"
      "        ready: {tcp: 8080, timeout: 1s}\n");
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1);
  EXPECT_EQ(up.text,
            "netyard: /run/lab.yaml:5:7: start workload a/web: not ready after 1s: waited for tcp "
            "port 8080\n"
            "   5 |       web:\n"
            "     |       ^\n"
            "    hint: it said: one\ntwo\nnetyard: not ready after 1s: waited for tcp port 8080\n"
            "netyard: x is not up; what was made is undone\n");
  EXPECT_EQ(netyard("ls").text, "");
}

TEST_F(ServicesReadyTest, WhatWasWaitedForIsNamed) {
  const std::string nap = "w: {command: sleep 999, ready: {timeout: 0.2s, ";
  const auto late = [](const std::string& what) {
    return std::vector<std::string>{"not ready after 200ms: waited for " + what};
  };
  expect_failure(with_workloads({nap + "udp: 53}}"}), late("udp port 53"));
  expect_failure(with_workloads({nap + "file: /tmp/x}}"}), late("file /tmp/x"));
  expect_failure(with_workloads({nap + "log: hello}}"}), late("a line with 'hello'"));
  expect_failure(with_workloads({nap + "exec: 'false'}}"}), late("'false' to succeed"));
  expect_failure(with_workloads({nap + "exec: [sleep, '999']}}"}), late("'sleep 999' to succeed"));
  // Bound is not listening.
  expect_failure(with_workloads({"w: {command: [python3, -c, \"import socket, time; "
                                 "s = socket.socket(socket.AF_UNIX); s.bind('/tmp/s'); "
                                 "time.sleep(999)\"], ready: {unix: /tmp/s, timeout: 1s}}"}),
                 {"not ready after 1s: waited for unix socket /tmp/s"});
}

TEST_F(ServicesReadyTest, OneThatEndsBeforeItIsReady) {
  expect_failure(
      with_workloads({"w: {command: [sh, -c, 'echo no config; exit 3'], "
                      "ready: {tcp: 80}}"}),
      {"/run/lab.yaml:5:7: start workload a/w: exited with status 3\n", "it said: no config\n"});
  expect_failure(with_workloads({"w: {command: [sh, -c, 'kill -SEGV $$$$'], ready: {tcp: 80}}"}),
                 {"start workload a/w: was ended by SIGSEGV\n"});
}

TEST_F(ServicesReadyTest, MistakesAreFoundBeforeAnythingIsMade) {
  const auto refused = [](const std::string& workload, const std::vector<std::string>& parts) {
    auto all = parts;
    all.emplace_back("netyard: x is not up; nothing was changed\n");
    expect_failure(with_workloads({workload}), all);
  };
  refused("w: no-such-program --flag",
          {"lab.yaml:5:", "error: there is no no-such-program", "looked for /usr/local/sbin/"});
  refused("w: {command: sleep 9, user: nobody-here}", {"lab.yaml:5:", "nobody-here"});
  refused("w: {command: sleep 9, binds: ['/run/missing:/tmp/x']}",
          {"lab.yaml:5:", "error: /run/missing: No such file or directory"});
  ASSERT_EQ(run("ln -s / /run/root").status, 0);
  refused("w: {command: sleep 9, rootfs: /run/root}",
          {"lab.yaml:5:", "error: /run/root is a symbolic link"});
  ASSERT_EQ(run("rm /run/root").status, 0);
}

TEST_F(ServicesReadyTest, UnknownWordsAreFoundInTheFile) {
  for (const char* workload : {"w: {command: sleep 9, capabilities: [NET_ADMN]}",
                               "w: {command: sleep 9, seccomp: {deny: [ptrce]}}",
                               "w: {command: sleep 9, stop_signal: TREM}"}) {
    const LabFile file(with_workloads({workload}));
    const Output up = netyard("up " + file.path());
    EXPECT_EQ(up.status, 3) << up.text;
    EXPECT_NE(up.text.find("lab.yaml:5:"), std::string::npos) << up.text;
    EXPECT_NE(up.text.find("did you mean"), std::string::npos) << up.text;
  }
}

TEST_F(ServicesReadyTest, OneThatNeedsMoreThanItMayHave) {
  expect_failure(with_workloads({"w: {command: [python3, -c, 'x = \"x\" * (200 << 20)'], "
                                 "limits: {memory: 16M}, ready: {tcp: 80}}"}),
                 {"start workload a/w: killed, out of memory (limit 16 MiB, peak "});
  expect_failure(with_workloads({"w: {command: [python3, -c, 'pass'], limits: {memory: 512K}, "
                                 "ready: {tcp: 80}}"}),
                 {"a/w: ", "out of memory"});
}

TEST_F(ServicesReadyTest, CtrlCWhileItWaitsUndoes) {
  const LabFile file(with_workloads({"w: {command: sleep 999, ready: {tcp: 80}}"}));
  const Output out = run(fmt::format(
      "{0} up {1} & pid=$!; until {0} ps 2>/dev/null | grep -q starting; do sleep 0.01; done; "
      "kill -INT $pid; wait $pid; echo $?",
      NETYARD_PROGRAM, file.path()));
  EXPECT_NE(out.text.find("undone\n130\n"), std::string::npos) << out.text;
  EXPECT_EQ(netyard("ls").text, "");
}

}  // namespace
}  // namespace netyard::test
