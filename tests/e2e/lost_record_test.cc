// SPDX-License-Identifier: Apache-2.0
// Records that are gone, damaged, of a later netyard or of an earlier boot.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "e2e/program.h"
#include "engine/record.h"

namespace netyard::test {
namespace {

using LostRecordTest = CleanNetnsTest;

constexpr const char* kRecord = "/run/netyard/lan.json";

nlohmann::json summary_of(const std::string& lab) {
  const auto said = nlohmann::json::parse(netyard("ls --json").text);
  for (const auto& one : said["labs"]) {
    if (one["name"] == lab) return one;
  }
  return {};
}

void expect_nothing_left() {
  EXPECT_EQ(run("ls /run/netns").text, "");
  EXPECT_NE(run("ls /run/netyard 2>/dev/null").status, 0);
  EXPECT_NE(run("ls /etc/netns 2>/dev/null").status, 0);
  EXPECT_EQ(netyard("ls").text, "");
}

// Ways to lose a record while the lab runs.
TEST_F(LostRecordTest, DownFindsTheNamespacesByTheirMarks) {
  for (const std::string damage :
       {"rm {}", "truncate -s 0 {}", "truncate -s 300 {}", "sed -i s/eth0/eth9/ {}",
        "echo '{{\"version\": 1}}' > {}", "rm -r /run/netyard"}) {
    ASSERT_EQ(netyard("up " + example("lan")).status, 0);
    ASSERT_EQ(run("ip netns add lan.guest").status, 0);
    ASSERT_EQ(run(fmt::format(fmt::runtime(damage), kRecord)).status, 0) << damage;
    EXPECT_EQ(summary_of("lan")["state"], "record lost") << damage;
    EXPECT_EQ(netyard("exec h1 hostname").text, "h1\n") << damage;
    const Output down = netyard("down lan");
    EXPECT_EQ(down.status, 0) << damage << down.text;
    EXPECT_NE(down.text.find("what carries its mark is removed"), std::string::npos) << down.text;
    EXPECT_NE(down.text.find("lan: 5 namespaces down"), std::string::npos) << down.text;
    EXPECT_EQ(run("ls /run/netns").text, "lan.guest\n") << damage;
    ASSERT_EQ(run("ip netns del lan.guest").status, 0);
    // Who made /etc/netns was known in /run/netyard alone: then it stays, empty.
    if (damage == "rm -r /run/netyard") run("rmdir /etc/netns");
    expect_nothing_left();
  }
}

TEST_F(LostRecordTest, StatusShowsWhatTheKernelShows) {
  ASSERT_EQ(netyard("up " + example("lan")).status, 0);
  const auto before = nlohmann::json::parse(netyard("status --json").text);
  ASSERT_EQ(run(fmt::format("rm {}", kRecord)).status, 0);
  const auto after = nlohmann::json::parse(netyard("status --json").text);
  EXPECT_EQ(after["state"], "record lost");
  ASSERT_EQ(after["nodes"].size(), before["nodes"].size());
  std::map<std::string, nlohmann::json> known;
  for (const auto& node : before["nodes"]) known[node["name"]] = node["interfaces"];
  // Peers too: they are found by ifindex.
  for (const auto& node : after["nodes"]) EXPECT_EQ(node["interfaces"], known[node["name"]]);
  EXPECT_EQ(netyard("down").status, 0);
  expect_nothing_left();
}

// The record is gone; what the lab was read from is kept beside it.
TEST_F(LostRecordTest, StatusKnowsTheFileAndWhatDiffers) {
  ASSERT_EQ(netyard("up " + example("lan")).status, 0);
  ASSERT_EQ(run(fmt::format("rm {}", kRecord)).status, 0);
  EXPECT_EQ(nlohmann::json::parse(netyard("status --json").text)["file"], example("lan"));
  EXPECT_EQ(summary_of("lan")["file"], example("lan"));
  EXPECT_EQ(netyard("status").text.find("not known any more"), std::string::npos);
  ASSERT_EQ(run("ip -n lan.h1 addr flush dev eth0 scope global").status, 0);
  const Output status = netyard("status");
  EXPECT_NE(status.text.find("'netyard up' would repair:"), std::string::npos) << status.text;
  EXPECT_EQ(netyard("up " + example("lan")).status, 0);
  EXPECT_EQ(netyard("down lan").status, 0);
  expect_nothing_left();
}

TEST_F(LostRecordTest, PairsWithTheHostAreFoundByTheirOtherEnds) {
  const LabFile file(R"(name: lan
nodes: {a: {}, b: {}}
links:
  - {endpoints: [host:to-a, a:eth0], ipv4: [10.1.0.1/24, 10.1.0.2/24]}
  - {endpoints: [host:to-b, b:eth0]}
)");
  ASSERT_EQ(run("ip link add stranger type veth peer name other").status, 0);
  ASSERT_EQ(netyard("up " + file.path()).status, 0);
  const std::string before = run("ip -br link show to-a; ip -br link show to-b").text;
  ASSERT_EQ(run(fmt::format("rm {}", kRecord)).status, 0);
  EXPECT_EQ(netyard("plan " + file.path()).text, "lan: up, no change\n");
  ASSERT_EQ(run("ip addr flush dev to-a").status, 0);
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 0) << up.text;
  EXPECT_EQ(run("ip -br link show to-a; ip -br link show to-b").text, before);
  EXPECT_NE(run("ip addr show to-a").text.find("10.1.0.1/24"), std::string::npos);
  // A link of the host that leads elsewhere stays in the way.
  ASSERT_EQ(
      run(fmt::format("rm {}; ip link set to-b name away; ip link set other name to-b", kRecord))
          .status,
      0);
  const Output refused = netyard("up " + file.path());
  EXPECT_NE(refused.status, 0) << refused.text;
  EXPECT_NE(refused.text.find("to-b"), std::string::npos) << refused.text;
  EXPECT_EQ(netyard("down lan").status, 0);
  EXPECT_EQ(run("ip -br link | grep -c -e to-a -e away").text, "0\n");
  EXPECT_EQ(run("ip link show to-b").status, 0);
  ASSERT_EQ(run("ip link del stranger").status, 0);
  expect_nothing_left();
}

TEST_F(LostRecordTest, AnUplinkIsFoundToo) {
  if (run("nft list tables").status != 0) GTEST_SKIP() << "this machine has no nft";
  ASSERT_EQ(run("sysctl -qw net.ipv4.ip_forward=1").status, 0);
  const LabFile file("name: lan\nnodes: {r: {kind: router, uplink: true}}\n");
  const Output first = netyard("up " + file.path());
  ASSERT_EQ(first.status, 0) << first.text;
  ASSERT_EQ(run(fmt::format("rm {}", kRecord)).status, 0);
  const Output plan = netyard("plan " + file.path());
  EXPECT_EQ(plan.text, "lan: up, no change\n");
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 0) << up.text;
  EXPECT_EQ(netyard("down lan").status, 0);
  EXPECT_EQ(run("nft list tables | grep -c netyard").text, "0\n");
  expect_nothing_left();
}

