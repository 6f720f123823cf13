// SPDX-License-Identifier: Apache-2.0
// Walks the routes of a plan as packets would.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

std::string read_example(const std::string& name) {
  std::ifstream file(std::string(NETYARD_EXAMPLES "/") + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Follows every branch of every route from a node to an address.
class Walker {
 public:
  explicit Walker(const Topology& topology) : topology_(topology) {
    for (NodeId id = 1; id < topology.nodes.size(); ++id) {
      for (const auto& interface : topology.nodes[id].interfaces) {
        for (const auto& address : interface.addresses) owner_[address.value.address] = id;
      }
    }
  }

  // Empty when all ways lead there; else the way that does not.
  std::string lost(NodeId at, const IpAddress& to, std::vector<NodeId> way = {}) const {
    if (owner_.at(to) == at) return {};
    way.push_back(at);
    if (way.size() > 10) return show(way) + "... goes round";
    const Node& node = topology_.nodes[at];
    for (const auto& interface : node.interfaces) {
      for (const auto& address : interface.addresses) {
        if (address.value.contains(to)) return {};  // delivered on the segment
      }
    }
    if (way.size() > 1 && node.kind != NodeKind::router) return show(way) + " does not forward";
    const Route* best = nullptr;
    for (const auto& route : node.routes) {
      const bool longer =
          best == nullptr || route.route.destination.length > best->destination.length;
      if (route.route.destination.contains(to) && longer) best = &route.route;
    }
    if (best == nullptr) return show(way) + " has no route";
    for (const auto& hop : best->hops) {
      const std::string problem = lost(owner_.at(*hop.gateway), to, way);
      if (!problem.empty()) return problem;
    }
    return {};
  }

 private:
  std::string show(const std::vector<NodeId>& way) const {
    std::string out;
    for (const NodeId id : way) out += " " + topology_.nodes[id].name;
    return out;
  }

  const Topology& topology_;
  std::map<IpAddress, NodeId> owner_;
};

TEST(Routing, EveryWayThroughAFatTreeArrives) {
  const LabText lab = load_text(read_example("fat-tree.yaml"));
  ASSERT_FALSE(lab.diagnostics.has_errors());
  const Walker walker(lab.topology);
  std::size_t pairs = 0;
  for (NodeId from = 1; from < lab.topology.nodes.size(); ++from) {
    for (const auto& node : lab.topology.nodes) {
      for (const auto& interface : node.interfaces) {
        for (const auto& address : interface.addresses) {
          ++pairs;
          ASSERT_EQ(walker.lost(from, address.value.address), "");
        }
      }
    }
  }
  EXPECT_EQ(pairs, 36U * 96U * 2U);
}

TEST(Routing, UsesEqualWaysTogetherAndGivesHostsADefault) {
  const LabText lab = load_text(read_example("fat-tree.yaml"));
  const Node& host = lab.topology.nodes[node_id(lab.topology, "h0-0-0")];
  ASSERT_EQ(host.routes.size(), 2U) << "one a family";
  EXPECT_EQ(host.routes[0].route.destination.to_string(), "0.0.0.0/0");
  EXPECT_TRUE(host.routes[0].computed);
  const Node& edge = lab.topology.nodes[node_id(lab.topology, "edge0-0")];
  std::size_t multipath = 0;
  for (const auto& route : edge.routes) {
    if (route.route.hops.size() == 2) ++multipath;
  }
  // To the hosts of other edges: 14 subnets a family. All others are behind one of the two ways.
  EXPECT_EQ(multipath, 28U);
}

TEST(Routing, AHostWithTwoWaysGetsExactRoutes) {
  const LabText lab = load_text(R"(name: x
routing: static
nodes: {a: {}, r: {kind: router}, q: {kind: router}, b: {}, c: {}}
links:
- {endpoints: [a, r], subnet: 10.0.0.0/24}
- {endpoints: [a, q], subnet: 10.0.1.0/24}
- {endpoints: [r, b], subnet: 10.1.0.0/24}
- {endpoints: [q, c], subnet: 10.2.0.0/24}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  const auto& routes = lab.topology.nodes[node_id(lab.topology, "a")].routes;
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_EQ(routes[0].route.destination.to_string(), "10.1.0.0/24");
  EXPECT_EQ(routes[0].route.hops[0].gateway->to_string(), "10.0.0.2");
  EXPECT_EQ(routes[1].route.hops[0].gateway->to_string(), "10.0.1.2");
}

std::string routes_of(const LabText& lab, const std::string& node) {
  std::string out;
  for (const auto& step : lab.plan.steps) {
    const auto* add = std::get_if<AddRoute>(&step.operation);
    if (add == nullptr || lab.topology.nodes[add->node].name != node) continue;
    out += object_of(lab.topology, step.operation) + "\n";
  }
  return out;
}

// Straight to r it is one hop, and dear; by way of q two, and cheap.
constexpr const char* kTriangle = R"(name: x
routing: static
nodes: {{a: {{kind: router}}, q: {{kind: router}}, r: {{kind: router}}, h: {{}}}}
links:
- {{endpoints: [a, r], subnet: [10.0.0.0/24, "2001:db8:0::/64"], cost: {}}}
- {{endpoints: [a, q], subnet: [10.0.1.0/24, "2001:db8:1::/64"]}}
- {{endpoints: [q, r], subnet: [10.0.2.0/24, "2001:db8:2::/64"]}}
- {{endpoints: [r, h], subnet: [10.0.9.0/24, "2001:db8:9::/64"]}}
)";

TEST(Routing, CostsDecide) {
  const LabText cheap = load_text(fmt::format(kTriangle, 1));
  EXPECT_NE(routes_of(cheap, "a").find("10.0.9.0/24 via 10.0.0.2 dev eth0 in a\n"),
            std::string::npos);
  const LabText dear = load_text(fmt::format(kTriangle, 3));
  EXPECT_NE(routes_of(dear, "a").find("10.0.9.0/24 via 10.0.1.2 dev eth1 in a\n"),
            std::string::npos);
  EXPECT_NE(routes_of(dear, "a").find("2001:db8:9::/64 via 2001:db8:1::2 dev eth1 in a\n"),
            std::string::npos);
  const LabText equal = load_text(fmt::format(kTriangle, 2));
  EXPECT_NE(
      routes_of(equal, "a")
          .find("10.0.9.0/24 nexthop via 10.0.0.2 dev eth0 weight 1 nexthop via 10.0.1.2 dev eth1 "
                "weight 1 in a\n"),
      std::string::npos)
      << routes_of(equal, "a");
}

TEST(Routing, OnlyWhatForwardsIsGoneThrough) {
  std::string text = fmt::format(kTriangle, 3);
  text.replace(text.find("q: {kind: router}"), 17,
               "q: {kind: router, sysctls: {net.ipv4.ip_forward: 0}}");
  const LabText lab = load_text(text);
  ASSERT_EQ(lab.diagnostics.render(), "");
  const std::string routes = routes_of(lab, "a");
  EXPECT_NE(routes.find("10.0.9.0/24 via 10.0.0.2 dev eth0"), std::string::npos) << routes;
  EXPECT_NE(routes.find("2001:db8:9::/64 via 2001:db8:1::2 dev eth1"), std::string::npos) << routes;
  std::string host = fmt::format(kTriangle, 3);
  host.replace(host.find("q: {kind: router}"), 17, "q: {sysctls: {net.ipv4.ip_forward: 1}}");
  const LabText forwarding = load_text(host);
  EXPECT_NE(routes_of(forwarding, "a").find("10.0.9.0/24 via 10.0.1.2 dev eth1"),
            std::string::npos);
}

TEST(Routing, PointToPointLinksWithPeers) {
  const LabText lab = load_text(R"(name: x
routing: static
nodes: {a: {}, r: {kind: router}, b: {}}
links:
- endpoints: [a, r]
  ipv4: [{address: 10.0.0.1, peer: 10.0.0.2}, {address: 10.0.0.2, peer: 10.0.0.1}]
- {endpoints: [r, b], subnet: 10.1.0.0/24}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  EXPECT_EQ(routes_of(lab, "a"), "default via 10.0.0.2 dev eth0 in a\n");
  EXPECT_EQ(routes_of(lab, "b"), "default via 10.1.0.1 dev eth0 in b\n");
  EXPECT_EQ(routes_of(lab, "r"), "") << "it is in all of them";
}

TEST(Routing, TheFilesRoutesAreStronger) {
  const LabText lab = load_text(R"(name: x
routing: static
nodes:
  a: {routes: [default via 10.0.0.2]}
  r: {kind: router, routes: [10.2.0.0/24 via 10.1.0.2]}
  b: {kind: router}
  c: {}
links:
- {endpoints: [a, r], subnet: 10.0.0.0/24}
- {endpoints: [r, b], subnet: 10.1.0.0/24}
- {endpoints: [b, c], subnet: 10.2.0.0/24}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  EXPECT_EQ(lab.topology.nodes[node_id(lab.topology, "a")].routes.size(), 1U);
  EXPECT_EQ(lab.topology.nodes[node_id(lab.topology, "r")].routes.size(), 1U);
  EXPECT_FALSE(lab.topology.nodes[node_id(lab.topology, "r")].routes[0].computed);
}

}  // namespace
}  // namespace netyard::test
