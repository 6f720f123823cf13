// SPDX-License-Identifier: Apache-2.0
// `uplink:`. The host here is the namespace of the test; outside is another, joined to it.
#include "e2e/workloads.h"

namespace netyard::test {
namespace {

class UplinkTest : public CleanNetnsTest {
 protected:
  void SetUp() override {
    CleanNetnsTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_EQ(run("ip netns add outside && ip link add up0 type veth peer name eth0 netns outside "
                  "&& ip addr add 203.0.113.1/24 dev up0 && ip link set up0 up && "
                  "ip -n outside addr add 203.0.113.2/24 dev eth0 && "
                  "ip -n outside link set eth0 up && sysctl -qw net.ipv4.ip_forward=1")
                  .status,
              0);
  }
  void TearDown() override {
    run("sysctl -qw net.ipv4.ip_forward=0; ip link del up0; ip netns del outside");
    CleanNetnsTest::TearDown();
  }
};

const char* const kLab = R"(name: up-link
routing: static
nodes:
  h: {}
  r: {kind: router, uplink: true}
  far: {}
  alone: {uplink: {interface: wan, subnet: 198.19.7.0/30}}
links:
- {endpoints: [h, r], subnet: 10.0.0.0/24}
- {endpoints: [far, r], subnet: 10.0.1.0/24}
)";

TEST_F(UplinkTest, NodesReachTheOutsideAndNothingStays) {
  {
    const Lab lab(kLab);
    for (const char* node : {"r", "alone", "h", "far"}) {
      EXPECT_EQ(netyard(std::string("exec ") + node + " -- ping -c 1 -W 5 203.0.113.2").status, 0)
          << node;
    }
    EXPECT_EQ(netyard("exec h -- ping -c 1 -W 5 far").status, 0);
    EXPECT_EQ(ip_json("up-link.alone", "-4 addr show wan")[0]["addr_info"][0]["local"],
              "198.19.7.2");
    EXPECT_EQ(run("nft list tables").text, "table ip netyard_up-link\n");
    EXPECT_EQ(ip_json("outside", "route show").size(), 1U) << "it knows nothing of the lab";
  }
  EXPECT_EQ(run("nft list tables").text, "");
}

TEST_F(UplinkTest, WhatHandsDidToItsTableIsRepaired) {
  const Lab lab(kLab);
  const auto plan = [] { return netyard("plan /run/lab.yaml").text; };
  const std::string table = run("nft -s list ruleset").text;
  ASSERT_EQ(run("nft add table ip theirs").status, 0);
  EXPECT_TRUE(plan().starts_with("up-link: up, no change")) << plan();
  for (const char* hand : {"nft delete table ip netyard_up-link", "nft flush ruleset"}) {
    ASSERT_EQ(run(hand).status, 0);
    EXPECT_NE(plan().find("(was: table ip netyard_up-link is missing)"), std::string::npos)
        << plan();
    EXPECT_EQ(netyard("up /run/lab.yaml").status, 0);
    EXPECT_NE(run("nft -s list ruleset").text.find(table), std::string::npos) << hand;
    EXPECT_EQ(netyard("exec h -- ping -c 1 -W 5 203.0.113.2").status, 0) << hand;
  }
  run("nft delete table ip theirs");
}

TEST_F(UplinkTest, TwoLabsDoNotMeet) {
  const Lab one(kLab);
  std::string text = kLab;
  text.replace(text.find("up-link"), 7, "another");
  text.replace(text.find("198.19.7.0"), 10, "198.19.8.0");
  const LabFile file(text, "/run/other.yaml");
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 0) << up.text;
  EXPECT_EQ(netyard("exec another/h -- ping -c 1 -W 5 203.0.113.2").status, 0);
  EXPECT_EQ(netyard("down another").status, 0);
  EXPECT_EQ(netyard("exec up-link/h -- ping -c 1 -W 5 203.0.113.2").status, 0);
}