TEST_F(LostRecordTest, UpGoesOnFromWhatIsThere) {
  ASSERT_EQ(netyard("up " + example("lan")).status, 0);
  const std::string inodes = run("ls -i /run/netns").text;
  ASSERT_EQ(run(fmt::format("rm {}", kRecord)).status, 0);
  ASSERT_EQ(run("ip -n lan.h1 addr flush dev eth0").status, 0);
  const Output up = netyard("up " + example("lan"));
  EXPECT_EQ(up.status, 0) << up.text;
  EXPECT_EQ(run("ls -i /run/netns").text, inodes);
  EXPECT_EQ(netyard("plan " + example("lan")).text, "lan: up, no change\n");
  EXPECT_EQ(run(fmt::format("test -e {}", kRecord)).status, 0);
  EXPECT_EQ(netyard("down --all").status, 0);
  expect_nothing_left();
}

TEST_F(LostRecordTest, AMarkOnAnotherNameIsNoProof) {
  ASSERT_EQ(netyard("up " + example("lan")).status, 0);
  // A second name for a namespace of the lab, and a forged mark.
  ASSERT_EQ(
      run("touch /run/netns/lan.other && mount --bind /run/netns/lan.h1 /run/netns/lan.other && "
          "ip netns add mine && ip -n mine link set lo alias netyard:lan:h9")
          .status,
      0);
  ASSERT_EQ(run(fmt::format("rm {}", kRecord)).status, 0);
  EXPECT_EQ(netyard("down lan").status, 0);
  EXPECT_EQ(run("ls /run/netns").text, "lan.other\nmine\n");
  ASSERT_EQ(run("ip netns del lan.other && ip netns del mine").status, 0);
}

