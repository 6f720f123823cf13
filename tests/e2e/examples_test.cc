// SPDX-License-Identifier: Apache-2.0
// Every example: up, does what it promises, down, no trace.
#include <fmt/format.h>

#include "e2e/program.h"

namespace netyard::test {
namespace {

using ExamplesTest = CleanNetnsTest;

/// An example that is up for as long as it lives.
class Running {
 public:
  explicit Running(const std::string& name, const std::string& options = "") {
    const Output up = netyard("up " + options + " " + example(name));
    EXPECT_EQ(up.status, 0) << up.text;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    const Output down = netyard("down");
    EXPECT_EQ(down.status, 0) << down.text;
  }
};

void expect_ping(const std::string& node, const std::string& address) {
  const Output ping = netyard(fmt::format("exec {} -- ping -n -c 1 -W 5 {}", node, address));
  EXPECT_EQ(ping.status, 0) << node << " to " << address << "\n" << ping.text;
}

TEST_F(ExamplesTest, TwoSites) {
  const Running lab("two-sites");
  expect_ping("h1", "10.0.2.2");
  expect_ping("h2", "10.0.3.3");
  expect_ping("h4", "10.0.1.1");
  EXPECT_EQ(ip_json("two-sites.h2", "link show eth0")[0]["mtu"], 1400);
  EXPECT_EQ(run("ip netns exec two-sites.h1 ping -n -c 1 -W 5 10.0.2.2").status, 0);
}

TEST_F(ExamplesTest, Lan) {
  const Running lab("lan");
  expect_ping("h1", "192.168.1.4");
  expect_ping("h4", "192.168.1.1");
  const auto port = ip_json("lan.s1", "addr show p0")[0];
  EXPECT_EQ(port["master"], "br0");
  EXPECT_TRUE(port["addr_info"].empty()) << "a port has no link-local address";
}

TEST_F(ExamplesTest, RouterChain) {
  const Running lab("router-chain");
  expect_ping("h1", "10.0.3.2");
  expect_ping("h2", "10.0.0.1");
}

TEST_F(ExamplesTest, Nat) {
  const Running lab("nat");
  expect_ping("alice", "server");
  expect_ping("bob", "192.0.2.3");
  EXPECT_EQ(netyard("exec server -- ping -n -c 1 -W 1 10.1.0.1").status, 2) << "it has no route";
  EXPECT_EQ(netyard("exec bob-gw -- nft list tables").text,
            "table inet filter\ntable inet netyard\n");
}

TEST_F(ExamplesTest, Impaired) {
  const Running lab("impaired");
  expect_ping("pc", "server");
  EXPECT_NE(netyard("exec home -- tc qdisc show dev wan").text.find("tbf"), std::string::npos);
  EXPECT_NE(netyard("exec server -- tc class show dev eth0").text.find("rate 40Mbit ceil 50Mbit"),
            std::string::npos);
  EXPECT_EQ(netyard("status").text.find("now"), std::string::npos) << "nothing differs";
}

TEST_F(ExamplesTest, Wan) {
  const Output up = netyard("up " + example("wan"));
  if (up.text.find("this kernel has no netem") != std::string::npos) {
    GTEST_SKIP() << "this kernel has no netem";
  }
  EXPECT_EQ(up.status, 0) << up.text;
  // 20 ms each way in the first office, 300 ms each way to the satellite.
  const std::string ping = netyard("exec a -- ping -n -c 2 -W 9 b").text;
  const std::size_t at = ping.find("time=");
  ASSERT_NE(at, std::string::npos) << ping;
  EXPECT_GT(std::stod(ping.substr(at + 5)), 540) << ping;
  EXPECT_EQ(netyard("down").status, 0);
}

TEST_F(ExamplesTest, DualStack) {
  const Running lab("dual-stack");
  for (const char* address : {"10.0.2.2", "2001:db8:2::2", "10.255.0.1", "2001:db8:ff::1"}) {
    expect_ping("h1", address);
  }
  EXPECT_EQ(ip_json("dual-stack.h2", "-6 route show default")[0]["metric"], 100);
}

TEST_F(ExamplesTest, Tutorial) {
  const Running lab("tutorial");
  EXPECT_EQ(run("ping -n -c 1 -W 5 10.16.8.2").status, 0);
  expect_ping("ns1", "10.16.8.1");
}

TEST_F(ExamplesTest, Overlay) {
  const Running lab("overlay");
  expect_ping("h1", "10.9.0.2");
  const auto vxlan = ip_json("overlay.h1", "link show vx0")[0]["linkinfo"]["info_data"];
  EXPECT_EQ(vxlan["id"], 100);
  EXPECT_EQ(vxlan["port"], 4789);
  EXPECT_EQ(ip_json("overlay.h1", "link show mv0")[0]["linkinfo"]["info_data"]["mode"], "bridge");
}

TEST_F(ExamplesTest, Branches) {
  const Running lab("branches", "--set MTU=9000 --name other");
  expect_ping("other/till", "10.1.0.1");
  EXPECT_EQ(ip_json("other.till", "link show eth0")[0]["mtu"], 9000);
  EXPECT_EQ(netyard("exec till cat /proc/sys/net/ipv4/tcp_ecn").text, "1\n");
  EXPECT_EQ(netyard("exec branch cat /proc/sys/net/ipv4/conf/wan/rp_filter").text, "0\n");
}

std::vector<std::string> hosts_of_fat_tree() {
  std::vector<std::string> hosts;
  for (int host = 0; host < 16; ++host) {
    hosts.push_back(fmt::format("h{}-{}-{}", host / 4, host / 2 % 2, host % 2));
  }
  return hosts;
}

// Every host to every host over both families, in one shell a host.
TEST_F(ExamplesTest, FatTreeIsAFabric) {
  const Running lab("fat-tree");
  std::string addresses;
  for (const auto& host : hosts_of_fat_tree()) {
    const auto shown = ip_json("fat-tree." + host, "addr show eth0")[0]["addr_info"];
    for (const auto& address : shown) {
      if (address["scope"] == "global") addresses += " " + address["local"].get<std::string>();
    }
  }
  for (const auto& host : hosts_of_fat_tree()) {
    const Output out = netyard(fmt::format(
        "exec {} -- sh -c 'for a in{}; do ping -n -q -c 1 -W 5 $a >/dev/null || echo no $a; done'",
        host, addresses));
    EXPECT_EQ(out.status, 0);
    EXPECT_EQ(out.text, "") << "from " << host;
  }
  const auto routes = ip_json("fat-tree.edge0-0", "route show 10.0.0.188/30");
  EXPECT_EQ(routes[0]["nexthops"].size(), 2U) << "both ways up are used";
  EXPECT_EQ(run("ip netns list | wc -l").text, "36\n");
  const auto status = nlohmann::json::parse(netyard("status --json").text);
  EXPECT_TRUE(status["whole"]);
  EXPECT_EQ(status["nodes"].size(), 36U);
}

TEST_F(ExamplesTest, EveryInterfaceComesUpQuickly) {
  const Running lab("fat-tree");
  EXPECT_TRUE(eventually(
      [] {
        const auto nodes = nlohmann::json::parse(netyard("status --json").text)["nodes"];
        for (const auto& node : nodes) {
          for (const auto& interface : node["interfaces"]) {
            if (interface["state"] != "up") return false;
          }
        }
        return true;
      },
      3));
}

TEST_F(ExamplesTest, PlanPrintsWhatUpDoesAndChangesNothing) {
  const Output plan = netyard("plan " + example("two-sites"));
  EXPECT_EQ(plan.status, 10);
  EXPECT_NE(plan.text.find("+ create link p1 (veth) on br0 in s1, peer eth0 in h1\n"),
            std::string::npos);
  EXPECT_NE(plan.text.find("default via 10.0.1.2 dev eth0 in h1 (computed)"), std::string::npos);
  EXPECT_EQ(netyard("up --dry-run " + example("two-sites")).text, plan.text);
  const auto json = nlohmann::json::parse(netyard("plan --json " + example("two-sites")).text);
  EXPECT_EQ(json["lab"], "two-sites");
  EXPECT_GT(json["steps"].size(), 40U);
  EXPECT_EQ(netyard("ls").text, "");
}

TEST_F(ExamplesTest, StatusFitsATerminalAndSaysWhatIsMissing) {
  const Running lab("two-sites");
  const Output status = netyard("status");
  EXPECT_EQ(status.status, 0);
  EXPECT_NE(status.text.find("r1         router    eth0       up     s1:p2         10.0.1.2/24"),
            std::string::npos)
      << status.text;
  EXPECT_EQ(run("ip -n two-sites.h4 link del eth0").status, 0);
  EXPECT_EQ(run("ip netns del two-sites.h2").status, 0);
  const Output broken = netyard("status");
  EXPECT_EQ(broken.status, 1);
  EXPECT_NE(broken.text.find("missing"), std::string::npos);
  EXPECT_NE(broken.text.find("its namespace is gone"), std::string::npos);
}

TEST_F(ExamplesTest, UpAndDownAgainAndAgain) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(netyard("up " + example("tutorial")).status, 0) << round;
    ASSERT_EQ(netyard("down tutorial").status, 0) << round;
  }
  EXPECT_EQ(netyard("down tutorial").text, "tutorial: is not up\n");
}

