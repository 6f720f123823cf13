// SPDX-License-Identifier: Apache-2.0
// Mistakes in routes, nexthops, rules, neighbours and addresses are found in the file.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

struct Mistake {
  const char* key;       // of node a; "eth0": of its interface
  const char* said;      // its value, on line 5
  const char* expected;  // "column: message"; a part of it
};

class BadLayer3 : public testing::TestWithParam<Mistake> {};

TEST_P(BadLayer3, IsExplainedAtItsPlace) {
  const Mistake& mistake = GetParam();
  const bool of_interface = std::string_view(mistake.key) == "eth0";
  const std::string line = of_interface
                               ? fmt::format("    interfaces: {{eth0: {}}}\n", mistake.said)
                               : fmt::format("    {}: {}\n", mistake.key, mistake.said);
  const LabText lab =
      load_text("name: x\nnodes:\n  b: {kind: router}\n  a:\n" + line +
                "links:\n- {endpoints: [a:eth0, b:eth0], ipv4: [10.0.0.1/24, 10.0.0.2/24], "
                "ipv6: [\"2001:db8::1/64\", \"2001:db8::2/64\"]}\n");
  const std::string said = brief(lab.diagnostics);
  EXPECT_NE(said.find(mistake.expected), std::string::npos) << mistake.said << "\n" << said;
  EXPECT_EQ(said.find("5:"), 0U) << said;
  EXPECT_TRUE(lab.plan.steps.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Routes, BadLayer3,
    testing::Values(
        Mistake{"routes", "[{to: 10.9.0.0/16, hops: [via 10.0.0.2]}]", "38: 'hops' are several"},
        Mistake{"routes", "[{to: 10.9.0.0/16, hops: []}]",
                "'hops' are several ways out, here is none"},
        Mistake{"routes", "[{to: 10.9.0.0/16, hops: [{via: 10.0.0.2, weight: 0}, via 10.0.0.2]}]",
                "expected a number from 1 to 256, found '0'"},
        Mistake{"routes", "[{to: 10.9.0.0/16, hops: [{via: 10.0.0.2, weight: 257}, via 10.0.0.2]}]",
                "expected a number from 1 to 256, found '257'"},
        Mistake{"routes", "[{to: 10.9.0.0/16, hops: [via 10.0.0.2, via 10.0.0.2]}]",
                "this way out is here twice"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 weight 3]", "'weight' is for one of several"},
        Mistake{"routes", "[blackhole 10.9.0.0/16 via 10.0.0.2]",
                "of type blackhole leads nowhere"},
        Mistake{"routes", "[unreachable 10.9.0.0/16 nhid 4]", "leads nowhere"},
        Mistake{"routes", "[{to: 10.9.0.0/16, via: 10.9.9.9, onlink: true}]",
                "55: 'onlink' needs 'via' and 'dev'"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 table 0]", "'0' is no table"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 table 4294967296]", "is no table"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 table mian]", "did you mean 'main'?"},
        Mistake{"routes", "[10.9.0.0/16 nhid 7]", "a has no nexthop 7"},
        Mistake{"routes", "[{to: 10.9.0.0/16, nexthop: 7, via: 10.0.0.2}]", "a route has but one"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 mtu 67]",
                "expected a number from 68 to 65535"},
        Mistake{"routes", "[\"2001:db8:9::/48 via 2001:db8::2 mtu 1279\"]", "needs an MTU of 1280"},
        Mistake{"routes", "[\"2001:db8:9::/48 via 10.0.0.2\"]", "by way of an IPv4 gateway"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 src 2001:db8::1]", "the destination IPv4"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 tos 0x11]", "for ECN"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 tos 256]", "is no type of service"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 pref high]", "has no preference"},
        Mistake{"routes", "[\"2001:db8:9::/48 via 2001:db8::2 scope link\"]", "has no scope"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 rto_min 0s]", "not right for rto_min"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 encap mpls 3]", "labels from 16 to 1048575"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 encap seg6 mode x segs y]", "expected seg6"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 vrf eth0]", "eth0 of a is a veth, and no VRF"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 vrf eth9]", "a has no interface 'eth9'"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2 table 5 vrf eth0]", "say the same thing"},
        Mistake{"routes", "[{to: 10.9.0.0/16, type: hole}]", "expected a type of route"},
        Mistake{"routes", "[10.9.0.0/16 via 10.0.0.2, 10.9.0.0/16 via 10.0.0.2 mtu 1400]",
                "a has this route already"},
        Mistake{"routes", "[10.9.0.0/16 viaa 10.0.0.2]",
                "unknown key 'viaa' | did you mean 'via'?"},
        Mistake{"mpls", "[15 via 10.0.0.2]", "from 16 to 1048575"},
        Mistake{"mpls", "[100 as 200 dev eth0]", "need a gateway"},
        Mistake{"mpls", "[100 via 10.0.0.2, 100 dev lo]", "a route for label 100 already"}));

