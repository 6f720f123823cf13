// SPDX-License-Identifier: Apache-2.0
// `export` of networks as other tools build them.
#include "e2e/export_compare.h"

namespace netyard::test {
namespace {

using ExportToolsTest = ExportTest;

// Mininet: hosts in namespaces, a switch, TCLink with its htb, offloads off, ARP set by hand.
constexpr const char* kMininet = R"(set -e
for n in h1 h2 h3 s1; do ip netns add $n; ip -n $n link set lo up; done
ip netns exec s1 sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip -n s1 link add s1 address 02:00:00:00:00:51 type bridge stp_state 0
ip -n s1 link set s1 up
for i in 1 2 3; do
  ip link add h$i-eth0 netns h$i type veth peer name s1-eth$i netns s1
  ip -n s1 link set s1-eth$i up master s1
  ip -n h$i link set h$i-eth0 address 00:00:00:00:00:0$i up
  ip -n h$i addr add 10.0.0.$i/8 dev h$i-eth0
  ip netns exec h$i ethtool -K h$i-eth0 gro off gso off tso off
  for d in "h$i h$i-eth0" "s1 s1-eth$i"; do
    set -- $d
    tc -n $1 qdisc add dev $2 root handle 5:0 htb default 1
    tc -n $1 class add dev $2 parent 5:0 classid 5:1 htb rate ${i}0mbit burst 15k
    tc -n $1 qdisc add dev $2 parent 5:1 handle 10: pfifo limit 1000
  done
  for j in 1 2 3; do
    [ $i = $j ] || ip -n h$i neigh add 10.0.0.$j lladdr 00:00:00:00:00:0$j dev h$i-eth0
  done
done
)";

TEST_F(ExportToolsTest, AsMininetDoes) {
  const Output built = run(kMininet);
  ASSERT_EQ(built.status, 0) << built.text;
  // The classes are 5:1, which become 1:1: that is said, and stands in what tc shows.
  expect_same({{"h1", "h1"}, {"h2", "h2"}, {"h3", "h3"}, {"s1", "s1"}}, "--all",
              "for n in h1 h2 h3 s1; do ip netns del $n; done", [](std::string shown) {
                for (std::size_t at = 0; (at = shown.find("\"5:", at)) != std::string::npos;) {
                  shown.replace(at, 3, "\"1:");
                }
                return shown;
              });
  EXPECT_NE(run("cat /run/notes").text.find("the classes of 5: are those of 1: in the file"),
            std::string::npos);
  EXPECT_EQ(run("ip netns exec again.h1 ping -c 1 -W 5 10.0.0.3").status, 0);
}

// containerlab: routers by MTU 9500 with checksums made in software, a management bridge,
// loopbacks, and routes as a routing daemon leaves them.
constexpr const char* kContainerlab = R"(set -e
for n in clab-dc-leaf1 clab-dc-leaf2 clab-dc-spine mgmt; do ip netns add $n; ip -n $n link set lo up; done
ip -n mgmt link add br-clab address 02:00:00:00:00:c1 type bridge
ip -n mgmt link set br-clab up
ip -n mgmt addr add 172.20.20.1/24 dev br-clab
n=2
for r in leaf1 leaf2 spine; do
  ip link add eth0 netns clab-dc-$r type veth peer name vb-$r netns mgmt
  ip -n mgmt link set vb-$r master br-clab up
  ip -n clab-dc-$r link set eth0 up
  ip -n clab-dc-$r addr add 172.20.20.$n/24 brd + dev eth0
  ip -n clab-dc-$r addr add 3fff:172:20:20::$n/64 dev eth0 nodad
  ip -n clab-dc-$r route add default via 172.20.20.1
  ip netns exec clab-dc-$r ethtool -K eth0 tx off
  ip netns exec clab-dc-$r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.fib_multipath_hash_policy=1
  ip -n clab-dc-$r addr add 10.255.0.$n/32 dev lo
  n=$((n+1))
done
for i in 1 2; do
  ip link add eth1 netns clab-dc-leaf$i mtu 9500 type veth peer name eth$i netns clab-dc-spine
  ip -n clab-dc-spine link set eth$i mtu 9500 up alias "to leaf$i"
  ip -n clab-dc-leaf$i link set eth1 up
  ip -n clab-dc-leaf$i addr add 10.1.$i.1/31 dev eth1
  ip -n clab-dc-spine addr add 10.1.$i.0/31 dev eth$i
  ip -n clab-dc-leaf$i route add 10.255.0.4 via 10.1.$i.0 proto bgp metric 20 src 10.255.0.$((i+1))
  ip -n clab-dc-spine route add 10.255.0.$((i+1)) via 10.1.$i.1 proto bgp metric 20
done
ip -n clab-dc-leaf1 route add 10.255.0.3 proto bgp metric 20 nexthop via 10.1.1.0 weight 1 nexthop via 172.20.20.3 weight 2
)";

