// SPDX-License-Identifier: Apache-2.0
// Routes, nexthops, rules, neighbours and addresses: what a file says becomes steps.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

// One line of routes, rules … of node a, which has eth0 and eth1 with a neighbour b on each.
std::string lab_with(const std::string& node, const std::string& eth0 = "") {
  return fmt::format(
      "name: x\nnodes:\n  a:\n    interfaces: {{eth0: {{{}}}}}\n{}  b: {{kind: router}}\nlinks:\n"
      "- {{endpoints: [a:eth0, b:eth0], ipv4: [10.0.0.1/24, 10.0.0.2/24], "
      "ipv6: [\"2001:db8::1/64\", \"2001:db8::2/64\"]}}\n"
      "- {{endpoints: [a:eth1, b:eth1], ipv4: [10.1.0.1/24, 10.1.0.2/24]}}\n",
      eth0, node);
}

std::string lines_of(const std::string& node, const std::string& eth0 = "") {
  const LabText lab = load_text(lab_with(node, eth0));
  if (lab.diagnostics.has_errors()) return brief(lab.diagnostics);
  std::string out;
  for (const auto& step : lab.plan.steps) {
    const std::string line = describe(lab.topology, step.operation);
    const bool ours = line.find(" in a") != std::string::npos &&
                      line.find("set link") == std::string::npos &&
                      line.find("create") == std::string::npos &&
                      line.find("accept_dad = 0") == std::string::npos;
    const bool usual =
        line.find("add address 10.") == 0 || line.find("add address 2001:db8::1") == 0;
    if (ours && !usual) out += line.substr(0, line.size() - 5) + "\n";
  }
  return out;
}

struct Case {
  std::string said;      // one line below a key
  std::string expected;  // the step, or what is wrong
};

void check_cases(const char* key, const std::vector<Case>& cases) {
  for (const auto& [said, expected] : cases) {
    EXPECT_EQ(lines_of(fmt::format("    {}:\n      - {}\n", key, said)), expected + "\n") << said;
  }
}

TEST(Layer3, RoutesInBothForms) {
  check_cases(
      "routes",
      {{"default via 10.0.0.2", "add route default via 10.0.0.2 dev eth0"},
       {"blackhole 10.9.0.0/24", "add route blackhole 10.9.0.0/24"},
       {"{to: 10.9.0.0/24, type: blackhole}", "add route blackhole 10.9.0.0/24"},
       {"throw ::/0 table 7", "add route throw default (IPv6) table 7"},
       {"local 10.8.0.0/24", "add route local 10.8.0.0/24 dev lo"},
       {"local 10.8.0.0/24 table main", "add route local 10.8.0.0/24 dev lo table main"},
       {"10.7.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.1.0.2",
        "add route 10.7.0.0/16 nexthop via 10.0.0.2 dev eth0 weight 3 nexthop via 10.1.0.2 dev "
        "eth1 weight 1"},
       {"{to: 10.7.0.0/16, hops: [{via: 10.0.0.2, weight: 3}, via 10.1.0.2]}",
        "add route 10.7.0.0/16 nexthop via 10.0.0.2 dev eth0 weight 3 nexthop via 10.1.0.2 dev "
        "eth1 weight 1"},
       {"10.5.0.0/16 via inet6 2001:db8::2", "add route 10.5.0.0/16 via 2001:db8::2 dev eth0"},
       {"10.5.0.0/16 via 192.0.2.1 dev eth0 onlink",
        "add route 10.5.0.0/16 via 192.0.2.1 dev eth0 onlink"},
       {"10.5.0.0/16 via 10.0.0.2 mtu lock 1400 rto_min 300ms quickack true features ecn congctl "
        "lock reno",
        "add route 10.5.0.0/16 via 10.0.0.2 dev eth0 mtu lock 1400 rto_min 300ms quickack true "
        "features ecn congctl lock reno"},
       {"{to: 10.5.0.0/16, via: 10.0.0.2, mtu: lock 1400, advmss: 1000, scope: 5, tos: 0x10}",
        "add route 10.5.0.0/16 via 10.0.0.2 dev eth0 tos 0x10 scope 5 mtu lock 1400 advmss 1000"},
       {"\"2001:db8:7::/48 via 2001:db8::2 pref high encap seg6 mode inline segs 2001:db8::5\"",
        "add route 2001:db8:7::/48 encap seg6 mode inline segs 2001:db8::5 via 2001:db8::2 dev "
        "eth0 pref high"},
       {"10.5.0.0/16 encap mpls 100/200 ttl 9 via 10.0.0.2",
        "add route 10.5.0.0/16 encap mpls 100/200 ttl 9 via 10.0.0.2 dev eth0"},
       {"10.5.0.0/16 via 10.0.0.2 table default",
        "add route 10.5.0.0/16 via 10.0.0.2 dev eth0 "
        "table default"}});
  check_cases("mpls", {{"100 as 200/300 via 10.0.0.2",
                        "add route label 100 as 200/300 via 10.0.0.2 dev eth0"},
                       {"{label: 100, dev: lo}", "add route label 100 dev lo"}});
}

