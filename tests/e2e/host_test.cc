// SPDX-License-Identifier: Apache-2.0
// Labs that touch the host: ends there, and links taken from there.
#include <fmt/format.h>

#include "e2e/program.h"

namespace netyard::test {
namespace {

constexpr const char* kTaking =
    "name: nic\nnodes: {n: {}}\nlinks:\n"
    "  - {type: physical, host: nic0, endpoint: n:eth0, ipv4: 10.0.0.1/24, mtu: 1400}\n";

/// The host has a "NIC", nic0, up, with ifindex 50.
class HostTest : public CleanNetnsTest {
 protected:
  void SetUp() override {
    CleanNetnsTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_EQ(run("ip link add nic0 index 50 type ifb && ip link set nic0 up").status, 0);
  }
  void TearDown() override {
    if (!IsSkipped()) run("ip link del nic0");
    CleanNetnsTest::TearDown();
  }
  static void expect_nic_is_home() {
    const auto nic = ip_json("", "link show nic0")[0];
    EXPECT_EQ(nic["ifindex"], 50);
    EXPECT_NE(nic["flags"].dump().find("\"UP\""), std::string::npos);
  }
};

TEST_F(HostTest, ALinkIsTakenAndGivenBack) {
  const LabFile file(kTaking);
  const Output up = netyard("up " + file.path());
  ASSERT_EQ(up.status, 0) << up.text;
  EXPECT_NE(run("ip link show nic0").status, 0);
  const auto inside = ip_json("nic.n", "addr show eth0")[0];
  EXPECT_EQ(inside["addr_info"][0]["local"], "10.0.0.1");
  EXPECT_EQ(inside["mtu"], 1400);
  EXPECT_EQ(netyard("down").status, 0);
  expect_nic_is_home();
}

TEST_F(HostTest, AFailedUpGivesItBackToo) {
  const LabFile file(std::string(kTaking) + "vars: {}\n" +
                     "defaults: {node: {exec: [sh -c 'exit 9']}}\n");
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1);
  EXPECT_NE(up.text.find("exited with status 9"), std::string::npos) << up.text;
  expect_nic_is_home();
}

TEST_F(HostTest, AKilledUpGivesItBackOnDown) {
  const LabFile file(std::string(kTaking) + "defaults: {node: {exec: [sleep 60]}}\n");
  run(fmt::format(
      "{} up {} & pid=$!; while ! ip -n nic.n addr show eth0 2>/dev/null | grep -q 10.0.0.1; "
      "do sleep 0.01; done; child=$(pgrep -P $pid); kill -9 $pid $child; wait",
      NETYARD_PROGRAM, file.path()));
  EXPECT_NE(run("ip link show nic0").status, 0) << "it is still in the lab";
  EXPECT_EQ(netyard("down nic").status, 0);
  expect_nic_is_home();
}

TEST_F(HostTest, ALinkInUseIsNotTaken) {
  ASSERT_EQ(run("ip addr add 192.0.2.1/24 dev nic0").status, 0);
  const LabFile file(kTaking);
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1);
  EXPECT_EQ(
      up.text,
      "/run/lab.yaml:4:5: error: link nic0 of the host has addresses, and would lose them\n"
      "   4 |   - {type: physical, host: nic0, endpoint: n:eth0, ipv4: 10.0.0.1/24, mtu: 1400}\n"
      "     |     ^\n"
      "    hint: if it is really free for the lab, remove them first: ip addr flush dev nic0\n"
      "1 error\n"
      "netyard: nic is not up; nothing was changed\n");
  EXPECT_EQ(ip_json("", "addr show nic0")[0]["addr_info"][0]["local"], "192.0.2.1");
  run("ip addr flush dev nic0");
}

TEST_F(HostTest, WhatTheHostHasAlreadyStandsInTheWay) {
  const LabFile file("name: x\nnodes: {n: {}}\nlinks: [{endpoints: [host:nic0, n:eth0]}]\n");
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1);
  EXPECT_NE(up.text.find("the host has a link called nic0 already"), std::string::npos) << up.text;
  const LabFile missing(
      "name: x\nnodes: {n: {}}\n"
      "links: [{type: physical, host: nic1, endpoint: n:eth0}]\n");
  EXPECT_NE(netyard("up " + missing.path()).text.find("hint: did you mean 'nic0'?"),
            std::string::npos);
  expect_nic_is_home();
}

TEST_F(HostTest, AMacvlanStandsOnALinkOfTheHost) {
  const LabFile file(
      "name: x\nnodes: {n: {}}\n"
      "links: [{type: macvlan, endpoint: n:eth0, parent: host:nic0, mode: bridge, "
      "ipv4: 10.0.0.1/24}]\n");
  const Output up = netyard("up " + file.path());
  ASSERT_EQ(up.status, 0) << up.text;
  EXPECT_EQ(ip_json("x.n", "link show eth0")[0]["link_index"], 50);
  EXPECT_EQ(netyard("down").status, 0);
  expect_nic_is_home();
}

TEST_F(HostTest, NothingOfTheHostChanges) {
  const std::string look =
      "ip -d addr; ip route show table all; ip rule; sysctl -a 2>/dev/null | "
      "grep -E 'forward|accept_dad|addr_gen' | sort";
  const std::string before = run(look).text;
  ASSERT_EQ(netyard("up " + example("fat-tree")).status, 0);
  EXPECT_EQ(run(look).text, before);
  ASSERT_EQ(netyard("down").status, 0);
  EXPECT_EQ(run(look).text, before);
}

}  // namespace
}  // namespace netyard::test
