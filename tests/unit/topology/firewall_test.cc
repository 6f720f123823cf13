// SPDX-License-Identifier: Apache-2.0
// `nftables:`, `nat:`, `conntrack:` and `uplink:`.
#include <gtest/gtest.h>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

std::string mistakes_of(const std::string& node) {
  return brief(load_text("nodes:\n  r: {kind: router, " + node +
                         "}\n  h: {}\nlinks:\n- {endpoints: [r, h], subnet: 10.0.0.0/24}\n")
                   .diagnostics);
}

TEST(Firewall, LinesOfARulesetKnowTheirPlaces) {
  const LabText lab = load_files({{"lab.yaml", R"(vars: {P: 80}
nodes:
  a:
    nftables:
      - |
        table ip t {

          chain c { tcp dport ${P} }
        }
      - {file: more.nft}
      - "table ip u { }"
)"},
                                  {"/more.nft", "table ip v {\n}\n"}});
  ASSERT_EQ(lab.diagnostics.render(), "");
  const Ruleset& ruleset = *lab.topology.nodes[1].ruleset;
  EXPECT_EQ(ruleset.title, "nftables");
  EXPECT_EQ(ruleset.text(),
            "table ip t {\n\n  chain c { tcp dport 80 }\n}\ntable ip v {\n}\ntable ip u { }\n");
  std::string places;
  for (const auto& line : ruleset.lines) places += line.at.to_string() + " ";
  EXPECT_EQ(places,
            "lab.yaml:6:9 lab.yaml:7:9 lab.yaml:8:9 lab.yaml:9:9 /more.nft:1:1 /more.nft:2:1 "
            "lab.yaml:11:9 ");
}