// Nobody in the file has the address of what is behind a tap.
TEST(Layer3, ProgramsMayBeGateways) {
  for (const char* type : {"tap", "tun", "dummy"}) {
    const LabText lab =
        load_text(fmt::format("name: x\nnodes: {{a: {{routes: [default via 10.5.0.9]}}}}\n"
                              "links: [{{type: {}, endpoint: 'a:t0', ipv4: 10.5.0.1/24}}]\n",
                              type));
    EXPECT_EQ(lab.diagnostics.render(), "") << type;
  }
}

TEST(Layer3, RulesInBothForms) {
  check_cases("rules",
              {{"from 10.1.0.0/16 lookup 100", "add rule 10000: from 10.1.0.0/16 lookup 100"},
               {"not from all fwmark 0x1/0xff table main pref 5",
                "add rule 5: not from all fwmark 0x1/0xff lookup main"},
               {"{to: \"2001:db8::/32\", action: prohibit}",
                "add rule 10000: from all to 2001:db8::/32 prohibit (IPv6)"},
               {"{fwmark: 0, table: 7}", "add rule 10000: from all fwmark 0x0/0xffffffff lookup 7"},
               {"goto 32766 ipproto udp dport 10-20 uidrange 0 iif eth1",
                "add rule 10000: from all iif eth1 uidrange 0 ipproto udp dport 10-20 goto 32766"},
               {"{table: 7, suppress_prefixlength: 0, family: both}",
                "add rule 10000: from all lookup 7 suppress_prefixlength 0\n"
                "add rule 10000: from all lookup 7 suppress_prefixlength 0 (IPv6)"},
               {"l3mdev priority 1000", "add rule 1000: from all l3mdev"}});
}

TEST(Layer3, NeighboursFindWhoTheyAre) {
  check_cases("neighbors",
              {{"10.0.0.9 lladdr 02:00:00:00:00:09 nud noarp",
                "add neighbour 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0 nud noarp"},
               {"proxy 192.0.2.1 dev eth1", "add neighbour proxy 192.0.2.1 dev eth1"},
               {"{address: 192.0.2.1, mac: \"02:00:00:00:00:09\", dev: eth1, state: stale}",
                "add neighbour 192.0.2.1 lladdr 02:00:00:00:00:09 dev eth1 nud stale"}});
  const LabText lab = load_text(lab_with("    neighbors: [{address: 10.0.0.2}]\n"));
  ASSERT_EQ(lab.diagnostics.render(), "");
  const Node& a = lab.topology.nodes[node_id(lab.topology, "a")];
  const Node& b = lab.topology.nodes[node_id(lab.topology, "b")];
  ASSERT_EQ(a.neighbors.size(), 1U);
  EXPECT_EQ(a.neighbors[0].value.mac, b.interfaces[1].mac) << "of whoever has the address";
}

TEST(Layer3, AddressesInFull) {
  const std::vector<Case> cases = {
      {"{address: 10.2.0.1/24, label: \"eth0:x\", scope: link, broadcast: none, metric: 5}",
       "add address 10.2.0.1/24 broadcast none label eth0:x scope link metric 5 to eth0"},
      {"{address: 10.4.0.1, peer: 10.4.0.2, valid: 1h, preferred: 10m, noprefixroute: true}",
       "add address 10.4.0.1 peer 10.4.0.2 valid 3600s preferred 600s noprefixroute to eth0"},
      {"{address: 224.1.1.1/32, autojoin: true}", "add address 224.1.1.1/32 autojoin to eth0"}};
  for (const auto& [said, expected] : cases) {
    const std::string all = lines_of("", "ipv4: [" + said + "]");
    const LabText lab = load_text(lab_with("", "ipv4: [" + said + "]"));
    ASSERT_EQ(lab.diagnostics.render(), "");
    EXPECT_NE(render_plan(lab.topology, lab.plan).find("+ " + expected + " in a\n"),
              std::string::npos)
        << said << "\n"
        << render_plan(lab.topology, lab.plan);
  }
}

