// SPDX-License-Identifier: Apache-2.0
// `export`: what it writes makes the same network. Two snapshots by ip(8), tc(8), nft(8) are
// compared.
#include <filesystem>

#include "e2e/export_compare.h"

namespace netyard::test {
namespace {

using nlohmann::json;

constexpr const char* kScript = R"(set -e
for n in h1 h2 sw r.1; do ip netns add $n; ip -n $n link set lo up; done
ip -n sw link add br0 type bridge stp_state 0 ageing_time 12300 mcast_snooping 0
ip -n sw link set br0 address 02:00:00:00:00:09 up mtu 1400
ip -n sw addr add 10.0.0.9/24 dev br0
ip link add eth0 netns h1 type veth peer name p1 netns sw
ip link add eth0 netns r.1 type veth peer name p2 netns sw
ip -n sw link set p1 master br0 up mtu 1400
ip -n sw link set p2 master br0 up mtu 1400
ip -n sw link set p1 type bridge_slave cost 77 hairpin on isolated on
ip -n h1 link set eth0 up mtu 1400 address 02:00:00:00:00:42 alias uplink
ip -n h1 link property add dev eth0 altname other-name
ip -n h1 addr add 10.0.0.1/24 dev eth0
ip -n h1 addr add 10.0.0.5/24 brd + label eth0:x dev eth0
ip -n h1 addr add 2001:db8::1/64 dev eth0 nodad
ip -n r.1 link set eth0 up mtu 1400
ip -n r.1 addr add 10.0.0.254/24 brd + dev eth0
ip -n r.1 addr add 2001:db8::fe/64 dev eth0 nodad
ip link add eth1 netns r.1 type veth peer name eth0 netns h2
ip -n r.1 link set eth1 up
ip -n h2 link set eth0 up
ip -n r.1 addr add 10.1.0.1 peer 10.1.0.2/32 dev eth1
ip -n h2 addr add 10.1.0.2/24 dev eth0
ip netns exec r.1 sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.eth1.rp_filter=2 net.ipv4.neigh.eth1.gc_stale_time=7 net.ipv6.conf.all.forwarding=1
ip -n h1 route add default via 10.0.0.254 metric 7 mtu 1300
ip -n h1 route add 10.1.0.0/24 via 10.0.0.254 table 100 src 10.0.0.5
ip -n h1 -6 route add default via 2001:db8::fe
ip -n h1 route add blackhole 10.99.0.0/16
ip -n h1 route add 10.50.0.0/16 nexthop via 10.0.0.254 weight 3 nexthop via 10.0.0.9
ip -n h1 rule add from 10.0.0.5 lookup 100 pref 500
ip -n h1 rule add fwmark 0x1/0xf prohibit pref 600
ip -n h1 neigh add 10.0.0.77 lladdr 02:00:00:00:00:77 dev eth0
ip -n h1 neigh add proxy 10.0.0.78 dev eth0
ip -n h2 link add a0 netns h2 type veth peer name a1
ip -n h2 link set a1 down
tc -n h2 qdisc add dev eth0 root handle 1: tbf rate 10mbit burst 16kb latency 50ms
printf 'table inet f {\n chain c {\n type filter hook input priority 0; policy accept;\n tcp dport { 22, 80 } counter accept\n }\n}\n' | ip netns exec r.1 nft -f -
)";

TEST_F(ExportTest, ANetworkThatAShellScriptBuilt) {
  const Output built = run(kScript);
  ASSERT_EQ(built.status, 0) << built.text;
  expect_same({{"h1", "h1"}, {"h2", "h2"}, {"sw", "sw"}, {"r-1", "r.1"}}, "--all",
              "for n in h1 h2 sw r.1; do ip netns del $n; done");
  EXPECT_EQ(run("cat /run/notes").text, "");
  // And once more, of the lab: the same file.
  EXPECT_EQ(run(NETYARD_PROGRAM " export again >/run/again.yaml; diff /run/export.yaml "
                                "/run/again.yaml")
                .text,
            "");
}

constexpr const char* kShapedScript = R"(set -e
for n in a b; do ip netns add $n; ip -n $n link set lo up; done
ip link add eth0 netns a type veth peer name eth0 netns b
ip link add eth1 netns a type veth peer name eth1 netns b
ip -n a link set eth0 up; ip -n b link set eth0 up gso_max_segs 100 gso_max_size 9000
ip -n a link set eth1 up; ip -n b link set eth1 up
tc -n a qdisc add dev eth0 root handle 1: htb default 20 r2q 10
tc -n a class add dev eth0 parent 1: classid 1:1 htb rate 100mbit burst 15k
tc -n a class add dev eth0 parent 1:1 classid 1:30 htb rate 1mbit ceil 3mbit prio 3 quantum 2000 mpu 64 overhead 14
tc -n a class add dev eth0 parent 1:1 classid 1:20 htb rate 10mbit ceil 100mbit burst 20k cburst 30k
tc -n a class add dev eth0 parent 1: classid 1:ff htb rate 64kbit
tc -n a qdisc add dev eth0 parent 1:30 handle 30: pfifo limit 7
tc -n a qdisc add dev eth0 parent 1:20 handle 20: tbf rate 5mbit burst 10k limit 20k overhead 8
tc -n a filter add dev eth0 parent 1: protocol ip prio 5 u32 match ip dst 10.1.0.0/16 match ip protocol 6 0xff match ip sport 80 0xffff match ip dport 443 0xffff flowid 1:30
tc -n a filter add dev eth0 parent 1: protocol ipv6 prio 6 u32 match ip6 src 2001:db8::/33 match ip6 dst 2001:db8::7/128 flowid 1:30
tc -n a filter add dev eth0 parent 1: protocol ip prio 7 u32 match ip dsfield 0xb8 0xfc flowid 1:ff
tc -n a filter add dev eth0 parent 1: protocol ip prio 9 u32 match u32 0 0 flowid 1:20
tc -n a filter add dev eth0 parent 1: protocol ipv6 prio 10 u32 match u32 0 0 flowid 1:20
tc -n b qdisc add dev eth0 root handle 1: bfifo limit 5000
tc -n a qdisc add dev eth1 root handle 1: tbf rate 1gbit burst 200kb limit 1mb peakrate 2gbit mtu 9000
)";

