// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

// Of x/a/eth0: labs that were built before must look the same after an update.
constexpr const char* kStableMac = "72:a0:e5:a8:38:e1";

std::string first_address(const LabText& lab, const std::string& node,
                          const std::string& interface) {
  for (const auto& candidate : lab.topology.nodes[node_id(lab.topology, node)].interfaces) {
    if (candidate.name == interface && !candidate.addresses.empty()) {
      return candidate.addresses.front().value.to_string();
    }
  }
  return "none";
}

TEST(Resolve, DealsAddressesOverTheWholeSegmentInFileOrder) {
  const LabText lab = load_text(R"(name: x
nodes: {a: {}, b: {}, c: {}, d: {}, s: {kind: switch}, t: {kind: switch}}
links:
- endpoints: [a, s]
- {endpoints: [s, t], subnet: [10.0.0.0/28, "2001:db8::/64"]}
- {endpoints: [b:eth0, t], ipv4: [10.0.0.2/28]}
- endpoints: [t, c]
networks:
  n: {subnet: 10.1.0.0/31, endpoints: [c:up, d:up]}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  EXPECT_EQ(first_address(lab, "a", "eth0"), "10.0.0.1/28");
  EXPECT_EQ(first_address(lab, "b", "eth0"), "10.0.0.2/28");
  EXPECT_EQ(first_address(lab, "c", "eth0"), "10.0.0.3/28") << "the given one is skipped";
  EXPECT_EQ(first_address(lab, "s", "br0"), "none");
  EXPECT_EQ(first_address(lab, "s", "p0"), "none");
  EXPECT_EQ(first_address(lab, "c", "up"), "10.1.0.0/31");
  EXPECT_EQ(first_address(lab, "d", "up"), "10.1.0.1/31");
  const auto& b = lab.topology.nodes[node_id(lab.topology, "b")].interfaces[1];
  EXPECT_EQ(b.addresses[1].value.to_string(), "2001:db8::2/64");
  for (const auto& node : lab.topology.nodes) {
    EXPECT_NE(node.kind, NodeKind::segments) << "two ends need no bridge";
  }
}

TEST(Resolve, NumbersAreUniqueAndMacsAreStable) {
  const LabText lab = load_text(
      "name: x\nnodes: {a: {}, b: {}, s: {kind: switch}}\nlinks: [{endpoints: [a, s]}, {endpoints: "
      "[b, s]}, "
      "{endpoints: [a, b]}]\n");
  std::set<std::uint32_t> ifindexes;
  std::set<std::string> macs;
  for (const auto& node : lab.topology.nodes) {
    for (const auto& interface : node.interfaces) {
      if (interface.name == "lo") continue;
      EXPECT_TRUE(ifindexes.insert(interface.ifindex).second);
      ASSERT_TRUE(interface.mac);
      EXPECT_TRUE(macs.insert(interface.mac->to_string()).second);
      EXPECT_EQ(interface.mac->bytes[0] & 3, 2) << "local, unicast";
    }
  }
  EXPECT_EQ(ifindexes.size(), 7U);
  EXPECT_EQ(lab.topology.nodes[1].interfaces[1].mac->to_string(), kStableMac);
}

TEST(Resolve, TheSameFileGivesTheSamePlan) {
  const std::string text =
      "name: x\nrouting: static\nnodes: {a: {}, r: {kind: router}, b: {}}\nlinks: [{endpoints: [a, "
      "r], subnet: "
      "10.0.0.0/24}, {endpoints: [r, b], subnet: 10.1.0.0/24}]\n";
  const LabText one = load_text(text);
  EXPECT_EQ(one.plan.steps, load_text(text).plan.steps);
  EXPECT_FALSE(one.plan.steps.empty());
}

struct Mistake {
  const char* text;
  const char* message;
};
class BadTopology : public testing::TestWithParam<Mistake> {};

TEST_P(BadTopology, IsExplained) {
  const LabText lab = load_text(GetParam().text);
  ASSERT_FALSE(lab.diagnostics.items().empty());
  const Diagnostic& first = lab.diagnostics.items().front();
  const char* word = first.severity == Severity::error ? "error" : "warning";
  EXPECT_EQ(fmt::format("{}: {}: {}", first.at.line, word, first.message), GetParam().message);
}

#define TWO "nodes: {a: {}, b: {}, c: {}}\nlinks:\n"
#define ROUTED(routes)             \
  "nodes:\n  a: {routes: [" routes \
  "]}\n  b: {}\nlinks:\n- {endpoints: [a, b], ipv4: [10.0.0.1/24, 10.0.0.2/24]}\n"

INSTANTIATE_TEST_SUITE_P(
    All, BadTopology,
    testing::Values(
        Mistake{TWO "- {endpoints: [a, b], ipv4: [10.0.0.1/24, 10.0.0.1/24]}\n",
                "3: error: 10.0.0.1 belongs to a:eth0 already, from lab.yaml:3:30"},
        Mistake{TWO "- {endpoints: [a, b], ipv4: [10.0.0.1/24]}\n- {endpoints: [b, c], ipv4: "
                    "[\"\", 10.0.0.1/24]}\n",
                "4: warning: 10.0.0.1 belongs to a:eth0 already, from lab.yaml:3:30"},
        Mistake{"routing: static\n" TWO "- {endpoints: [a, b], ipv4: [10.0.0.1/24]}\n- {endpoints: "
                "[b, c], ipv4: [\"\", 10.0.0.1/24]}\n",
                "5: error: 10.0.0.1 belongs to a:eth0 already, from lab.yaml:4:30"},
        Mistake{TWO "- {endpoints: [a, b], subnet: 10.0.0.0/24}\n- {endpoints: [b, c], subnet: "
                    "10.0.0.0/16}\n",
                "4: warning: 10.0.0.1 belongs to a:eth0 already, from lab.yaml:3:16"},
        Mistake{TWO "- {endpoints: [a, b], ipv4: [10.0.0.1/24]}\n- {endpoints: [b, c], ipv4: "
                    "[10.0.9.9/16]}\n",
                "4: warning: 10.0.0.0/16 at b:eth1 overlaps 10.0.0.0/24 at a:eth0, on another "
                "segment, from "
                "lab.yaml:3:30"},
        Mistake{TWO "- {endpoints: [a, b], subnet: 10.0.0.0/32}\n",
                "3: error: 10.0.0.0/32 is too small: the segment needs 2 addresses"},
        Mistake{"nodes: {a: {}, b: {}, s: {kind: switch, subnet: 10.0.0.0/24}}\nlinks:\n- "
                "{endpoints: [a, s]}\n"
                "- {endpoints: [b, s], subnet: 10.1.0.0/24}\n",
                "1: error: the segment has subnet 10.1.0.0/24 already, from lab.yaml:4:31"},
        Mistake{"nodes: {a: {}, s: {kind: switch}}\nlinks:\n- {endpoints: [a, s], ipv4: [\"\", "
                "10.0.0.1/24]}\n",
                "3: error: p0 is a port of a bridge, and has no address of its own"},
        Mistake{TWO "- {endpoints: [a, b], mtu: 1000, ipv6: [\"2001:db8::1/64\"]}\n",
                "3: error: IPv6 needs an MTU of 1280, eth0 has 1000"},
        Mistake{"nodes: {s: {kind: switch}, t: {kind: switch}}\nlinks:\n- endpoints: [s, t]\n- "
                "endpoints: [s, t]\n",
                "4: warning: this link closes a loop of switches, through s and t"},
        Mistake{"nodes: {a: {}, b: {}}\nlinks: [{endpoints: [{node: a, interface: x, master: br7}, "
                "b]}]\n",
                "2: error: a has no bridge, bond or vrf 'br7'"},
        Mistake{"nodes: {a: {}}\nlinks:\n- {type: physical, endpoint: a:x, host: eth0}\n"
                "- {type: physical, endpoint: a:y, host: eth0}\n",
                "4: error: link eth0 of the host is taken twice; first at lab.yaml:3:41"},
        Mistake{ROUTED("default via 10.9.9.9"),
                "2: error: no interface of a is in a subnet with 10.9.9.9"},
        Mistake{ROUTED("default via 10.0.0.9"), "2: error: nobody on the segment has 10.0.0.9"},
        Mistake{ROUTED("default via 10.0.0.1"),
                "2: error: the gateway 10.0.0.1 is a's own address"},
        Mistake{ROUTED("default via 10.0.0.2 dev eth7"), "2: error: a has no interface 'eth7'"},
        Mistake{ROUTED("default via 10.0.0.2 dev lo"),
                "2: error: lo of a is not in a subnet with 10.0.0.2"},
        Mistake{ROUTED("default via 10.0.0.2 src 10.0.0.7"), "2: error: a has no address 10.0.0.7"},
        Mistake{ROUTED("'2001:db8::/32 via 10.0.0.2'"),
                "2: error: an IPv6 route cannot go by way of an IPv4 gateway"},
        Mistake{ROUTED("'default via fe80::1'"), "2: error: a link-local gateway needs 'dev'"},
        Mistake{ROUTED("default via 10.0.0.2, default dev eth0"),
                "2: error: a has this route already; first at lab.yaml:2:16"}));

TEST(Checks, StpMakesALoopOfSwitchesFine) {
  const LabText lab = load_text(
      "name: x\nnodes: {s: {kind: switch, stp: true}, t: {kind: switch}}\n"
      "links: [{endpoints: [s, t]}, {endpoints: [s, t]}]\n");
  EXPECT_EQ(lab.diagnostics.render(), "");
}

TEST(Checks, ABridgeHasAtMost1023Ports) {
  std::string nodes = "name: x\nnodes:\n  s: {kind: switch}\n";
  std::string links = "links:\n";
  for (int i = 0; i < 1024; ++i) {
    nodes += fmt::format("  h{}: {{}}\n", i);
    links += fmt::format("- endpoints: [h{}, s]\n", i);
  }
  const LabText lab = load_text(nodes + links);
  ASSERT_EQ(lab.diagnostics.errors(), 1U);
  EXPECT_EQ(lab.diagnostics.items()[0].message, "a bridge has at most 1023 ports");
}

}  // namespace
}  // namespace netyard::test
