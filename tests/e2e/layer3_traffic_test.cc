// SPDX-License-Identifier: Apache-2.0
// What routes, rules and addresses do to packets, measured.
#include <fmt/format.h>

#include <chrono>

#include "e2e/layer3.h"

namespace netyard::test {
namespace {

using Layer3TrafficTest = CleanNetnsTest;

std::int64_t sent(const std::string& netns, const std::string& interface) {
  return ip_json(netns, "-s link show " + interface)[0]["stats64"]["tx"]["packets"];
}

TEST_F(Layer3TrafficTest, FlowsAreSharedByWeight) {
  for (const char* ways :
       {"{to: 10.7.0.0/16, hops: [via 10.0.0.2 weight 1, via 10.1.0.2 weight 3]}",
        "{to: 10.7.0.0/16, nexthop: 10}"}) {
    const Lab lab(fmt::format(R"(name: ecmp
nodes:
  a:
    sysctls: {{net.ipv4.fib_multipath_hash_policy: 1}}
    nexthops: {{1: {{via: 10.0.0.2}}, 2: {{via: 10.1.0.2}}, 10: {{group: {{1: 1, 2: 3}}}}}}
    routes: ['{}']
    neighbors: [10.0.0.2, 10.1.0.2]
  b: {{kind: router, routes: [blackhole 10.7.0.0/16]}}
links:
- {{endpoints: [a, b], subnet: 10.0.0.0/24}}
- {{endpoints: [a, b], subnet: 10.1.0.0/24}}
)",
                              std::string(ways).find("hops") != std::string::npos
                                  ? "10.7.0.0/16 nexthop via 10.0.0.2 weight 1 nexthop via "
                                    "10.1.0.2 weight 3"
                                  : "10.7.0.0/16 nhid 10"));
    const auto light = sent("ecmp.a", "eth0");
    const auto heavy = sent("ecmp.a", "eth1");
    python("a",
           "import socket\n"
           "for i in range(4000):\n"
           "  s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
           "  s.sendto(b'x', ('10.7.%d.%d' % (i // 200, i % 200 + 1), 2000 + i % 977))\n"
           "  s.close()\n");
    const auto one = static_cast<double>(sent("ecmp.a", "eth0") - light);
    const auto three = static_cast<double>(sent("ecmp.a", "eth1") - heavy);
    EXPECT_NEAR(one + three, 4000, 40);
    EXPECT_NEAR(three / one, 3, 0.45) << one << " and " << three;
    printf("shared %.0f to %.0f\n", one, three);
  }
}

TEST_F(Layer3TrafficTest, ASmallerMtuOnTheWayIsLearnt) {
  const Lab lab(R"(name: pmtu
routing: static
nodes: {h1: {}, r1: {kind: router}, r2: {kind: router}, h2: {}}
links:
- {endpoints: [h1, r1], subnet: 10.0.0.0/24}
- {endpoints: [r1, r2], subnet: 10.0.1.0/24, mtu: 1300}
- {endpoints: [r2, h2], subnet: 10.0.2.0/24}
)");
  const auto before = ip_json("pmtu.h1", "route get 10.0.2.2")[0];
  EXPECT_FALSE(before.contains("metrics")) << before;
  EXPECT_NE(netyard("exec h1 -- ping -n -c 1 -W 5 -M do -s 1400 10.0.2.2").status, 0);
  const auto after = ip_json("pmtu.h1", "route get 10.0.2.2")[0];
  EXPECT_EQ(after["metrics"][0]["mtu"], 1300) << after;
  EXPECT_EQ(netyard("exec h1 -- ping -n -c 1 -W 5 -M do -s 1200 10.0.2.2").status, 0);
}

TEST_F(Layer3TrafficTest, ASenderIsToldByTheTypeOfTheRoute) {
  const Lab lab(R"(name: types
nodes:
  a:
    routes:
    - blackhole 10.9.0.0/24
    - unreachable 10.9.1.0/24
    - prohibit 10.9.2.0/24
    - throw 10.9.3.0/24
    - blackhole 2001:db8:9::/48
    - prohibit 2001:db8:a::/48
    - {to: 10.9.5.0/24, nexthop: 4}
    nexthops: {4: {blackhole: true}}
)");
  EXPECT_EQ(python("a",
                   "import errno, socket\n"
                   "for to in ['10.9.0.1', '10.9.1.1', '10.9.2.1', '10.9.3.1', '10.9.5.1', "
                   "'2001:db8:9::1', '2001:db8:a::1']:\n"
                   "  family = socket.AF_INET6 if ':' in to else socket.AF_INET\n"
                   "  try:\n"
                   "    socket.socket(family, socket.SOCK_DGRAM).connect((to, 9))\n"
                   "    print('ok')\n"
                   "  except OSError as error:\n"
                   "    print(errno.errorcode[error.errno])\n"),
            "EINVAL\nEHOSTUNREACH\nEACCES\nENETUNREACH\nEINVAL\nEINVAL\nEACCES");
}

// One rule by what comes from where, one by mark.
TEST_F(Layer3TrafficTest, PolicyRoutingPicksTheOtherWay) {
  const Output up = netyard("up " + example("policy-routing"));
  ASSERT_EQ(up.status, 0) << up.text;
  const auto way = [](const std::string& arguments) {
    return ip_json("policy-routing.gw", "route get 203.0.113.1 " + arguments)[0]["gateway"];
  };
  EXPECT_EQ(way("from 192.168.1.2 iif eth0"), "10.1.0.2");
  EXPECT_EQ(way("from 192.168.2.2 iif eth1"), "10.2.0.2");
  EXPECT_EQ(way("mark 2"), "10.2.0.2");
  EXPECT_EQ(way("mark 0x102"), "10.2.0.2");
  EXPECT_EQ(way("mark 3"), "10.1.0.2");
  for (const char* node : {"staff", "guest"}) {
    const auto before = sent("policy-routing.isp2", "eth1");
    const Output ping =
        netyard(fmt::format("exec {} -- ping -n -c 3 -i 0.2 -W 5 203.0.113.1", node));
    EXPECT_EQ(ping.status, 0) << node << "\n" << ping.text;
    const bool by_second = sent("policy-routing.isp2", "eth1") >= before + 3;
    EXPECT_EQ(by_second, std::string(node) == "guest") << node;
  }
  EXPECT_EQ(netyard("exec guest -- ping -n -c 1 -W 5 192.168.1.2").status, 0);
  EXPECT_NE(netyard("exec guest -- ping -n -c 1 -W 5 192.168.77.1").status, 0);
  EXPECT_EQ(netyard("down").status, 0);
}

TEST_F(Layer3TrafficTest, UpWaitsForDuplicateAddressDetection) {
  const auto start = std::chrono::steady_clock::now();
  const Lab lab(R"(name: dad
defaults: {node: {dad: true}}
nodes: {a: {}, b: {dad: false, interfaces: {eth0: {}}}}
links: [{endpoints: [a, b:eth0], subnet: "2001:db8::/64"}]
)");
  EXPECT_GT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  const auto checked =
      find_in(ip_json("dad.a", "addr show eth0")[0]["addr_info"], "local", "2001:db8::1");
  EXPECT_FALSE(checked.contains("tentative")) << checked;
  EXPECT_FALSE(checked.contains("nodad")) << checked;
  const auto unchecked =
      find_in(ip_json("dad.b", "addr show eth0")[0]["addr_info"], "local", "2001:db8::2");
  EXPECT_TRUE(unchecked["nodad"]) << unchecked;
}

// Another, whom the file does not know, has the address.
TEST_F(Layer3TrafficTest, ADuplicateIsSaid) {
  for (const char* lifetime : {"", ", valid: 1h"}) {
    ASSERT_EQ(run("ip link add nic type veth peer name other && ip link set other up && "
                  "ip addr add 2001:db8::9/64 dev other nodad")
                  .status,
              0);
    const LabFile file(fmt::format(
        "name: dup\nnodes: {{a: {{}}}}\nlinks:\n- type: physical\n  endpoint: a:eth0\n  host: nic\n"
        "  ipv6: {{address: \"2001:db8::9/64\", dad: true{}}}\n",
        lifetime));
    const Output up = netyard("up " + file.path());
    EXPECT_EQ(up.status, 1) << up.text;
    EXPECT_NE(up.text.find("lab.yaml:7:19: await address 2001:db8::9 on eth0 in a: duplicate "
                           "address: another node on the segment has it"),
              std::string::npos)
        << up.text;
    EXPECT_EQ(run("ip link del nic").status, 0) << "it came back";
  }
}

}  // namespace
}  // namespace netyard::test
