// SPDX-License-Identifier: Apache-2.0
// `netyard gc`, `down --all` and `ns prune`: all that is ours, and nothing else.
#include <fmt/format.h>
#include <unistd.h>

#include <set>

#include "e2e/program.h"

namespace netyard::test {
namespace {

class GcTest : public CleanNetnsTest {
 protected:
  void SetUp() override {
    CleanNetnsTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    // What the first lab of all makes and leaves.
    run("ip netns add x && ip netns del x");
  }
};

std::string cgroup_point() {
  const std::string text =
      run("findmnt -n -o TARGET -t cgroup2,cgroup | grep -E 'unified|freezer|cgroup$' | head -1")
          .text;
  return text.substr(0, text.find('\n'));
}

bool has_nft() {
  return run("nft list tables").status == 0;
}

/// Things that look like ours and are not.
const char* const kPlant =
    "set -e\n"
    "ip link add veth1 type veth peer name veth2\n"
    "ip netns add lan.h1\n"  // named as a node of a lab that is no more
    "ip netns add stranger.node\n"
    "ip -n stranger.node link set lo alias netyard:lan:h1\n"  // a mark on a name that is not its
                                                              // own
    "ip -n lan.h1 link set lo alias 'not netyard:lan:h1'\n"
    "mkdir -p /etc/netns /run/elsewhere /run/netyard\n"
    "ln -s /run/elsewhere/gone /etc/netns/lan.h1\n"  // dangling, and leads elsewhere
    "ln -s /run/netyardish/x.etc/@lab /etc/netns/x.h\n"
    "mkdir /etc/netns/real && echo x > /etc/netns/real/hosts\n"
    "echo mine > /run/netyard/notes.txt\n";

const char* const kUproot =
    "ip link del veth1; ip netns del lan.h1; ip netns del stranger.node;"
    "rm -r /etc/netns /run/elsewhere /run/netyard/notes.txt; rmdir /run/netyard";

std::string look() {
  return run("ls -1 /run/netns; ip -br link | awk '{print $1}'; find /etc/netns /run/netyard | "
             "sort; "
             "ip -n lan.h1 link show lo; ip -n stranger.node link show lo;"
             "nft list ruleset 2>/dev/null")
      .text;
}

TEST_F(GcTest, WithNothingToDoItDoesNothing) {
  const Output gc = netyard("gc");
  EXPECT_EQ(gc.status, 0);
  EXPECT_EQ(gc.text, "");
  EXPECT_EQ(netyard("gc --dry-run").status, 0);
  EXPECT_EQ(netyard("down --all").status, 0);
  EXPECT_EQ(netyard("ns prune").text, "");
}

TEST_F(GcTest, TouchesNothingButOurs) {
  ASSERT_EQ(run(kPlant).status, 0);
  const std::string group = cgroup_point();
  ASSERT_NE(group, "");
  // Beside ours, and below a directory that is called like ours but was made by somebody.
  ASSERT_EQ(run(fmt::format("mkdir {0}/netyardish {0}/netyard {0}/netyard/lan", group)).status, 0);
  if (has_nft()) {
    ASSERT_EQ(run("nft add table ip netyardish && nft add table ip netyard_lan && "
                  "nft add table inet netyard_x '{ comment \"netyard:x\"; }'")
                  .status,
              0);
  }
  const std::string before = look();
  for (const std::string command : {"gc --dry-run", "gc", "down --all", "ns prune", "down lan"}) {
    const Output out = netyard(command);
    EXPECT_EQ(out.status, 0) << command << out.text;
    EXPECT_EQ(look(), before) << command << out.text;
    EXPECT_EQ(run(fmt::format("ls -d {0}/netyardish {0}/netyard/lan", group)).status, 0) << command;
  }
  run(fmt::format("rmdir {0}/netyard/lan {0}/netyard {0}/netyardish", group));
  run("nft delete table ip netyardish; nft delete table ip netyard_lan; nft delete table inet "
      "netyard_x");
  run(kUproot);
}

TEST_F(GcTest, LeavesLabsAlone) {
  const Lab lab("name: x\nnodes: {a: {hosts: {z: 10.0.0.9}}}\n");
  const std::string before = run("ls /run/netns /run/netyard /etc/netns").text;
  EXPECT_EQ(netyard("gc").text, "");
  EXPECT_EQ(netyard("ns prune").text, "");
  EXPECT_EQ(run("ls /run/netns /run/netyard /etc/netns").text, before);
}

TEST_F(GcTest, RemovesAllOfALabWithoutARecord) {
  const LabFile file(
      "name: x\nnodes:\n  a:\n    run: {sleeper: sleep 600}\n  b: {}\n"
      "links: [{endpoints: [a, b], subnet: 10.0.0.0/24}]\n");
  ASSERT_EQ(netyard("up " + file.path()).status, 0);
  const std::string pids = fmt::format(
      "pgrep -x sleep | while read p; do grep -sq netyard-test.{}/netyard/x "
      "/proc/$p/cgroup && echo $p; done",
      getpid());
  // The record, and what the supervisor knows: only the cgroup leads to the processes.
  ASSERT_EQ(run("kill -9 $(pgrep --ns $$ --nslist net -f '[s]upervise /run/netyard/x.d'); "
                "rm -r /run/netyard/x.json /run/netyard/x.d")
                .status,
            0);
  ASSERT_NE(run(pids).text, "");
  const Output dry = netyard("gc --dry-run");
  EXPECT_EQ(dry.status, 10);
  EXPECT_NE(dry.text.find("would end process"), std::string::npos) << dry.text;
  ASSERT_NE(run(pids).text, "");
  const Output gc = netyard("gc --json");
  EXPECT_EQ(gc.status, 0) << gc.text;
  const auto said = nlohmann::json::parse(gc.text);
  std::set<std::string> names;
  for (const auto& thing : said["removed"]) names.insert(thing["name"]);
  for (const char* name : {"x.a", "x.b", "netyard/x"}) EXPECT_TRUE(names.contains(name)) << gc.text;
  EXPECT_FALSE(said["ended"].empty());
  EXPECT_EQ(run(pids).text, "");
  EXPECT_EQ(netyard("gc").text, "");
}

TEST_F(GcTest, RemovesWhatKilledCommandsAndRebootsLeave) {
  ASSERT_EQ(run("mkdir -p /run/netyard/a.etc/@lab /etc/netns && touch /run/netyard/b.lock "
                "/run/netyard/c.json.new && echo x > /run/netyard/a.etc/@lab/hosts && "
                "ln -s /run/netyard/a.etc/@lab /etc/netns/a.h1 && "
                "ln -s /run/netyard/gone.etc/@lab /etc/netns/gone.h1 && "
                "install -m 0 /dev/null /run/netns/stale")
                .status,
            0);
  const std::string dry = netyard("gc --dry-run").text;
  for (const char* name : {"/etc/netns/a.h1", "/etc/netns/gone.h1", "/run/netyard/a.etc",
                           "/run/netyard/b.lock", "/run/netyard/c.json.new"}) {
    EXPECT_NE(dry.find(name), std::string::npos) << name << "\n" << dry;
  }
  EXPECT_TRUE(
      eventually([] { return netyard("gc --dry-run").text.find("stale") != std::string::npos; }));
  EXPECT_EQ(netyard("gc").status, 0);
  EXPECT_EQ(run("ls /etc/netns; rmdir /etc/netns; ls /run/netns").text, "");
  EXPECT_NE(run("ls /run/netyard").status, 0);
}

TEST_F(GcTest, ALockThatIsHeldIsLeftAlone) {
  ASSERT_EQ(run("mkdir -p /run/netyard && touch /run/netyard/b.lock").status, 0);
  const Output out = run(fmt::format("flock /run/netyard/b.lock {} gc", NETYARD_PROGRAM));
  EXPECT_EQ(out.status, 0);
  EXPECT_NE(out.text.find("left alone: look at lab b"), std::string::npos) << out.text;
  EXPECT_EQ(run("ls /run/netyard").text, "b.lock\n");
  EXPECT_EQ(netyard("gc").text, "removed file /run/netyard/b.lock of lab b: it has no record\n");
}

TEST_F(GcTest, PruneRemovesNamespacesOfGoneLabsOnly) {
  ASSERT_EQ(netyard("up " + example("lan")).status, 0);
  ASSERT_EQ(run("rm /run/netyard/lan.json && ip netns add mine").status, 0);
  const Output prune = netyard("ns prune");
  EXPECT_EQ(prune.status, 0);
  EXPECT_NE(prune.text.find("removed namespace lan.h1 of lab lan: it has no record\n"),
            std::string::npos)
      << prune.text;
  EXPECT_EQ(run("ls /run/netns").text, "mine\n");
  EXPECT_EQ(netyard("gc").status, 0);
  ASSERT_EQ(run("ip netns del mine").status, 0);
}

}  // namespace
}  // namespace netyard::test
