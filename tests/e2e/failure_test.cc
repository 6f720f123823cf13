// SPDX-License-Identifier: Apache-2.0
// Ups that fail, are interrupted or killed; downs in odd situations.
#include <fmt/format.h>
#include <unistd.h>

#include "e2e/program.h"

namespace netyard::test {
namespace {

using FailureTest = CleanNetnsTest;

TEST_F(FailureTest, AnUpThatFailsAtItsLastStepPointsAtTheLine) {
  const LabFile file(
      "name: x\nnodes:\n  a: {}\n  b:\n    exec:\n      - sh -c 'echo no way; exit 3'\n"
      "links:\n  - {endpoints: [a, b], subnet: 10.0.0.0/24}\n");
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1);
  EXPECT_EQ(
      up.text,
      "netyard: /run/lab.yaml:6:9: run sh -c 'echo no way; exit 3' in b: exited with status 3\n"
      "   6 |       - sh -c 'echo no way; exit 3'\n"
      "     |         ^\n"
      "    hint: it said: no way\n"
      "netyard: x is not up; what was made is undone\n");
  EXPECT_EQ(netyard("ls").text, "");
}

TEST_F(FailureTest, ARefusalOfTheKernelIsShownInFull) {
  const LabFile file("name: x\nnodes:\n  a:\n    sysctls: {net.netfilter.nope: 1}\n");
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1);
  EXPECT_NE(
      up.text.find("/run/lab.yaml:4:15: write sysctl net/netfilter/nope = 1 in a: No such file or "
                   "directory"),
      std::string::npos)
      << up.text;
}

TEST_F(FailureTest, AnInterruptUndoesAndExits130) {
  const LabFile file("name: x\nnodes:\n  a: {exec: [sleep 60]}\n");
  for (const auto& [signal, status] : {std::pair{"INT", 130}, std::pair{"TERM", 143}}) {
    const Output out =
        run(fmt::format("{} up {} & pid=$!; until grep -q . /proc/$pid/task/$pid/children; do "
                        "sleep 0.01; done; kill -{} $pid; "
                        "wait $pid; echo $?",
                        NETYARD_PROGRAM, file.path(), signal));
    EXPECT_NE(out.text.find(fmt::format("undone\n{}\n", status)), std::string::npos) << out.text;
    EXPECT_EQ(netyard("ls").text, "");
  }
}

// Killed at moments spread over an `up`: `down` finds all that is there.
TEST_F(FailureTest, AKilledUpIsClearedByDown) {
  for (int delay = 0; delay < 60; delay += 3) {
    run(fmt::format("{} up {} >/dev/null 2>&1 & pid=$!; sleep 0.{:03}; kill -9 $pid; wait $pid",
                    NETYARD_PROGRAM, example("fat-tree"), delay));
    EXPECT_EQ(netyard("down fat-tree").status, 0) << delay;
    EXPECT_EQ(run("ls /run/netns 2>/dev/null").text, "") << delay;
  }
}

TEST_F(FailureTest, AnUpKilledBeforeItsRecordIsClearedByDown) {
  for (const std::string files : {"lan.lock", "lan.lock lan.json.new"}) {
    ASSERT_EQ(run("mkdir /run/netyard && cd /run/netyard && touch " + files).status, 0);
    const Output down = netyard("down lan");
    EXPECT_EQ(down.status, 0);
    EXPECT_EQ(down.text, "lan: is not up\n");
    EXPECT_NE(run("ls /run/netyard").status, 0);
  }
}

TEST_F(FailureTest, ANamespaceOfSomebodyElseStandsInTheWay) {
  ASSERT_EQ(run("ip netns add lan.h3").status, 0);
  const std::string before = run("ls -i /run/netns").text;
  const Output up = netyard("up " + example("lan"));
  EXPECT_EQ(up.status, 1);
  EXPECT_NE(up.text.find("lan.yaml:9:3: error: namespace lan.h3 is there already, and not ours\n"),
            std::string::npos)
      << up.text;
  EXPECT_EQ(run("ls -i /run/netns").text, before);
  ASSERT_EQ(run("ip netns del lan.h3").status, 0);
}

