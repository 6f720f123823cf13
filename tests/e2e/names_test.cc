// SPDX-License-Identifier: Apache-2.0
// Nodes know each other, and themselves, by name.
#include <string>

#include "e2e/workloads.h"

namespace netyard::test {
namespace {

class NamesTest : public CleanNetnsTest {};

const char* const kLab = R"(name: names
hosts: {api: 10.0.0.2}
nodes:
  a: {dns: {servers: 192.0.2.53, search: lab.example}}
  b: {run: {web: {command: [sh, -c, "hostname; getent hosts a; sleep 1000"], ready: {log: a-eth0}}}}
  c: {hosts: none}
networks:
  lan: {endpoints: [a, b, c], subnet: 10.0.0.0/24}
)";

TEST_F(NamesTest, AreSeenInExecWorkloadsAndIpNetns) {
  const Lab lab(kLab);
  EXPECT_EQ(netyard("exec a -- hostname").text, "a\n");
  EXPECT_EQ(netyard("exec a -- ping -c 1 -W 5 b").status, 0);
  EXPECT_EQ(netyard("exec a -- getent hosts api").text, "10.0.0.2        api\n");
  EXPECT_EQ(netyard("exec a -- getent hosts c-eth0").text, "10.0.0.3        c c-eth0\n");
  EXPECT_EQ(netyard("logs b").text, "b/web | b\nb/web | 10.0.0.1        a a-eth0\n");
  EXPECT_EQ(run("ip netns exec names.a getent hosts b").text, "10.0.0.2        b b-eth0\n");
  const std::string outside = run("cat /etc/hosts").text;
  EXPECT_EQ(netyard("exec c -- cat /etc/hosts").text, outside);
  run("touch /etc/resolv.conf");
  EXPECT_EQ(netyard("exec a -- cat /etc/resolv.conf").text,
            "nameserver 192.0.2.53\nsearch lab.example\n");
  EXPECT_EQ(run("ip netns exec names.a head -n 1 /etc/resolv.conf").text,
            "nameserver 192.0.2.53\n");
}

TEST_F(NamesTest, WhatIsNotOursIsLeftAlone) {
  run("mkdir -p /etc/netns/names.a && echo '192.0.2.9 mine' >/etc/netns/names.a/hosts");
  // As if left from before the machine was started again.
  ASSERT_EQ(run("ln -s /run/netyard/names.etc/b /etc/netns/names.b").status, 0);
  const LabFile file(kLab);
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 0);
  EXPECT_NE(up.text.find("/etc/netns/names.a is not netyard's and is left alone"),
            std::string::npos)
      << up.text;
  EXPECT_EQ(netyard("exec a -- cat /etc/hosts").text, "192.0.2.9 mine\n");
  EXPECT_EQ(netyard("exec b -- getent hosts a").text, "10.0.0.1        a a-eth0\n");
  EXPECT_EQ(netyard("down").status, 0);
  EXPECT_EQ(run("ls /etc/netns").text, "names.a\n");
  run("rm -r /etc/netns");
}

TEST_F(NamesTest, AnEtcThatCannotBeWrittenIsNoObstacle) {
  ASSERT_EQ(run("mkdir -p /etc/netns && mount -t tmpfs -o ro none /etc/netns").status, 0);
  const LabFile file("name: names\nnodes: {a: }\n");
  const Output up = netyard("up " + file.path());
  EXPECT_NE(up.text.find("Read-only file system; nodes see the host's /etc/hosts"),
            std::string::npos)
      << up.text;
  EXPECT_EQ(netyard("exec a -- hostname").text, "a\n");
  EXPECT_EQ(netyard("down").status, 0);
  run("umount /etc/netns && rmdir /etc/netns");
}

}  // namespace
}  // namespace netyard::test
