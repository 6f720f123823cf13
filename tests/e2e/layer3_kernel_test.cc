// SPDX-License-Identifier: Apache-2.0
// What the running kernel may lack: refused by name before anything is made, or it works.
#include <fmt/format.h>

#include "e2e/layer3.h"

namespace netyard::test {
namespace {

using Layer3KernelTest = CleanNetnsTest;

constexpr const char* kMpls = R"(name: mpls
defaults: {node: {sysctls: {net.mpls.platform_labels: 1000}}}
nodes:
  a:
    interfaces: {lo: {ipv4: 10.255.0.1}, eth0: {sysctls: {mpls.input: 1}}}
    routes: [10.255.0.3/32 encap mpls 100 via 10.0.0.2 src 10.255.0.1]
    mpls: [101 dev lo]
  r:
    interfaces: {eth0: {sysctls: {mpls.input: 1}}, eth1: {sysctls: {mpls.input: 1}}}
    mpls: [100 as 200 via 10.1.0.3, 201 as 101 via 10.0.0.1]
  b:
    interfaces: {lo: {ipv4: 10.255.0.3}, eth0: {sysctls: {mpls.input: 1}}}
    routes: [10.255.0.1/32 encap mpls 201 via 10.1.0.2 src 10.255.0.3]
    mpls: [200 dev lo]
links:
- {endpoints: [a:eth0, r:eth0], ipv4: [10.0.0.1/24, 10.0.0.2/24]}
- {endpoints: [r:eth1, b:eth0], ipv4: [10.1.0.2/24, 10.1.0.3/24]}
)";

bool has_mpls() {
  return run("ip netns add probe && ip -n probe link set lo up && ip -n probe route add "
             "198.51.100.0/24 encap mpls 100 dev lo; s=$?; ip netns del probe; exit $s")
             .status == 0;
}

// r has no route to either end: only labels lead there.
TEST_F(Layer3KernelTest, PacketsFollowTheirLabels) {
  if (!has_mpls()) GTEST_SKIP() << "this kernel has no MPLS";
  const Lab lab(kMpls);
  const Output ping = netyard("exec a -- ping -n -c 1 -W 5 10.255.0.3");
  EXPECT_EQ(ping.status, 0) << ping.text;
  const auto routes = ip_json("mpls.r", "-f mpls route");
  EXPECT_EQ(find_in(routes, "dst", "100")["to"], "200") << routes;
  EXPECT_EQ(find_in(routes, "dst", "100")["via"]["host"], "10.1.0.3") << routes;
  // In JSON ip(8) shows two "dst", of the route and of the labels.
  const std::string text = run("ip -n mpls.a route show 10.255.0.3").text;
  EXPECT_NE(text.find("encap mpls  100 via 10.0.0.2 dev eth0"), std::string::npos) << text;
  EXPECT_EQ(find_in(node_status("r")["mpls"], "label", 100)["as"], "200");
  EXPECT_EQ(find_in(node_status("a")["routes"], "to", "10.255.0.3/32")["encap"], "mpls 100");
}

TEST_F(Layer3KernelTest, MplsIsRefusedByName) {
  if (has_mpls()) GTEST_SKIP() << "this kernel has MPLS";
  const LabFile file(kMpls);
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1) << up.text;
  for (const char* wanted :
       {"lab.yaml:6:14: error: this kernel has no MPLS encapsulation (CONFIG_MPLS_IPTUNNEL)",
        "lab.yaml:7:12: error: this kernel has no MPLS routes (CONFIG_MPLS_ROUTING)",
        "error: this kernel has no sysctl net/mpls/platform_labels in a network namespace"}) {
    EXPECT_NE(up.text.find(wanted), std::string::npos) << wanted << "\n" << up.text;
  }
}

TEST_F(Layer3KernelTest, SegmentRoutingReachesTheKernel) {
  const std::string text =
      "name: seg\nnodes:\n  a:\n    routes:\n"
      "    - \"2001:db8:7::/48 encap seg6 mode encap segs 2001:db8::2,2001:db8::3 dev eth0\"\n"
      "    - \"2001:db8:8::/48 encap seg6 mode inline segs 2001:db8::4 dev eth0\"\n"
      "  b: {}\nlinks: [{endpoints: [a:eth0, b], subnet: \"2001:db8::/64\"}]\n";
  const LabFile file(text);
  const Output up = netyard("up " + file.path());
  if (up.text.find("no IPv6 segment routing encapsulation") != std::string::npos) {
    GTEST_SKIP() << up.text;
  }
  ASSERT_EQ(up.status, 0) << up.text;
  const auto routes = ip_json("seg.a", "-6 route");
  const auto encap = find_in(routes, "dst", "2001:db8:7::/48");
  EXPECT_EQ(encap["encap"], "seg6");
  EXPECT_EQ(encap["mode"], "encap");
  EXPECT_EQ(encap["segs"], nlohmann::json::array({"2001:db8::2", "2001:db8::3"}));
  EXPECT_EQ(find_in(routes, "dst", "2001:db8:8::/48")["mode"], "inline");
  EXPECT_EQ(find_in(node_status("a")["routes"], "to", "2001:db8:7::/48")["encap"],
            "seg6 mode encap segs 2001:db8::2,2001:db8::3");
  EXPECT_EQ(netyard("down seg").status, 0);
}

TEST_F(Layer3KernelTest, WhatIsNotThereIsRefusedAtItsPlace) {
  const LabFile file(
      "name: x\nnodes:\n  a:\n    routes: [10.9.0.0/16 via 10.0.0.2 congctl nonsense]\n"
      "    sysctls: {net.ipv4.no_such_thing: 1, net.ipv4.ip_forward: many}\n"
      "    interfaces: {eth0: {sysctls: {rp_filtre: 1}}}\n"
      "  b: {}\nlinks: [{endpoints: [a:eth0, b], subnet: 10.0.0.0/24}]\n");
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1) << up.text;
  for (const char* wanted :
       {"lab.yaml:4:14: error: this kernel has no congestion control 'nonsense' for routes",
        "lab.yaml:5:15: error: this kernel has no sysctl net/ipv4/no_such_thing in a network",
        "lab.yaml:5:42: error: sysctl net/ipv4/ip_forward cannot be set to 'many'",
        "lab.yaml:6:35: error: this kernel has no sysctl net/ipv4/conf/eth0/rp_filtre"}) {
    EXPECT_NE(up.text.find(wanted), std::string::npos) << wanted << "\n" << up.text;
  }
  EXPECT_EQ(run("ip netns list").text, "");
}

}  // namespace
}  // namespace netyard::test