// They come up, work and go at the same time, and the host's tables of each are its own.
TEST_F(UplinkTest, FourLabsAtOnce) {
  const LabFile file("nodes: {r: {kind: router, uplink: true}}\n");
  const std::string each = "for i in 1 2 3 4; do ";
  const std::string told = " >/run/out.$i 2>&1 || cat /run/out.$i & done; wait";
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(run(each + NETYARD_PROGRAM " up " + file.path() + " --name u$i" + told).text, "");
    EXPECT_EQ(run("nft list tables | sort").text,
              "table ip netyard_u1\ntable ip netyard_u2\ntable ip netyard_u3\n"
              "table ip netyard_u4\n");
    EXPECT_EQ(run(each + NETYARD_PROGRAM " exec u$i/r -- ping -c 1 -W 9 203.0.113.2" + told).text,
              "");
    // One that goes takes no other's way out along.
    EXPECT_EQ(netyard("down u1").status, 0);
    EXPECT_EQ(netyard("exec u2/r -- ping -c 1 -W 9 203.0.113.2").status, 0);
    EXPECT_EQ(run(each + NETYARD_PROGRAM " down u$i" + told).text, "");
    EXPECT_EQ(run("nft list ruleset").text, "");
    EXPECT_EQ(run("ip -br link show type veth | grep -v ^up0").text, "");
  }
  run("rm -f /run/out.*");
}

// The same under one name, each for its command.
TEST_F(UplinkTest, FourForTheirCommandsAtOnce) {
  const LabFile file("name: u\nnodes: {r: {kind: router, uplink: true}}\n");
  const Output out =
      run("for i in 1 2 3 4; do timeout -k 5 60 " NETYARD_PROGRAM " up " + file.path() +
          " -- ip netns exec u.r ping -c 1 -W 9 203.0.113.2 >/run/out.$i 2>&1; "
          "echo status $? >>/run/out.$i & done; wait; cat /run/out.*; "
          "rm -f /run/out.*");
  EXPECT_EQ(run("echo '" + out.text + "' | grep -c 'status 0'").text, "4\n") << out.text;
  EXPECT_EQ(run("nft list ruleset").text, "");
}

TEST_F(UplinkTest, ALostRecordIsNoObstacle) {
  const LabFile file(kLab);
  ASSERT_EQ(netyard("up " + file.path()).status, 0);
  ASSERT_EQ(run("truncate -s 100 /run/netyard/up-link.json").status, 0);
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 0) << up.text;
  EXPECT_EQ(netyard("exec h -- ping -c 1 -W 5 203.0.113.2").status, 0);
  ASSERT_EQ(run("truncate -s 100 /run/netyard/up-link.json").status, 0);
  EXPECT_EQ(netyard("down up-link").status, 0);
  EXPECT_EQ(run("nft list tables; ip -br link show type veth | grep -v ^up0").text, "");
}

TEST_F(UplinkTest, WhatTheHostLacksIsSaidAndNotChanged) {
  run("sysctl -qw net.ipv4.ip_forward=0; ip addr add 198.19.7.9/16 dev up0; "
      "nft add table ip netyard_up-link");
  const LabFile file(kLab);
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1);
  for (const char* told :
       {"/run/lab.yaml:5:29: error: the host does not forward IPv4", "sysctl net.ipv4.ip_forward=1",
        "/run/lab.yaml:7:19: error: the host has 198.19.7.9/16, which overlaps",
        "the host has an nftables table ip netyard_up-link already"}) {
    EXPECT_NE(up.text.find(told), std::string::npos) << told << "\n" << up.text;
  }
  EXPECT_EQ(run("nft list tables; nft delete table ip netyard_up-link").text,
            "table ip netyard_up-link\n");
  EXPECT_EQ(run("sysctl -n net.ipv4.ip_forward").text, "0\n");
}

TEST_F(UplinkTest, AFailureTakesTheTableAway) {
  const LabFile file(std::string(kLab) + "- {endpoints: [h, far], subnet: 10.0.2.0/24}\n");
  run("sed -i 's/far: {}/far: {exec: [\"false\"]}/' /run/lab.yaml");
  EXPECT_EQ(netyard("up " + file.path()).status, 1);
  EXPECT_EQ(run("nft list tables").text, "");
}

}  // namespace
}  // namespace netyard::test