TEST(Layer3, DetectionOfDuplicatesIsAskedForAndAwaited) {
  const LabText off = load_text(lab_with(""));
  EXPECT_EQ(render_plan(off.topology, off.plan).find("await"), std::string::npos);
  EXPECT_EQ(lines_of("", "dad: true"),
            "write sysctl net/ipv6/conf/eth0/accept_dad = 1\nawait address 2001:db8::1 on eth0\n");
  EXPECT_EQ(lines_of("    dad: true\n"), "await address 2001:db8::1 on eth0\n");
  EXPECT_EQ(lines_of("    dad: true\n", "dad: false"), "");
  const LabText all = load_text("defaults: {node: {dad: true}}\n" + lab_with(""));
  const std::string plan = render_plan(all.topology, all.plan);
  EXPECT_NE(plan.find("await address 2001:db8::2 on eth0 in b\n"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("accept_dad = 0"), std::string::npos);
}

TEST(Layer3, AnInterfaceComesUpWithItsSysctlsSet) {
  const LabText lab = load_text(
      lab_with("",
               "sysctls: {rp_filter: 0, ipv6.accept_ra: 2, ipv4.neigh.gc_stale_time: 9, "
               "net.ipv4.conf.eth0.forwarding: true}, token: \"::5\", addr_gen_mode: none"));
  ASSERT_EQ(lab.diagnostics.render(), "");
  const std::string plan = render_plan(lab.topology, lab.plan);
  const std::string wanted =
      "+ write sysctl net/ipv4/conf/eth0/rp_filter = 0 in a\n"
      "+ write sysctl net/ipv6/conf/eth0/accept_ra = 2 in a\n"
      "+ write sysctl net/ipv4/neigh/eth0/gc_stale_time = 9 in a\n"
      "+ write sysctl net/ipv4/conf/eth0/forwarding = 1 in a\n"
      "+ set link eth0 addr_gen_mode none token ::5 in a\n"
      "+ set link eth0 up in a\n";
  EXPECT_NE(plan.find(wanted), std::string::npos) << plan;
}

TEST(Layer3, NexthopsComeWhenBothEndsAreUp) {
  const LabText lab = load_text(lab_with(
      "    nexthops:\n      10: {group: {1: 3, 2: 1}, resilient: {buckets: 32, idle_timer: 10s}}\n"
      "      1: {via: 10.0.0.2}\n      2: {via: 10.1.0.2, dev: eth1}\n      3: {blackhole: true}\n"
      "    routes: [10.7.0.0/16 nhid 10]\n"));
  ASSERT_EQ(lab.diagnostics.render(), "");
  const std::string plan = render_plan(lab.topology, lab.plan);
  EXPECT_TRUE(
      plan.ends_with("+ add nexthop 1 via 10.0.0.2 dev eth0 in a\n"
                     "+ add nexthop 2 via 10.1.0.2 dev eth1 in a\n"
                     "+ add nexthop 3 blackhole in a\n"
                     "+ add nexthop 10 group 1,3/2,1 resilient in a\n"
                     "+ add route 10.7.0.0/16 nhid 10 in a\n"
                     "+ write /etc/hosts of the nodes\n"))
      << plan;
}

TEST(Layer3, AVrfIsItsTable) {
  const LabText lab = load_text(
      "name: x\nrouting: static\nnodes:\n  a: {}\n  b: {}\n  c: {}\n  r:\n    kind: router\n"
      "    interfaces: {eth0: {master: red}, eth1: {master: red}}\n"
      "    routes: [{to: 10.9.0.0/16, via: 10.1.0.2, vrf: red}]\nlinks:\n"
      "- {endpoints: [a, r:eth0], subnet: 10.0.0.0/24}\n"
      "- {endpoints: [r:eth1, b], subnet: 10.1.0.0/24}\n"
      "- {endpoints: [r:eth2, c], subnet: 10.2.0.0/24}\n"
      "- {type: vrf, endpoint: r:red, table: 77}\n");
  ASSERT_EQ(lab.diagnostics.render(), "");
  const Topology& topology = lab.topology;
  EXPECT_EQ(topology.nodes[node_id(topology, "c")].routes.size(), 0U) << "c reaches nobody";
  const auto& routes = topology.nodes[node_id(topology, "a")].routes;
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_EQ(routes[0].route.destination.length, 0);
  const auto& own = topology.nodes[node_id(topology, "r")].routes;
  ASSERT_EQ(own.size(), 1U) << "all subnets of a VRF are its own here";
  EXPECT_EQ(own[0].route.table, 77U);
}

}  // namespace
}  // namespace netyard::test