TEST_F(ExportTest, ClassesAndFilters) {
  const Output built = run(kShapedScript);
  ASSERT_EQ(built.status, 0) << built.text;
  expect_same({{"a", "a"}, {"b", "b"}}, "--all", "ip netns del a; ip netns del b");
  EXPECT_EQ(run("cat /run/notes").text, "");
}

TEST_F(ExportTest, FiltersThatAFileHasNoWordForAreSaid) {
  const Output built = run(
      "ip netns add a; ip netns add b; ip link add eth0 netns a type veth peer name eth0 netns b; "
      "ip -n a link set eth0 up; tc -n a qdisc add dev eth0 root handle 7: htb; "
      "for c in 1 2; do tc -n a class add dev eth0 parent 7: classid 7:$c htb rate 1mbit; done; "
      "tc -n a filter add dev eth0 parent 7: protocol ip prio 1 u32 match u8 3 0xff at 8 "
      "flowid 7:1; "
      "tc -n a filter add dev eth0 parent 7: protocol ip prio 2 u32 match ip dport 1 0xffff "
      "flowid 7:1; "
      "tc -n a filter add dev eth0 parent 7: protocol ip prio 3 u32 match ip dport 2 0xffff "
      "flowid 7:2; "
      "tc -n a filter add dev eth0 parent 7: protocol ip prio 4 u32 match ip dport 3 0xffff "
      "flowid 7:1; "
      "tc -n a filter add dev eth0 parent 7:1 protocol ip prio 5 u32 match ip dport 3 0xffff "
      "flowid 7:2");
  ASSERT_EQ(built.status, 0) << built.text;
  const Output out = netyard("export a b");
  EXPECT_EQ(out.status, 0);
  for (const char* told :
       {"a:eth0: the classes of 7: are those of 1: in the file",
        "a:eth0: the filter u32 of preference 1 is left out: a file has no word for what it looks "
        "at",
        "the filter for class 7:1 (IPv4 dport 3) is tried earlier in the file",
        "the filter u32 of preference 5 is left out: it stands at class 7:1"}) {
    EXPECT_NE(out.text.find(told), std::string::npos) << told << "\n" << out.text;
  }
}