INSTANTIATE_TEST_SUITE_P(
    Nexthops, BadLayer3,
    testing::Values(
        Mistake{"nexthops", "{1: {group: {1: 1}}}", "28: nexthop 1 is a member of itself"},
        Mistake{"nexthops", "{1: {via: 10.0.0.2}, 2: {via: \"2001:db8::2\"}, 3: {group: [1, 2]}}",
                "nexthop 2 is IPv6, nexthop 1 is IPv4"},
        Mistake{"nexthops", "{1: {group: [2]}, 2: {group: [3]}, 3: {via: 10.0.0.2}}",
                "nexthop 2 is a group"},
        Mistake{"nexthops", "{1: {group: [9]}}", "a has no nexthop 9"},
        Mistake{"nexthops", "{1: {}}", "1 has none"},
        Mistake{"nexthops", "{1: {via: 10.0.0.2, blackhole: true}}", "1 has several"},
        Mistake{"nexthops", "{0: {via: 10.0.0.2}}", "expected a number from 1"},
        Mistake{"nexthops", "{1: {via: 10.0.0.2}, 2: {group: {1: 256}}}", "from 1 to 255"},
        Mistake{"nexthops", "{1: {via: 10.0.0.2}, 2: {group: []}}", "the group is empty"},
        Mistake{"nexthops", "{1: {via: 10.0.0.2}, 2: {group: [1, 1]}}", "1 is in the group twice"},
        Mistake{"nexthops", "{1: {via: 10.0.0.2, resilient: true}}", "'resilient' is for groups"},
        Mistake{"nexthops", "{1: {via: 10.0.0.2}, 2: {group: [1], resilient: {idle_timer: 5ms}}}",
                "hundredths of a second"},
        Mistake{"nexthops", "{1: {via: 10.0.0.2}, 2: {blackhole: true}, 3: {group: [1, 2]}}",
                "nexthop 2 is a blackhole"}));

INSTANTIATE_TEST_SUITE_P(
    Rules, BadLayer3,
    testing::Values(
        Mistake{"rules", "[from 10.1.0.0/16 goto 20000]", "no IPv4 rule of priority 20000"},
        Mistake{"rules", "[priority 50 goto 40, priority 40 lookup 7]", "a rule cannot go back"},
        Mistake{"rules", "[from 10.1.0.0/16]", "does not say what to do"},
        Mistake{"rules", "[from 10.1.0.0/16 lookup 7 goto 32766]", "several things to do"},
        Mistake{"rules", "[from 10.1.0.0/16 to 2001:db8::/32 lookup 7]",
                "'from' is IPv4, 'to' is IPv6"},
        Mistake{"rules", "[from 10.1.0.1/16 lookup 7]", "has host bits"},
        Mistake{"rules", "[{from: 10.1.0.0/16, table: 7, family: ipv6}]",
                "is for IPv4, by its prefix"},
        Mistake{"rules",
                "[priority 5 from 10.1.0.0/16 lookup 7, priority 5 from 10.1.0.0/16 lookup 8]",
                "a rule of priority 5 for the same packets already"},
        Mistake{"rules", "[iif eth7 lookup 7]", "a has no interface 'eth7'"},
        Mistake{"rules", "[fwmark 0x100/0xff lookup 7]", "bits outside of its mask"},
        Mistake{"rules", "[fwmark x lookup 7]", "is no mark"},
        Mistake{"rules", "[dport 0 lookup 7]", "is no port range"},
        Mistake{"rules", "[dport 20-10 lookup 7]", "is no port range"},
        Mistake{"rules", "[uidrange 5-1 lookup 7]", "is no range of users"},
        Mistake{"rules", "[ipproto nonsense lookup 7]", "is no protocol"},
        Mistake{"rules", "[lookup 0]", "is no table"},
        Mistake{"rules", "[lookup 7 suppress_prefixlength 33]", "longer than 32"},
        Mistake{"rules", "[blackhole suppress_prefixlength 0]", "only where they are looked up"},
        Mistake{"rules", "[lookup 7 tos 0x13]", "for ECN"}));

