// SPDX-License-Identifier: Apache-2.0
// `up FILE -- COMMAND`: a lab for one command. That nothing stays is what CleanNetnsTest looks for.
#include <signal.h>
#include <sys/types.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "e2e/workloads.h"

namespace netyard::test {
namespace {

class EphemeralTest : public CleanNetnsTest {
 protected:
  // Starts `up FILE -- sh -c SCRIPT` and returns its pid when the script has made /run/there.
  static pid_t start(const std::string& file, const std::string& script) {
    run("rm -f /run/there; setsid " NETYARD_PROGRAM " up " + file + " -- sh -c '" + script +
        "' >/run/output 2>&1 & echo $! >/run/pid");
    EXPECT_TRUE(eventually([] { return access("/run/there", F_OK) == 0; }, kSoon))
        << run("cat /run/output").text;
    return std::stoi(run("cat /run/pid").text);
  }
  void TearDown() override {
    run("rm -f /run/there /run/output /run/pid");
    CleanNetnsTest::TearDown();
  }
};

const char* const kLab = R"(name: e
nodes: {a: {}, b: {}}
links:
- {endpoints: [a, b], subnet: 10.0.0.0/24}
)";

// The command: a process that is found below the netyard that began it.
std::string nap() {
  return "sleep 86399";
}

std::string script() {
  return "touch /run/there; exec " + nap();
}
// A daemon, of a session of its own.
std::string daemon_script() {
  return "setsid sh -c \"touch /run/there; exec " + nap() + "\" & wait";
}

std::string children_of(const std::string& pid) {
  std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", pid));
  std::string children;
  std::getline(file, children);
  return children;
}

// The naps below a process. Orphans are their pid namespace's init's, which is below it, too.
std::string naps_below(const std::string& pid) {
  std::string out;
  std::istringstream children(children_of(pid));
  for (std::string child; children >> child;) {
    std::ifstream file("/proc/" + child + "/cmdline");
    std::string words;
    std::getline(file, words);
    std::replace(words.begin(), words.end(), '\0', ' ');
    if (words == nap() + " ") out += child + " ";
    out += naps_below(child);
  }
  return out;
}

bool are_over(const std::string& pids) {
  std::istringstream words(pids);
  for (std::string pid; words >> pid;) {
    if (!is_over(pid)) return false;
  }
  return true;
}

// Traces of it are gone.
bool is_cleared() {
  return run("ls -A /run/netyard 2>/dev/null").text.empty();
}

std::string workload_lab(const std::string& rest = "") {
  return with_workloads({"w: {command: sleep 1000, limits: {pids: 9}}", "v: {command: sleep 1000}"},
                        "e") +
         rest;
}

TEST_F(EphemeralTest, TheStatusIsTheCommands) {
  const LabFile file(kLab);
  const std::string up = "up " + file.path() + " -- ";
  EXPECT_EQ(netyard(up + "true").status, 0);
  EXPECT_EQ(netyard(up + "sh -c 'exit 42'").status, 42);
  EXPECT_EQ(netyard(up + "sh -c 'kill -9 $$'").status, 137);
  EXPECT_EQ(netyard(up + "sh -c 'kill -TERM $$'").status, 143);
  EXPECT_EQ(netyard(up + example("lan")).status, 126);
  const Output missing = netyard(up + "no-such-command");
  EXPECT_EQ(missing.status, 127);
  EXPECT_EQ(missing.text, "netyard: execute no-such-command: No such file or directory\n");
  EXPECT_EQ(netyard("up " + file.path() + " --").status, 2);
  EXPECT_EQ(netyard("up --dry-run " + file.path() + " -- true").status, 2);
}

TEST_F(EphemeralTest, TheCommandSeesTheLabByItsNames) {
  const LabFile file(kLab);
  const std::string up = "up " + file.path() + " -- ";
  EXPECT_EQ(netyard(up + "sh -c 'echo $NETYARD_LAB'").text, "e\n");
  EXPECT_EQ(netyard("up --name other " + file.path() + " -- sh -c 'echo $NETYARD_LAB'").text,
            "other\n");
  EXPECT_EQ(netyard(up + "sh -c 'ip netns list | sort'").text, "e.a\ne.b\n");
  for (const char* command :
       {"ip netns exec e.a ping -c 1 b", NETYARD_PROGRAM " exec a ping -c 1 b",
        NETYARD_PROGRAM " status", NETYARD_PROGRAM " link"}) {
    const Output out = netyard(up + command);
    EXPECT_EQ(out.status, 0) << command << "\n" << out.text;
  }
  EXPECT_EQ(run("echo typed | " NETYARD_PROGRAM " " + up + "cat").text, "typed\n");
  EXPECT_EQ(netyard("ls").text, "");
}

TEST_F(EphemeralTest, ALabOfTheSameNameOnTheHostIsAnother) {
  const Lab host(kLab);
  const LabFile file(kLab, "/run/second.yaml");
  const Output inside = netyard(
      "up " + file.path() + " -- sh -c 'ip -n e.a link set eth0 down; " NETYARD_PROGRAM " down'");
  EXPECT_EQ(inside.status, 0) << inside.text;
  EXPECT_EQ(ip_json("e.a", "link show eth0")[0]["operstate"], "UP");
  EXPECT_EQ(netyard("exec a -- ping -c 1 b").status, 0);
}

TEST_F(EphemeralTest, ALabThatFailsRunsNothing) {
  const LabFile file("name: e\nnodes:\n  a: {exec: [\"false\"]}\n");
  const Output failed = netyard("up " + file.path() + " -- echo ran");
  EXPECT_EQ(failed.status, 125);
  EXPECT_EQ(failed.text.find("ran"), std::string::npos) << failed.text;
  EXPECT_NE(failed.text.find("exited with status 1"), std::string::npos) << failed.text;
  const LabFile wrong("nodes: {a: {kind: x}}\n");
  EXPECT_EQ(netyard("up " + wrong.path() + " -- echo ran").status, 125);
  EXPECT_EQ(netyard("up /run/nowhere.yaml -- echo ran").status, 125);
}

TEST_F(EphemeralTest, WhateverIsKilledNothingStays) {
  const LabFile file(workload_lab());
  for (const auto& command : {script(), daemon_script()}) {
    for (const std::string victims : {"netyard", "command", "both", "session"}) {
      const std::string pid = std::to_string(start(file.path(), command));
      ASSERT_TRUE(eventually([&] { return !naps_below(pid).empty(); }, kSoon));
      const std::string naps = naps_below(pid);
      std::string list = victims == "session" ? "-" + pid : "";
      // Without netyard the command ends at once.
      if (victims == "command" || victims == "both") list += " " + naps;
      if (victims == "netyard" || victims == "both") list += " " + pid;
      const Output killed = run("/bin/kill -9 -- " + list);
      EXPECT_EQ(killed.status, 0) << killed.text;
      EXPECT_TRUE(eventually([&] { return is_over(pid); }, kSoon)) << victims;
      EXPECT_TRUE(eventually([&] { return is_cleared() && are_over(naps); }, kSoon))
          << victims << ": " << naps << run("ls -A /run/netyard").text;
    }
  }
}

// The guard is netyard's first child.
std::string guard_of(const std::string& pid) {
  const std::string children = children_of(pid);
  return children.substr(0, children.find(' '));
}

TEST_F(EphemeralTest, WhatAKilledGuardLeavesIsClearedByTheNext) {
  const LabFile file(workload_lab());
  const std::string pid = std::to_string(start(file.path(), script()));
  ASSERT_TRUE(eventually([&] { return !naps_below(pid).empty(); }, kSoon));
  const std::string naps = naps_below(pid);
  EXPECT_EQ(run("/bin/kill -9 " + guard_of(pid) + " " + pid).status, 0);
  EXPECT_TRUE(eventually([&] { return are_over(naps); }, kSoon));
  EXPECT_NE(run("ls /run/netyard").text.find(".ephemeral"), std::string::npos);
  EXPECT_EQ(netyard("up " + file.path() + " -- true").status, 0);
  EXPECT_TRUE(is_cleared()) << run("ls -A /run/netyard").text;
}

TEST_F(EphemeralTest, WhatAKilledGuardLeavesIsClearedByGc) {
  const LabFile file(workload_lab());
  EXPECT_EQ(netyard("gc --dry-run").status, 0);
  const std::string pid = std::to_string(start(file.path(), script()));
  // One that runs is nobody's garbage.
  EXPECT_EQ(netyard("gc --dry-run").status, 0);
  ASSERT_TRUE(eventually([&] { return !naps_below(pid).empty(); }, kSoon));
  const std::string naps = naps_below(pid);
  EXPECT_EQ(run("/bin/kill -9 " + guard_of(pid) + " " + pid).status, 0);
  EXPECT_TRUE(eventually([&] { return is_over(pid) && are_over(naps); }, kSoon));
  const Output listed = netyard("gc --dry-run");
  EXPECT_EQ(listed.status, 10);
  EXPECT_TRUE(listed.text.starts_with("would remove ephemeral lab e (")) << listed.text;
  const auto removed = nlohmann::json::parse(netyard("gc --json").text)["removed"];
  ASSERT_EQ(removed.size(), 1U) << removed;
  EXPECT_EQ(removed[0]["what"], "ephemeral lab");
  EXPECT_EQ(removed[0]["lab"], "e");
  EXPECT_TRUE(is_cleared()) << run("ls -A /run/netyard").text;
  EXPECT_EQ(netyard("gc").text, "");
}

TEST_F(EphemeralTest, AKilledGuardAloneIsNoLoss) {
  const LabFile file(workload_lab());
  const std::string pid = std::to_string(start(file.path(), script()));
  EXPECT_EQ(run("/bin/kill -9 " + guard_of(pid) + "; /bin/kill -TERM " + pid).status, 0);
  EXPECT_TRUE(eventually([&] { return is_over(pid); }, kSoon));
  EXPECT_TRUE(is_cleared()) << run("ls -A /run/netyard").text;
}

TEST_F(EphemeralTest, SignalsReachTheCommandOnce) {
  const LabFile file(kLab);
  const pid_t pid = start(file.path(),
                          "n=0; trap \"n=\\$((n+1))\" USR1; touch /run/there; "
                          "while [ $n -lt 1 ]; do sleep 0.01; done; sleep 0.2; exit $n");
  kill(pid, SIGUSR1);
  EXPECT_TRUE(eventually([&] { return is_over(std::to_string(pid)); }, kSoon));
  EXPECT_EQ(run(NETYARD_PROGRAM " up " + file.path() +
                " -- sh -c 'trap \"exit 9\" TERM; kill -TERM $PPID; kill -TERM $$; sleep 5'")
                .status,
            9);
}

TEST_F(EphemeralTest, CtrlCWhileItComesUpUndoesIt) {
  const LabFile file(
      "name: e\nnodes:\n  a: {exec: [[sh, -c, \"touch /run/there; exec sleep 1000\"]]}\n");
  run("setsid " NETYARD_PROGRAM " up " + file.path() +
      " -- echo ran >/run/output 2>&1 & echo $! >/run/pid");
  ASSERT_TRUE(eventually([] { return access("/run/there", F_OK) == 0; }, kSoon));
  run("kill -INT $(cat /run/pid)");
  EXPECT_TRUE(eventually([] { return is_over(run("tr -d '\\n' </run/pid").text); }, kSoon));
  EXPECT_EQ(run("cat /run/output").text.find("ran"), std::string::npos);
}

TEST_F(EphemeralTest, TwentyAtOnceUnderOneNameWithWorkloads) {
  const LabFile file(workload_lab("  b: {}\nlinks:\n- {endpoints: [a, b], subnet: 10.0.0.0/24}\n"));
  const Output out =
      run("for i in $(seq 20); do timeout -k 5 60 " NETYARD_PROGRAM " up " + file.path() +
          " -- sh -c '" NETYARD_PROGRAM
          " ps --json | grep -o \"state.: .ready\"; "
          "ip netns exec e.a ping -c 1 -W 9 b | grep -o \" 0% packet loss\"' "
          ">/run/out.$i 2>&1; echo $? >>/run/out.$i & done; wait; "
          "sort /run/out.* | uniq -c; rm -f /run/out.*");
  EXPECT_EQ(out.text, "     20  0% packet loss\n     20 0\n     40 state\": \"ready\n");
  EXPECT_TRUE(is_cleared()) << run("ls -A /run/netyard").text;
}

TEST_F(EphemeralTest, OneInsideAnother) {
  const LabFile file(workload_lab());
  const std::string up = NETYARD_PROGRAM " up " + file.path() + " -- ";
  const Output out = run(up + up + up + "sh -c 'ip netns list; " NETYARD_PROGRAM " ps a --json'");
  EXPECT_EQ(out.status, 0) << out.text;
  EXPECT_TRUE(out.text.starts_with("e.a\n{")) << out.text;
  const pid_t pid = start(file.path(), up + "sh -c \"touch /run/there; " + nap() + "\"");
  kill(pid, SIGKILL);
  EXPECT_TRUE(eventually(is_cleared, kSoon)) << run("ls -A /run/netyard").text;
}

TEST_F(EphemeralTest, TheExampleForTestSuitesPasses) {
  const Output out = run("cd " NETYARD_EXAMPLES " && NETYARD=" NETYARD_PROGRAM " sh lan-test.sh");
  EXPECT_EQ(out.status, 0) << out.text;
  EXPECT_EQ(out.text.find("not ok"), std::string::npos) << out.text;
  EXPECT_NE(out.text.find("1..3"), std::string::npos) << out.text;
}

}  // namespace
}  // namespace netyard::test