TEST_F(FailureTest, AStrangerUnderOurNameIsLeftAlone) {
  ASSERT_EQ(netyard("up " + example("lan")).status, 0);
  ASSERT_EQ(run("ip netns del lan.h3 && ip netns add lan.h3").status, 0);
  const Output down = netyard("down lan");
  EXPECT_EQ(down.status, 4);
  EXPECT_NE(
      down.text.find("namespace lan.h3: delete namespace lan.h3: another one has this name now"),
      std::string::npos)
      << down.text;
  EXPECT_EQ(run("ls /run/netns").text, "lan.h3\n");
  ASSERT_EQ(run("ip netns del lan.h3").status, 0);
}

TEST_F(FailureTest, DownCopesWithWhatIsGone) {
  ASSERT_EQ(netyard("up " + example("tutorial")).status, 0);
  ASSERT_EQ(run("ip netns del tutorial.ns1").status, 0);
  EXPECT_EQ(netyard("down").status, 0);
  EXPECT_EQ(netyard("down tutorial").status, 0);
}

TEST_F(FailureTest, AProcessThatKeepsANamespaceIsNamed) {
  ASSERT_EQ(netyard("up " + example("lan")).status, 0);
  const Output out =
      run(fmt::format("{0} exec h1 sleep 60 & pid=$!; while ! {0} ns pids lan.h1 | grep -q $pid; "
                      "do sleep 0.01; done; "
                      "{0} down; kill $pid; wait $pid",
                      NETYARD_PROGRAM));
  EXPECT_NE(out.text.find("(sleep) still runs in h1"), std::string::npos) << out.text;
}

TEST_F(FailureTest, AFullDiskChangesNothing) {
  ASSERT_EQ(run("mkdir /run/netyard && mount -t tmpfs -o size=4k none /run/netyard").status, 0);
  ASSERT_EQ(run("head -c 4096 /dev/zero > /run/netyard/filler").status, 0);
  const Output up = netyard("up " + example("fat-tree"));
  EXPECT_EQ(up.status, 1);
  EXPECT_NE(up.text.find("No space left on device"), std::string::npos) << up.text;
  EXPECT_EQ(run("ls /run/netns 2>/dev/null").text, "");
  ASSERT_EQ(run("umount /run/netyard && rmdir /run/netyard").status, 0);
}

// Of its files, none must become standard output.
TEST_F(FailureTest, StandardDescriptorsMayBeClosed) {
  const LabFile file("name: x\nnodes: {a: {}}\n");
  for (const char* closed : {">&- 2>&-", "<&- >&- 2>&-", "<&-"}) {
    EXPECT_EQ(run(NETYARD_PROGRAM " -v up " + file.path() + " " + closed).status, 0) << closed;
    EXPECT_EQ(netyard("plan " + file.path()).text, "x: up, no change\n") << closed;
    EXPECT_EQ(run(std::string(NETYARD_PROGRAM " -v down x ") + closed).status, 0) << closed;
  }
}

TEST_F(FailureTest, WithoutPrivilegeItSaysWhatIsMissing) {
  if (geteuid() != 0 || run("setpriv --version").status != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(run("chmod 755 /run").status, 0);
  const std::string program = "/run/netyard-program";
  ASSERT_EQ(run("install -m 755 " NETYARD_PROGRAM " " + program).status, 0);
  ASSERT_EQ(run("install -m 644 " + example("lan") + " /run/lan.yaml").status, 0);
  const std::string as_user = "setpriv --reuid=65534 --regid=65534 --clear-groups ";
  const Output up = run(as_user + program + " up /run/lan.yaml");
  EXPECT_EQ(up.status, 1) << up.text;
  EXPECT_NE(up.text.find("root"), std::string::npos) << up.text;
  EXPECT_EQ(run(as_user + program + " check /run/lan.yaml").status, 0);
  EXPECT_EQ(run(as_user + program + " plan /run/lan.yaml").status, 10);
  // Its guard cannot begin, and nobody waits for it.
  const Output one = run("timeout 20 " + as_user + program + " up /run/lan.yaml -- echo ran");
  EXPECT_EQ(one.status, 125) << one.text;
  EXPECT_NE(one.text.find("ermission"), std::string::npos) << one.text;
  ASSERT_EQ(run("rm " + program + " /run/lan.yaml").status, 0);
}

}  // namespace
}  // namespace netyard::test