TEST_F(ExportToolsTest, AsContainerlabDoes) {
  const Output built = run(kContainerlab);
  ASSERT_EQ(built.status, 0) << built.text;
  expect_same({{"clab-dc-leaf1", "clab-dc-leaf1"},
               {"clab-dc-leaf2", "clab-dc-leaf2"},
               {"clab-dc-spine", "clab-dc-spine"},
               {"mgmt", "mgmt"}},
              "--all",
              "for n in clab-dc-leaf1 clab-dc-leaf2 clab-dc-spine mgmt; do ip netns del $n; done");
  EXPECT_NE(run("cat /run/notes").text.find("is of protocol bgp, and will be of protocol static"),
            std::string::npos);
}

// A CNI bridge plugin: cni0 in the root of a node, pods by veths with hairpin, masquerade by nft.
constexpr const char* kCni = R"(set -e
for n in node cni-1 cni-2 up; do ip netns add $n; ip -n $n link set lo up; done
ip link add eth0 netns node type veth peer name eth0 netns up
for n in node up; do ip -n $n link set eth0 up; done
ip -n node addr add 192.0.2.1/24 dev eth0; ip -n up addr add 192.0.2.254/24 dev eth0
ip -n node route add default via 192.0.2.254
ip netns exec node sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=2
ip -n node link add cni0 address 02:00:00:00:00:c0 mtu 1450 type bridge
ip -n node link set cni0 up promisc on
ip -n node addr add 10.22.0.1/16 brd 10.22.255.255 dev cni0
for i in 1 2; do
  ip link add eth0 netns cni-$i mtu 1450 type veth peer name veth0a$i netns node
  ip -n node link set veth0a$i mtu 1450 master cni0 up
  bridge -n node link set dev veth0a$i hairpin on
  ip -n cni-$i link set eth0 up
  ip -n cni-$i addr add 10.22.0.$((i+4))/16 brd 10.22.255.255 dev eth0
  ip -n cni-$i route add default via 10.22.0.1
  ip netns exec node sysctl -qw net.ipv6.conf.veth0a$i.accept_ra=0
done
printf 'table ip cni {
 set pods { type ipv4_addr; elements = { 10.22.0.5, 10.22.0.6 } }
 map ports { type inet_service : ipv4_addr . inet_service; elements = { 8080 : 10.22.0.5 . 80 } }
 chain postrouting {
  type nat hook postrouting priority srcnat; policy accept;
  ip saddr @pods ip daddr != 10.22.0.0/16 counter masquerade comment "id: $net"
 }
 chain prerouting {
  type nat hook prerouting priority dstnat; policy accept;
  ip daddr 192.0.2.1 dnat ip to tcp dport map @ports
 }
}
' | ip netns exec node nft -f -
)";

TEST_F(ExportToolsTest, AsACniBridgeDoes) {
  if (run("nft list tables").status != 0) GTEST_SKIP() << "this machine has no nft";
  const Output built = run(kCni);
  ASSERT_EQ(built.status, 0) << built.text;
  expect_same({{"node", "node"}, {"cni-1", "cni-1"}, {"cni-2", "cni-2"}, {"up", "up"}}, "--all",
              "for n in node cni-1 cni-2 up; do ip netns del $n; done");
  EXPECT_EQ(run("cat /run/notes").text, "");
  EXPECT_EQ(run("ip netns exec again.cni-1 ping -c 1 -W 5 192.0.2.254").status, 0);
}

// Its record is gone; the kernel's marks tell what the lab is.
TEST_F(ExportToolsTest, ALabWhoseRecordIsLost) {
  ASSERT_EQ(netyard("up " + example("lan")).status, 0);
  // Nodes come in the order of their names then.
  const std::string command = NETYARD_PROGRAM " export lan | sort";
  const Output before = run(command);
  for (const char* damage : {"truncate -s 100 /run/netyard/lan.json", "rm /run/netyard/lan.json"}) {
    ASSERT_EQ(run(damage).status, 0);
    const Output after = run(command);
    EXPECT_EQ(after.text, before.text) << damage;
  }
  EXPECT_EQ(netyard("down lan").status, 0);
  const Output gone = netyard("export lan");
  EXPECT_EQ(gone.status, 1);
  EXPECT_NE(gone.text.find("no namespace and no lab"), std::string::npos) << gone.text;
}

// A link that was taken from the host has no other end that is exported: it is said.
TEST_F(ExportToolsTest, TakenLinksAreSaid) {
  ASSERT_EQ(run("ip link add nic type veth peer name wire").status, 0);
  const LabFile file(
      "name: t\nnodes: {a: {}}\nlinks:\n- {type: physical, host: nic, endpoint: a:eth0, ipv4: "
      "10.0.0.1/24}\n");
  ASSERT_EQ(netyard("up " + file.path()).status, 0);
  const Output out = netyard("export t");
  EXPECT_NE(out.text.find("a:eth0 is left out: it is taken from the host, where it is nic"),
            std::string::npos)
      << out.text;
  EXPECT_EQ(netyard("down t").status, 0);
  run("ip link del nic");
}

}  // namespace
}  // namespace netyard::test