TEST_F(ExamplesTest, ManyLabsSideBySide) {
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_EQ(netyard(fmt::format("up {} --name {}", example("lan"), name)).status, 0);
  }
  EXPECT_EQ(netyard("status").status, 1) << "which one?";
  EXPECT_EQ(netyard("-L b exec h1 -- ping -n -c 1 -W 5 192.168.1.2").status, 0);
  EXPECT_EQ(netyard("exec c/h1 true").status, 0);
  EXPECT_EQ(nlohmann::json::parse(netyard("ls --json").text)["labs"].size(), 3U);
  EXPECT_EQ(netyard("down --all").status, 0);
  EXPECT_EQ(netyard("ls").text, "");
}

TEST_F(ExamplesTest, ExecGivesTheCommandsStatus) {
  const Running lab("lan");
  EXPECT_EQ(netyard("exec h1 -- sh -c 'exit 7'").status, 7);
  EXPECT_EQ(netyard("exec h1 -- sh -c 'kill -9 $$'").status, 137);
  EXPECT_EQ(netyard("exec h1 no-such-program").status, 127);
  EXPECT_EQ(netyard("exec h1 /etc/passwd").status, 126);
  EXPECT_EQ(netyard("exec nobody true").status, 125);
  EXPECT_EQ(netyard("exec h1").status, 125);
  EXPECT_EQ(netyard("exec h1 -- printf '%s.' a -- -c").text, "a.--.-c.");
  // Tunnel modules put links of theirs into every namespace.
  const std::string links = netyard("exec h1 ls /sys/class/net").text;
  EXPECT_EQ(links, run("ip netns exec lan.h1 ls /sys/class/net").text);
  EXPECT_NE(links.find("eth0\n"), std::string::npos) << links;
  EXPECT_EQ(run("SHELL=/bin/sh " NETYARD_PROGRAM " shell h2 </dev/null").status, 0);
}

}  // namespace
}  // namespace netyard::test