TEST(Firewall, NatIsOneTable) {
  const LabText lab = load_text(R"(nodes:
  r: {kind: router, nat: [eth0, {masquerade: eth1, from: "2001:db8::/64"},
      {forward: 8000-8003, protocol: [tcp, udp], to: "[2001:db8::2]:9000"}]}
  h: {}
links:
- {endpoints: [r, h]}
- {endpoints: [r, h]}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  EXPECT_EQ(lab.topology.nodes[1].ruleset->text(),
            "table inet netyard {\n"
            "chain prerouting { type nat hook prerouting priority dstnat;\n"
            "meta nfproto ipv6 fib daddr type local tcp dport 8000-8003 dnat ip6 to "
            "[2001:db8::2]:9000-9003\n"
            "meta nfproto ipv6 fib daddr type local udp dport 8000-8003 dnat ip6 to "
            "[2001:db8::2]:9000-9003\n"
            "}\n"
            "chain postrouting { type nat hook postrouting priority srcnat;\n"
            "oifname \"eth0\" meta nfproto ipv4 masquerade\n"
            "oifname \"eth1\" meta nfproto ipv6 ip6 saddr 2001:db8::/64 masquerade\n"
            "}\n"
            "}\n");
  EXPECT_NE(render_plan(lab.topology, lab.plan)
                .find("+ load ruleset masquerade eth0, masquerade eth1, forward 8000-8003 to "
                      "2001:db8::2:9000-9003 in r\n"),
            std::string::npos);
}

TEST(Firewall, MistakesAreFound) {
  const std::pair<const char*, const char*> kMistakes[] = {
      {"nat: eth9", "2:26: r has no interface 'eth9' | did you mean 'eth0'?\n"},
      {"nat: {type: symmetric}",
       "2:26: the item has none of masquerade, forward, one_to_one and "
       "cgnat\n"},
      {"nat: {masquerade: eth0, forward: 80}",
       "2:54: 'masquerade' and 'forward' are two ways of translating | make them two items of the "
       "list\n"},
      {"nat: {masquerade: eth0, to: 10.0.0.2}", "2:45: 'to' does not go with 'masquerade'\n"},
      {"nat: {forward: 80}", "2:26: 'forward' needs 'to'\n"},
      {"nat: {forward: 0, to: 10.0.0.2}",
       "2:36: '0' is no port and no range of them | as in 8080 or 8000-8010\n"},
      {"nat: {forward: 90-80, to: 10.0.0.2}",
       "2:36: '90-80' is no port and no range of them | as in 8080 or 8000-8010\n"},
      {"nat: {forward: 80, to: \"10.0.0.2:99999\"}",
       "2:44: '10.0.0.2:99999' is no address, nor one with a port | as in 10.0.0.2, 10.0.0.2:80 "
       "or [2001:db8::2]:80\n"},
      {"nat: {forward: 1-65535, to: \"10.0.0.2:2\"}", "2:49: the last port would be 65536\n"},
      {"nat: {forward: 80, to: 192.0.2.9, interface: eth0, hairpin: true}",
       "2:44: r has no interface in a subnet with 192.0.2.9: it cannot be a hairpin\n"},
      {"nat: {masquerade: eth0, type: full-cone, family: ipv6}",
       "2:26: a full-cone NAT is for IPv4\n"},
      {"nat: {masquerade: eth0, type: open}",
       "2:51: expected a type of NAT, found 'open' | one of port-restricted, restricted-cone, "
       "full-cone, symmetric\n"},
      {"nat: {one_to_one: 192.0.2.1, to: \"2001:db8::1\"}",
       "2:54: the inner and the outer address are of different families\n"},
      {"nat: {cgnat: eth0, subscribers: 100.64.0.0/22}",
       "2:26: 1024 subscribers with 1008 ports each need more than 1 address with 64 such blocks | "
       "give more addresses, or a smaller block\n"},
      {"nat: {cgnat: eth0, subscribers: 100.64.0.0/10}",
       "2:53: subscribers are at most 4096 IPv4 addresses\n"},
      {"conntrack: {udp: 10s}",
       "2:33: nothing in r follows connections | 'conntrack' goes with 'nat' or 'nftables'\n"},
      {"nat: eth0, conntrack: {ucp: 10s, udp: 1500ms}",
       "2:44: unknown key 'ucp' | did you mean 'udp'?\n"
       "2:59: the kernel counts these times in whole seconds\n"},
      {"uplink: true, routes: [default via 10.0.0.2]",
       "2:29: r has a default route already | an uplink brings one: remove the other\n"},
      {"uplink: {subnet: 10.9.0.0/24}", "2:38: an uplink has one IPv4 subnet of 30 bits\n"},
      {"nftables: {file: nowhere.nft}", "2:38: open /nowhere.nft: No such file or directory\n"},
  };
  for (const auto& [node, told] : kMistakes) EXPECT_EQ(mistakes_of(node), told) << node;
}

TEST(Firewall, AnUplinkIsALinkARouteAndATable) {
  const LabText lab = load_text(R"(name: x
routing: static
nodes: {a: {uplink: true}, r: {kind: router, uplink: {subnet: 198.19.0.4/30}}, h: {}}
links:
- {endpoints: [r, h], subnet: 10.0.0.0/24}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  const std::string plan = render_plan(lab.topology, lab.plan);
  for (const char* line :
       {"+ load ruleset table ip netyard_x in host\n", "+ load ruleset masquerade uplink in r\n",
        "+ add address 198.19.0.5/30 to ny", "+ add address 198.19.0.6/30 to uplink in r\n",
        "+ add route default via 198.19.0.5 dev uplink in r\n",
        "+ add route default via 10.0.0.1 dev eth0 in h (computed)\n"}) {
    EXPECT_NE(plan.find(line), std::string::npos) << line << plan;
  }
  const LabText same = load_text("name: y\nnodes: {a: {uplink: true}}\n");
  EXPECT_NE(same.topology.nodes[0].interfaces[0].name, lab.topology.nodes[0].interfaces[0].name);
}

}  // namespace
}  // namespace netyard::test