TEST_F(LostRecordTest, ALaterFormatIsRefused) {
  ASSERT_EQ(netyard("up " + example("lan")).status, 0);
  ASSERT_EQ(run(fmt::format("cp {0} /run/good && echo '{{\"format\":99,\"x\":1}}' > {0}", kRecord))
                .status,
            0);
  for (const std::string& command : {std::string("down lan"), std::string("status lan"),
                                     "up " + example("lan"), std::string("exec h1 true")}) {
    const Output out = netyard(command);
    EXPECT_NE(out.status, 0) << command;
    EXPECT_NE(out.text.find("it has format 99, this netyard knows 3"), std::string::npos)
        << command << out.text;
  }
  EXPECT_EQ(summary_of("lan")["state"], "unreadable");
  // One that cannot be removed does not keep others up; gc leaves it alone.
  EXPECT_EQ(netyard("down --all").status, 1);
  EXPECT_EQ(netyard("gc").status, 0);
  EXPECT_EQ(run("ls /run/netns | wc -l").text, "5\n");
  ASSERT_EQ(run(fmt::format("mv /run/good {}", kRecord)).status, 0);
  EXPECT_EQ(netyard("down lan").status, 0);
  expect_nothing_left();
}

/// Makes a record look as if it were of an earlier boot: everything it names is gone.
void reboot() {
  std::ifstream file(kRecord);
  std::stringstream text;
  text << file.rdbuf();
  LabRecord record = from_text(text.str(), kRecord);
  record.boot_id = "00000000-0000-0000-0000-000000000000";
  std::ofstream(kRecord) << to_text(record);
  for (const auto& node : record.nodes) run("ip netns del " + node.netns);
}

TEST_F(LostRecordTest, ARecordOfAnEarlierBootStandsInNobodysWay) {
  for (const std::string& command : {"up " + example("lan"), std::string("down lan")}) {
    ASSERT_EQ(netyard("up " + example("lan")).status, 0);
    reboot();
    // Somebody has one of the names since.
    ASSERT_EQ(run("ip netns add lan.guest").status, 0);
    EXPECT_EQ(summary_of("lan")["state"], "earlier boot");
    const Output status = netyard("status lan");
    EXPECT_EQ(status.status, 1);
    EXPECT_NE(status.text.find("gone with an earlier boot"), std::string::npos) << status.text;
    EXPECT_NE(netyard("exec h1 true").text.find("was up before this boot"), std::string::npos);
    const Output out = netyard(command);
    EXPECT_EQ(out.status, 0) << command << out.text;
    EXPECT_EQ(netyard("down lan").status, 0);
    EXPECT_EQ(run("ls /run/netns").text, "lan.guest\n");
    ASSERT_EQ(run("ip netns del lan.guest").status, 0);
    expect_nothing_left();
  }
}

TEST_F(LostRecordTest, TheAliasOfLoIsNotToBeHad) {
  const LabFile file("name: x\nnodes:\n  a: {interfaces: {lo: {alias: mine}}}\n");
  const Output check = netyard("check " + file.path());
  EXPECT_EQ(check.status, 3);
  EXPECT_NE(check.text.find(":3:32: error: the alias of lo says whose the namespace is"),
            std::string::npos)
      << check.text;
}

}  // namespace
}  // namespace netyard::test