// Each as the kernel makes it by itself, and with words.
constexpr const char* kQdiscs[] = {
    "netem delay 20ms 3ms 10% loss gemodel 1% 25% duplicate 2% reorder 5% gap 3 limit 77",
    "netem rate 5mbit delay 7ms",
    "netem slot 10ms 30ms packets 7",
    "fq_codel",
    "fq_codel limit 99 target 3ms interval 70ms flows 64 noecn ce_threshold 9ms",
    "codel",
    "codel target 20ms interval 300ms ecn",
    "cake",
    "cake bandwidth 20mbit diffserv4 dual-srchost nat rtt 50ms overhead 18 atm",
    "fq",
    "fq flow_limit 9 maxrate 5mbit nopacing",
    "sfq",
    "sfq perturb 10 limit 99 flows 64 depth 20",
    "prio bands 4 priomap 3 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1",
    "red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 ecn bandwidth 10mbit",
    "pie",
    "pie limit 50 target 21ms tupdate 30ms ecn",
    "pfifo limit 3",
    "tbf rate 1gbit burst 200kb limit 1mb peakrate 2gbit mtu 9000"};

TEST_F(ExportTest, EachKindOfQdisc) {
  ASSERT_EQ(run("ip netns add a; ip netns add b").status, 0);
  int number = 0;
  for (const char* words : kQdiscs) {
    const std::string link = "e" + std::to_string(number++);
    ASSERT_EQ(run("ip link add " + link + " netns a type veth peer name " + link +
                  " netns b && "
                  "ip -n a link set " +
                  link + " up && ip -n b link set " + link + " up")
                  .status,
              0);
    const Output made = run("tc -n a qdisc add dev " + link + " root handle 1: " + words);
    if (made.status != 0) std::fputs(("not here: " + std::string(words) + "\n").c_str(), stderr);
    EXPECT_TRUE(made.status == 0 || made.text.find("unknown") != std::string::npos) << made.text;
  }
  expect_same({{"a", "a"}, {"b", "b"}}, "--all", "ip netns del a; ip netns del b");
}

TEST_F(ExportTest, WhatItCannotSayIsSaid) {
  ASSERT_EQ(run("ip netns add a; ip netns add b; ip netns add far; "
                "ip link add eth0 netns a type veth peer name x0 netns far; "
                "ip link add eth1 netns a type veth peer name y0; "
                "ip -n a link add br0 type bridge; ip -n a link add v0 type veth peer name v1; "
                "ip -n a link set v0 master br0; ip -n a addr add 10.0.0.1/24 dev v0; "
                "ip -n a link set eth0 up; ip -n a addr add 10.2.0.1/24 dev eth0; "
                "ip -n far link set x0 up; ip -n a route add default via 10.2.0.9")
                .status,
            0);
  const Output out = netyard("export a b");
  EXPECT_EQ(out.status, 0);
  for (const char* told : {"the other end of a:eth0 is outside: in the file it is outside:eth0",
                           "the other end of a:eth1 is outside",
                           "a:v0 is a port of a bridge: its address 10.0.0.1/24 is left out",
                           "a topology file cannot say it so: "}) {
    // In the file and on standard error.
    const std::size_t first = out.text.find(told);
    ASSERT_NE(first, std::string::npos) << told << "\n" << out.text;
    EXPECT_NE(out.text.find(told, first + 1), std::string::npos) << told << "\n" << out.text;
  }
  EXPECT_EQ(netyard("export").status, 2);
  EXPECT_EQ(netyard("export a --all").status, 2);
  EXPECT_EQ(netyard("export missing").status, 1);
  run("ip link del y0");
}

TEST_F(ExportTest, EachExampleComesBack) {
  constexpr std::size_t kEnough = 10;  // nodes to compare: large labs repeat themselves
  std::size_t exported = 0;
  for (const auto& entry : std::filesystem::directory_iterator(NETYARD_EXAMPLES)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string path = entry.path().string();
    const Output up = netyard("up --name original " + path);
    if (up.status != 0) {
      std::fputs(("not here: " + up.text).c_str(), stderr);
      EXPECT_NE(up.text.find("kernel"), std::string::npos) << up.text;
      continue;
    }
    SCOPED_TRACE(path);
    std::map<std::string, std::string> nodes;
    const auto status = json::parse(netyard("status original --json").text);
    for (const auto& node : status["nodes"]) {
      std::string name = node["name"];
      if (name[0] == '_') name[0] = 'n';
      nodes[name] = node["netns"];
      if (nodes.size() == kEnough) break;
    }
    expect_same(nodes, "original", NETYARD_PROGRAM " down original");
    EXPECT_EQ(netyard("down again").status, 0);
    ++exported;
  }
  EXPECT_GE(exported, 8U);
}

}  // namespace
}  // namespace netyard::test
