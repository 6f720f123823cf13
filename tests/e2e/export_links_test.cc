// SPDX-License-Identifier: Apache-2.0
// `export` of what links keep in tables, of keys, and of every kind of link.
#include <algorithm>

#include "e2e/export_compare.h"

namespace netyard::test {
namespace {

using ExportLinksTest = ExportTest;

bool can(const std::string& command) {
  run("ip netns add probe");
  const bool out = run("ip netns exec probe sh -c '" + command + "'").status == 0;
  run("ip netns del probe");
  return out;
}

#define NEEDS(command) \
  if (!can(command)) GTEST_SKIP() << "not on this kernel: " << (command)

TEST_F(ExportLinksTest, VlansOfPortsAndOfTheBridge) {
  NEEDS("ip link add br0 type bridge vlan_filtering 1");
  const Output built = run(R"(set -e
for n in s h; do ip netns add $n; ip -n $n link set lo up; done
ip -n s link add br0 address 02:00:00:00:00:99 type bridge vlan_filtering 1 vlan_default_pvid 7
ip -n s link set br0 up
for i in 1 2 3 4; do
  ip link add p$i netns s type veth peer name e$i netns h
  ip -n s link set p$i master br0 up; ip -n h link set e$i up
done
bridge -n s vlan del dev p1 vid 7
bridge -n s vlan add dev p1 vid 10 pvid untagged
bridge -n s vlan add dev p2 vid 20-30
bridge -n s vlan add dev p2 vid 40-41 untagged
bridge -n s vlan add dev p2 vid 42
bridge -n s vlan del dev p3 vid 7
bridge -n s vlan add dev br0 vid 10 self
bridge -n s fdb add 02:00:00:00:00:07 dev p2 master static vlan 20
bridge -n s fdb add 02:00:00:00:00:08 dev p1 master permanent vlan 10
ip -n s link add br1 type bridge vlan_filtering 1 vlan_default_pvid 0
ip -n s link add v0 type veth peer name v1
ip -n s link set v0 master br1
bridge -n s vlan add dev v0 vid 3 untagged
)");
  ASSERT_EQ(built.status, 0) << built.text;
  expect_same({{"s", "s"}, {"h", "h"}}, "--all", "ip netns del s; ip netns del h");
  EXPECT_EQ(run("cat /run/notes").text, "");
  EXPECT_NE(
      run("cat /run/export.yaml").text.find("[7 pvid untagged, \"20-30\", 40-41 untagged, 42]"),
      std::string::npos);
}

TEST_F(ExportLinksTest, ForwardingEntriesAndGroups) {
  const Output built = run(R"(set -e
for n in s h; do ip netns add $n; ip -n $n link set lo up; done
ip -n s link add br0 address 02:00:00:00:00:99 type bridge mcast_snooping 1
ip -n s link set br0 up
for i in 1 2; do
  ip link add p$i netns s type veth peer name e$i netns h
  ip -n s link set p$i master br0 up; ip -n h link set e$i up
done
bridge -n s fdb add 02:00:00:00:00:07 dev p1 master static
bridge -n s fdb add 02:00:00:00:00:08 dev p2 master permanent
bridge -n s fdb add 02:00:00:00:00:09 dev p2 master dynamic
bridge -n h fdb add 02:00:00:00:00:0a dev e1 self permanent
bridge -n s mdb add dev br0 port p1 grp 239.1.1.1 permanent
bridge -n s mdb add dev br0 port p2 grp ff15::7 permanent
)");
  ASSERT_EQ(built.status, 0) << built.text;
  expect_same({{"s", "s"}, {"h", "h"}}, "--all", "ip netns del s; ip netns del h");
  EXPECT_EQ(run("cat /run/notes").text, "");
  EXPECT_EQ(run("grep -c 00:00:00:00:09 /run/export.yaml").text, "0\n");
}

TEST_F(ExportLinksTest, RemotesOfAVxlan) {
  NEEDS("ip link add v type vxlan id 7 dstport 4789 remote 10.0.0.2");
  const Output built = run(R"(set -e
for n in a b; do ip netns add $n; ip -n $n link set lo up; done
ip link add eth0 netns a type veth peer name eth0 netns b
for n in a b; do ip -n $n link set eth0 up; done
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a link add vx0 type vxlan id 7 dstport 4789 remote 10.0.0.2 dev eth0 nolearning
ip -n a link add vx1 type vxlan id 8 dstport 4789
ip -n a link set vx0 up; ip -n a link set vx1 up
bridge -n a fdb append 00:00:00:00:00:00 dev vx1 dst 10.0.0.2
bridge -n a fdb append 00:00:00:00:00:00 dev vx1 dst 10.0.0.3 port 4790 vni 9 via eth0
bridge -n a fdb add 02:00:00:00:00:07 dev vx0 dst 10.0.0.4 self permanent
)");
  ASSERT_EQ(built.status, 0) << built.text;
  expect_same({{"a", "a"}, {"b", "b"}}, "--all", "ip netns del a; ip netns del b");
  EXPECT_EQ(run("cat /run/notes").text, "");
}

constexpr const char* kWireGuard = R"(set -e
for n in a b c; do ip netns add $n; ip -n $n link set lo up; done
ip link add eth0 netns a type veth peer name eth0 netns b
for n in a b; do ip -n $n link set eth0 up; done
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
umask 077
for n in a b c; do
  wg genkey >/run/key.$n
  ip -n $n link add wg0 type wireguard
  ip netns exec $n wg set wg0 private-key /run/key.$n listen-port 4500
done
wg genpsk >/run/key.shared
ip netns exec a wg set wg0 fwmark 7 peer $(wg pubkey </run/key.b) preshared-key /run/key.shared \
  endpoint 10.0.0.2:4500 persistent-keepalive 25 allowed-ips 10.8.0.2/32,10.9.0.0/16,2001:db8::/64
ip netns exec a wg set wg0 peer $(wg pubkey </run/key.c) allowed-ips 10.8.0.3/32
ip netns exec b wg set wg0 peer $(wg pubkey </run/key.a) preshared-key /run/key.shared \
  endpoint 10.0.0.1:4500 allowed-ips 10.8.0.1/32
for n in a b; do ip -n $n link set wg0 up; done
ip -n a addr add 10.8.0.1/24 dev wg0
ip -n b addr add 10.8.0.2/24 dev wg0
)";
constexpr const char* kDump =
    "for n in a b; do ip netns exec $P$n wg show wg0 dump | cut -f 1-4,8 | sort; done";

TEST_F(ExportLinksTest, WireGuardWithItsKeysWhenTheyAreAskedFor) {
  NEEDS("ip link add wg0 type wireguard");
  const Output built = run(kWireGuard);
  ASSERT_EQ(built.status, 0) << built.text;
  const std::string before = run(std::string("P= ; ") + kDump).text;
  // c is left outside.
  expect_same({{"a", "a"}, {"b", "b"}}, "a b --secrets",
              "for n in a b c; do ip netns del $n; done");
  EXPECT_EQ(run("cat /run/notes").text, "");
  EXPECT_EQ(run(std::string("P=again. ; ") + kDump).text, before);
  EXPECT_NE(run("cat /run/export.yaml").text.find("peer: b:wg0"), std::string::npos);
  run("rm -f /run/key.*");
}

TEST_F(ExportLinksTest, KeysOfWireGuardStayWhereTheyAre) {
  NEEDS("ip link add wg0 type wireguard");
  const Output built = run(kWireGuard);
  ASSERT_EQ(built.status, 0) << built.text;
  const Output out = netyard("export a b");
  EXPECT_EQ(out.status, 0);
  for (const char* file : {"/run/key.a", "/run/key.b", "/run/key.shared"}) {
    EXPECT_EQ(out.text.find(run(std::string("tr -d '\\n' <") + file).text), std::string::npos);
  }
  for (const char* told : {"b:wg0: its private key is left out (--secrets writes it), and 'up' "
                           "makes a new one\n",
                           "a:wg0: its private key is left out (--secrets writes it), and 'up' "
                           "makes a new one, which its peers outside do not know",
                           "b:wg0: the preshared key of a peer is left out"}) {
    EXPECT_NE(out.text.find(told), std::string::npos) << told << "\n" << out.text;
  }
  // Both ends are there: they come back as each other's peers.
  run("rm -f /run/key.*");
  expect_same({{"a", "a"}, {"b", "b"}, {"c", "c"}}, "--all",
              "for n in a b c; do ip netns del $n; done");
}

TEST_F(ExportLinksTest, MacsecBetweenTwo) {
  NEEDS("ip link add x type veth; ip link add m0 link veth0 type macsec");
  const LabFile file(R"(name: m
nodes: {a: {}, b: {}}
links:
  - {endpoints: [a:eth0, b:eth0]}
  - {type: macsec, endpoint: a:ms0, parent: eth0, encrypt: true, ipv4: 10.8.0.1/24, peers: ["b:ms0"]}
  - {type: macsec, endpoint: b:ms0, parent: eth0, encrypt: true, ipv4: 10.8.0.2/24, peers: ["a:ms0"], port: 7}
)");
  ASSERT_EQ(netyard("up " + file.path()).status, 0);
  expect_same({{"a", "m.a"}, {"b", "m.b"}}, "m", NETYARD_PROGRAM " down m");
  EXPECT_EQ(run("ip netns exec again.a ping -c 1 -W 5 10.8.0.2").status, 0);
  EXPECT_NE(run("cat /run/notes").text.find("the kernel does not show its keys"),
            std::string::npos);
}

// Each that this kernel has, with settings of its own.
constexpr const char* kLinks[] = {
    "ip link add link eth0 name v7 type vlan id 7 gvrp on reorder_hdr off egress-qos-map 2:3",
    "ip link add link eth0 name mv0 type macvlan mode bridge",
    "ip link add link eth0 name mv1 type macvtap mode vepa",
    "ip link add link eth1 name iv0 type ipvlan mode l3s",
    "ip link add bond0 type bond mode active-backup miimon 70 && ip link set d0 down && "
    "ip link set d0 master bond0 && ip link set bond0 type bond primary d0 && ip link set bond0 up",
    "ip link add bond1 type bond mode 802.3ad lacp_rate fast min_links 1 && ip link set d1 down && "
    "ip link set d1 master bond1",
    "ip link add red type vrf table 100 && ip link set red up && ip link set d2 master red && "
    "ip route add 10.77.0.0/16 via 10.66.0.2 vrf red",
    "ip link add gre1 type gre local 10.0.0.1 remote 10.0.0.2 key 7 csum ttl 64",
    "ip link add gt1 type gretap local 10.0.0.1 remote 10.0.0.2 ikey 7 okey 8 tos 16",
    "ip link add g6 type ip6gre local 2001:db8::1 remote 2001:db8::2 hoplimit 33",
    "ip link add ipip1 type ipip local 10.0.0.1 remote 10.0.0.3 ttl 9",
    "ip link add sit1 type sit local 10.0.0.1 remote 10.0.0.4",
    "ip link add t6 type ip6tnl local 2001:db8::1 remote 2001:db8::3 mode ipip6",
    "ip link add vti1 type vti local 10.0.0.1 remote 10.0.0.5 key 9",
    "ip link add gnv0 type geneve id 7 remote 10.0.0.2 dstport 6082",
    "ip link add xf0 type xfrm if_id 42 dev eth0",
    "ip link add ifb7 type ifb && ip link set ifb7 up",
    "ip link add vc0 type vcan",
    "ip link add nlm0 type nlmon"};

TEST_F(ExportLinksTest, EachKindOfLink) {
  const Output built = run(R"(
for n in a b; do ip netns add $n; ip -n $n link set lo up; done
for i in 0 1; do
  ip link add eth$i netns a type veth peer name eth$i netns b
  ip -n a link set eth$i up; ip -n b link set eth$i up
done
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a addr add 2001:db8::1/64 dev eth0 nodad; ip -n b addr add 2001:db8::2/64 dev eth0 nodad
for i in 0 1 2; do ip -n a link add d$i type dummy; ip -n a link set d$i up; done
ip -n a addr add 10.66.0.1/24 dev d2
true)");
  ASSERT_EQ(built.status, 0) << built.text;
  for (const std::string words : kLinks) {
    if (run("ip netns exec a sh -c '" + words + "'").status != 0) {
      std::fputs(("not here: " + words + "\n").c_str(), stderr);
    }
  }
  expect_same({{"a", "a"}, {"b", "b"}}, "--all", "ip netns del a; ip netns del b");
  std::fputs(run("cat /run/notes").text.c_str(), stderr);
}

TEST_F(ExportLinksTest, TokensOffloadsAndHowAddressesAreMade) {
  const Output built = run(R"(set -e
for n in a b; do ip netns add $n; ip -n $n link set lo up; done
for i in 0 1 2; do ip link add eth$i netns a type veth peer name eth$i netns b; done
ip netns exec a sysctl -qw net.ipv6.conf.eth0.accept_ra=2
ip -n a token set ::5 dev eth0
ip -n a link set eth1 addrgenmode none
ip netns exec b sysctl -qw net.ipv6.conf.default.addr_gen_mode=1
ip -n b link set eth0 addrgenmode none
ip -n b link set eth2 addrgenmode none
ip netns exec a ethtool -K eth1 tx off gro on
ip netns exec b ethtool -K eth2 tx-tcp6-segmentation off tx-vlan-stag-hw-insert off
ip -n b link set eth2 gso_max_size 20000
for i in 0 1 2; do ip -n a link set eth$i up; ip -n b link set eth$i up; done
)");
  ASSERT_EQ(built.status, 0) << built.text;
  expect_same({{"a", "a"}, {"b", "b"}}, "--all", "ip netns del a; ip netns del b");
  EXPECT_EQ(run("cat /run/notes").text, "");
}

TEST_F(ExportLinksTest, LayerThreeInFull) {
  const Output built = run(R"(set -e
for n in a b; do ip netns add $n; ip -n $n link set lo up; done
ip link add eth0 netns a type veth peer name eth0 netns b
ip -n a link set eth0 up; ip -n b link set eth0 up
ip -n a addr add 10.0.0.1/24 brd + dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a addr add 10.3.0.1/24 dev eth0 noprefixroute scope link metric 7
ip -n a addr add 2001:db8::1/64 dev eth0 nodad; ip -n b addr add 2001:db8::2/64 dev eth0 nodad
ip -n b addr add 2001:db8::3/64 dev eth0 nodad
ip -n a addr add 10.255.0.1/32 dev lo
ip -n a nexthop add id 1 via 10.0.0.2 dev eth0
ip -n a nexthop add id 2 blackhole
ip -n a nexthop add id 3 via 2001:db8::2 dev eth0
ip -n a route add 10.9.0.0/16 nhid 1
ip -n a route add 10.8.0.0/16 nhid 2
ip -n a -6 route add 2001:db8:9::/48 nhid 3
ip -n a route add 10.10.0.0/16 via 10.0.0.2 src 10.255.0.1 mtu lock 1400 advmss 1300 table 77 metric 5
ip -n a route add 10.11.0.0/16 via 10.0.0.2 tos 0x10 initcwnd 20 congctl reno
ip -n a route add 10.12.0.0/16 via inet6 2001:db8::2 dev eth0
ip -n a route add 10.13.0.0/16 via 10.99.0.1 dev eth0 onlink
ip -n a route add local 10.14.0.0/16 dev lo
ip -n a route add throw 10.15.0.0/16 table 77
ip -n a route add unreachable 10.16.0.0/16
ip -n a -6 route add prohibit 2001:db8:a::/48
ip -n a -6 route add 2001:db8:b::/48 via 2001:db8::2 pref high metric 9
ip -n a -6 route add 2001:db8:c::/48 nexthop via 2001:db8::2 weight 2 nexthop via 2001:db8::3
ip -n a rule add iif eth0 oif lo ipproto udp sport 5 dport 10-20 uidrange 3-9 lookup 77 pref 40
ip -n a rule add not from 10.0.0.0/8 tos 0x10 goto 50 pref 41
ip -n a rule add to 10.9.0.0/16 unreachable pref 50
ip -n a -6 rule add from 2001:db8::/32 lookup 77 suppress_prefixlength 0 pref 60
ip -n a neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0
ip -n a neigh add 2001:db8::9 lladdr 02:00:00:00:00:09 router dev eth0
ip -n a neigh add proxy 2001:db8::78 dev eth0
)");
  ASSERT_EQ(built.status, 0) << built.text;
  expect_same({{"a", "a"}, {"b", "b"}}, "--all", "ip netns del a; ip netns del b");
  EXPECT_EQ(run("cat /run/notes").text, "");
}

// What stands in no file, and is said.
TEST_F(ExportLinksTest, RulesThatAreMissingAndOtherThingsAreSaid) {
  ASSERT_EQ(run("ip netns add a; ip netns exec a ip rule del pref 32767").status, 0);
  const bool ipsec = run("ip -n a xfrm policy add src 10.0.0.0/24 dst 10.1.0.0/24 dir out tmpl src "
                         "10.0.0.1 dst 10.1.0.1 proto esp mode tunnel")
                         .status == 0;
  const Output out = netyard("export a");
  EXPECT_NE(out.text.find("a: the rule 32767 of ipv4 is missing"), std::string::npos) << out.text;
  EXPECT_EQ(out.text.find("a: policies and states of IPsec are left out") != std::string::npos,
            ipsec)
      << out.text;
}

}  // namespace
}  // namespace netyard::test