INSTANTIATE_TEST_SUITE_P(
    Neighbours, BadLayer3,
    testing::Values(
        Mistake{"neighbors", "[{address: 10.0.0.9}]", "nobody on the segment has 10.0.0.9"},
        Mistake{"neighbors", "[{address: 192.0.2.1, mac: \"02:00:00:00:00:01\"}]",
                "no interface of a is in a subnet with 192.0.2.1"},
        Mistake{"neighbors", "[proxy 10.0.0.9 lladdr 02:00:00:00:00:01]", "neither a MAC address"},
        Mistake{"neighbors", "[10.0.0.2, 10.0.0.2]", "10.0.0.2 is here twice"},
        Mistake{"neighbors", "[10.0.0.2 router]", "only an IPv6 neighbour"},
        Mistake{"neighbors", "[10.0.0.2 nud delay]", "expected a state"},
        Mistake{"neighbors", "[224.0.0.5 lladdr 02:00:00:00:00:01]", "nobody's address"},
        Mistake{"eth0", "{neighbors: [10.0.0.2 dev eth0]}", "under its interface already"}));

INSTANTIATE_TEST_SUITE_P(
    Addresses, BadLayer3,
    testing::Values(
        Mistake{"eth0", "{ipv4: {address: 10.2.0.1/24, label: eth1}}", "61: label 'eth1' does not"},
        Mistake{"eth0", "{ipv4: {address: 10.2.0.1/24, label: \"eth0:0123456789ab\"}}",
                "has 17 bytes, at most 15"},
        Mistake{"eth0", "{ipv4: {address: 10.2.0.1, peer: \"2001:db8::5\"}}",
                "the peer 2001:db8::5 is IPv6, the address IPv4"},
        Mistake{"eth0", "{ipv4: {address: 10.2.0.1/24, peer: 10.2.0.2}}", "that of the peer"},
        Mistake{"eth0", "{ipv4: {address: 10.2.0.1/24, valid: 10s, preferred: 20s}}",
                "preferred for longer than it is valid"},
        Mistake{"eth0", "{ipv4: {address: 10.2.0.1/24, valid: 0s}}", "valid for no time"},
        Mistake{"eth0", "{ipv4: {address: 10.2.0.1/24, valid: 1500ms}}", "whole seconds"},
        Mistake{"eth0", "{ipv4: {address: 10.2.0.1/24, dad: true}}", "has no duplicate address"},
        Mistake{"eth0", "{ipv4: {address: 10.2.0.1/24, home: true}}", "an IPv4 address has no"},
        Mistake{"eth0", "{ipv6: {address: \"2001:db8:2::1/64\", label: \"eth0:x\"}}",
                "has no label"},
        Mistake{"eth0", "{ipv6: {address: \"2001:db8:2::1/64\", scope: link}}", "has no scope"},
        Mistake{"eth0", "{ipv6: {address: 10.2.0.1/24}}", "expected IPv6 here"},
        Mistake{"eth0", "{ipv4: {label: eth0}}", "the address has no 'address'"},
        Mistake{"eth0", "{ipv4: {address: 10.2.0.1/24, autojoin: true}}",
                "only a multicast address"},
        Mistake{"eth0", "{ipv4: {address: 10.0.0.7/24, scope: host}}", "has another scope"},
        Mistake{"eth0", "{token: \"2001:db8::5\"}", "32: '2001:db8::5' is no token"},
        Mistake{"eth0", "{token: \"::\"}", "is no token"},
        Mistake{"eth0", "{addr_gen_mode: stable_secret}", "there is no secret"},
        Mistake{"eth0", "{addr_gen_mode: eui46}", "did you mean 'eui64'?"},
        Mistake{"eth0", "{sysctls: {net.ipv4.conf.eth1.rp_filter: 0}}", "is not about eth0"},
        Mistake{"eth0", "{sysctls: {ipv4.conf.eth0.rp_filter: 0}}", "no sysctl of an interface"},
        Mistake{"eth0", "{cost: 0}", "from 1 to 65535"}));

TEST(Layer3Mistakes, ARouterTakesNoToken) {
  const LabText lab = load_text(
      "name: x\nnodes:\n  a: {}\n  b: {kind: router, interfaces: {eth0: {token: \"::5\"}}}\n"
      "links: [{endpoints: [a, b:eth0], subnet: \"2001:db8::/64\"}]\n");
  EXPECT_EQ(brief(lab.diagnostics),
            "4:48: a router takes no addresses from router advertisements | add 'sysctls: "
            "{ipv6.accept_ra: 2}' to the interface\n");
}

TEST(Layer3Mistakes, TheHostIsLeftAlone) {
  for (const char* key : {"sysctls: {rp_filter: 0}", "neighbors: [10.0.0.2]"}) {
    const LabText lab = load_text(fmt::format(
        "name: x\nnodes: {{a: {{}}}}\nlinks:\n- endpoints: [{{node: host, interface: v, {}}}, a]\n"
        "  subnet: 10.0.0.0/24\n",
        key));
    EXPECT_NE(brief(lab.diagnostics).find("of the host are not netyard's to change"),
              std::string::npos)
        << brief(lab.diagnostics);
  }
}

}  // namespace
}  // namespace netyard::test
