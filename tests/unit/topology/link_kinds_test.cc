// SPDX-License-Identifier: Apache-2.0
// What a file may not say of links, and in which order links are made.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

struct Case {
  const char* link;
  const char* message;
};
class LinkMistake : public testing::TestWithParam<Case> {};

TEST_P(LinkMistake, IsFoundBeforeAnyChange) {
  const LabText lab = load_text(
      fmt::format("nodes: {{a: {{}}, b: {{}}, s: {{kind: switch, vlan_filtering: true}}}}\nlinks:\n"
                  "- {{endpoints: [a:eth0, b:eth0], ipv4: [10.0.0.1/24, 10.0.0.2/24]}}\n{}\n",
                  GetParam().link));
  EXPECT_NE(brief(lab.diagnostics).find(GetParam().message), std::string::npos)
      << brief(lab.diagnostics);
}

INSTANTIATE_TEST_SUITE_P(
    All, LinkMistake,
    testing::Values(
        Case{"- {type: vlan, endpoint: a:v, parent: eth0, id: 0}", "a number from 1 to 4094"},
        Case{"- {type: vlan, endpoint: a:v, parent: eth0, id: 4095}", "a number from 1 to 4094"},
        Case{"- {type: vlan, endpoint: a:v, id: 5}", "a vlan link needs 'parent'"},
        Case{"- {type: vlan, endpoint: a:v, parent: eth0, id: 5, mtu: 9000}",
             "v has an MTU of 9000, what it stands on, eth0, carries 1500"},
        Case{"- {type: vlan, endpoint: a:v, parent: w, id: 5}\n"
             "- {type: vlan, endpoint: a:w, parent: v, id: 6}",
             "these links of a need each other: v -> w -> v"},
        Case{"- {type: vrf, endpoint: a:r, table: 5}\n- {type: vrf, endpoint: a:q, table: 5}",
             "a:q has the same table as a:r"},
        Case{"- {type: vxlan, endpoint: a:v, vni: 5}\n- {type: vxlan, endpoint: a:w, vni: 5}",
             "a:w has the same VNI and port as a:v"},
        Case{"- {type: vxlan, endpoint: a:v, vni: 16777216}", "a number from 0 to 16777215"},
        Case{"- {type: vxlan, endpoint: a:v, vni: 5, local: 10.0.0.1, mtu: 1500}",
             "1450 would fit: 1500 less 50 (14 Ethernet, 8 VXLAN, 8 UDP, 20 IPv4)"},
        Case{"- {type: vxlan, endpoint: a:v, vni: 5, group: 239.1.1.1}", "needs 'parent'"},
        Case{"- {type: vxlan, endpoint: a:v, vni: 5, local: 10.0.0.1, remote: \"2001:db8::1\"}",
             "'local' is of another family than 'remote'"},
        Case{"- {type: gre, endpoint: a:g, remote: 10.0.0.2, pmtudisc: false, ttl: 7}",
             "'pmtudisc' cannot be with 'ttl: not inherit'"},
        Case{"- {type: gre, endpoint: a:gre0, remote: 10.0.0.2}",
             "gre0 is the name of a link that the kernel makes itself"},
        Case{"- {type: bond, endpoint: a:o, mode: 802.3ad, primary: eth0}",
             "'primary' needs 'mode"},
        Case{"- {type: bond, endpoint: a:o, updelay: 1s}", "'updelay' needs 'miimon"},
        Case{"- {type: bond, endpoint: a:o}\n"
             "- {type: dummy, endpoint: a:d, master: o, ipv4: 10.9.0.1/24}",
             "d is a port of a bond, and has no address of its own"},
        Case{"- {type: dummy, endpoint: a:d, master: eth0}",
             "a has no bridge, bond or vrf 'eth0': it is a veth"},
        Case{"- {endpoints: [a:e, {node: s, interface: p, vlans: [1 pvid, 2 pvid]}]}",
             "p has two VLANs with 'pvid'"},
        Case{"- {endpoints: [a:e, {node: s, interface: p, vlans: [5000]}]}", "'5000' is no VLAN"},
        Case{"- {endpoints: [{node: a, interface: e, vlans: [5]}, b:e]}",
             "e has VLANs, but is no port of a bridge"},
        Case{"- {endpoints: [a:e, {node: s, interface: p, port: {isolatde: true}}]}",
             "a port of a bridge has no 'isolatde' | did you mean 'isolated'?"},
        Case{"- {endpoints: [{node: a, interface: e, port: {isolated: true}}, b:e]}",
             "e is no port of a bridge or a bond"},
        Case{"- {type: wireguard, endpoint: a:w, peers: [\"b:w\"]}",
             "there is no wireguard link 'b:w'"},
        Case{"- {type: wireguard, endpoint: a:w, private_key: c2hvcnQ=}",
             "this is no WireGuard key"},
        Case{"- {type: wireguard, endpoint: a:w, peers: [\"b:w\"]}\n"
             "- {type: wireguard, endpoint: b:w}",
             "b:w does not have a:w as its peer"},
        Case{"- {type: wireguard, endpoint: a:w, listen_port: 7}\n"
             "- {type: wireguard, endpoint: a:u, listen_port: 7}",
             "a:w listens on UDP port 7 already"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0, peers: [\"b:m\"]}",
             "there is no macsec link 'b:m'"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0, peers: [\"b:m\"]}\n"
             "- {type: macsec, endpoint: b:m, parent: eth0}",
             "b:m has no peers, and nothing to protect what it sends with | give it peers: "
             "[\"a:m\"]"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0, key: 0123456789abcdef}",
             "this is no MACsec key"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0, cipher: gcm-aes-256, key: "
             "\"000102030405060708090a0b0c0d0e0f\"}",
             "gcm-aes-256 has keys of 64 hexadecimal digits, this has 32"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0, peers: [\"b:m\"]}\n"
             "- {type: macsec, endpoint: b:m, parent: eth0, cipher: gcm-aes-256, peers: [\"a:m\"]}",
             "a:m and b:m differ in 'cipher', and would drop each other's frames"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0}\n"
             "- {type: macsec, endpoint: a:n, parent: eth0}",
             "a:m and a:n have one secure channel identifier"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0, peers: [\"b:m\"]}\n"
             "- {type: macsec, endpoint: b:m, parent: eth0, key: "
             "\"000102030405060708090a0b0c0d0e0f\"}",
             "b:m does not have a:m as its peer, and drops what it sends"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0, peers: [\"a:m\"]}",
             "a link is no peer of itself"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0, peers: [\"b:m\", \"b:m\"]}\n"
             "- {type: macsec, endpoint: b:m, parent: eth0, peers: [\"a:m\"]}",
             "is the same"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0, peers: [{mac: \"02:00:00:00:00:99\"}]}",
             "a peer outside of the lab needs one of 'key' and 'key_file'"},
        Case{"- {type: macsec, endpoint: a:m, parent: eth0, peers: [{peer: \"b:m\", port: 7}]}\n"
             "- {type: macsec, endpoint: b:m, parent: eth0, peers: [\"a:m\"]}",
             "'port' of a peer in the lab is said by its own link"}));

TEST(Macsec, WhoAPeerIsFollowsFromTheLab) {
  const LabText lab = load_text(R"(name: x
nodes: {a: {}, b: {}}
links:
- {endpoints: [a, b], mac: ["02:00:00:00:00:0a", "02:00:00:00:00:0b"]}
- {type: macsec, endpoint: a:ms0, parent: eth0, ipv4: 10.8.0.1/24, peers: ["b:ms0"]}
- {type: macsec, endpoint: b:ms0, parent: eth0, ipv4: 10.8.0.2/24, port: 7, encoding_sa: 2,
   cipher: gcm-aes-128, peers: ["a:ms0", {mac: "02:00:00:00:00:99", port: 3, encoding_sa: 1,
   key: "000102030405060708090A0B0C0D0E0F"}]}
)");
  ASSERT_EQ(brief(lab.diagnostics), "");
  const PlannedMacsec& a = *lab.topology.links[1].macsec;
  EXPECT_EQ(format_macsec_sci(a.sci), "02000000000a0001");
  ASSERT_EQ(a.peers.size(), 1U);
  EXPECT_EQ(format_macsec_sci(a.peers[0].sci), "02000000000b0007");
  EXPECT_EQ(a.peers[0].association, 2);
  const PlannedMacsec& b = *lab.topology.links[2].macsec;
  ASSERT_EQ(b.peers.size(), 2U);
  EXPECT_EQ(format_macsec_sci(b.peers[1].sci), "0200000000990003");
  EXPECT_EQ(b.peers[1].key->bytes[15], 0x0f);
  EXPECT_EQ(lab.topology.interface(lab.topology.links[1].end).segment,
            lab.topology.interface(lab.topology.links[2].end).segment);
  const std::string plan = render_plan(lab.topology, lab.plan);
  EXPECT_NE(plan.find("set macsec ms0 with 2 peers in b"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("0001020304"), std::string::npos) << "a key is never shown";
}

// No mistake shows the line with the key.
TEST(Macsec, KeysAreNotShown) {
  const LabText lab = load_text(R"(name: x
nodes: {a: {}}
links:
- {type: dummy, endpoint: a:d0}
- {type: macsec, endpoint: a:m, parent: d0, cipher: gcm-aes-256, key: 00112233445566778899aabbccddeeff}
)");
  EXPECT_TRUE(lab.diagnostics.has_errors());
  EXPECT_EQ(lab.diagnostics.render().find("00112233"), std::string::npos)
      << lab.diagnostics.render();
}

TEST(LinkOrder, ParentsAndMastersComeFirst) {
  const LabText lab = load_text(R"(name: x
nodes: {a: {}, b: {}}
links:
- {type: vlan, endpoint: a:v7, parent: bond0, id: 7, master: red, ipv4: 10.7.0.1/24}
- {endpoints: [{node: a, interface: eth0, master: bond0}, b:eth0]}
- {type: bond, endpoint: a:bond0, mode: active-backup, miimon: 100ms, primary: eth0}
- {type: vrf, endpoint: a:red, table: 7}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  const std::string plan = render_plan(lab.topology, lab.plan);
  std::size_t at = 0;
  for (const char* step :
       {"create link bond0 (bond)", "create link red (vrf)", "create link eth0 (veth) on bond0",
        "create link v7 (vlan) on red over bond0", "set link bond0 primary eth0"}) {
    const std::size_t found = plan.find(step, at);
    ASSERT_NE(found, std::string::npos) << step << " in\n" << plan;
    at = found;
  }
}

TEST(WireGuard, WhatAPeerIsFollowsFromTheLab) {
  const LabText lab = load_text(R"(name: x
nodes: {a: {}, b: {}}
links:
- {endpoints: [a, b], ipv4: [10.0.0.1/24, 10.0.0.2/24]}
- {type: wireguard, endpoint: a:wg0, ipv4: 10.8.0.1/24, peers: ["b:wg0"]}
- {type: wireguard, endpoint: b:wg0, ipv4: 10.8.0.2/24, listen_port: 7, peers: ["a:wg0"]}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  const auto& peer = lab.topology.links[1].wireguard->peers.at(0);
  EXPECT_EQ(peer.endpoint->to_string(), "10.0.0.2:7");
  EXPECT_EQ(peer.allowed_ips.at(0).to_string(), "10.8.0.2/32");
  EXPECT_EQ(lab.topology.links[2].wireguard->peers.at(0).endpoint->port, 51820);
}

TEST(Segments, LargeOnesWithIpv6AreWarnedOfWithNumbers) {
  std::string text = "name: x\nnodes:\n  s: {kind: switch, subnet: \"2001:db8::/64\"}\n";
  std::string links = "links:\n";
  for (int i = 0; i < 300; ++i) {
    text += fmt::format("  h{}: {{}}\n", i);
    links += fmt::format("- {{endpoints: [h{}, s]}}\n", i);
  }
  const LabText lab = load_text(text + links);
  ASSERT_FALSE(lab.diagnostics.has_errors());
  EXPECT_NE(brief(lab.diagnostics).find("a segment of 300 ends, 300 of them with IPv6"),
            std::string::npos)
      << brief(lab.diagnostics);
  const auto& sysctls = lab.topology.nodes[node_id(lab.topology, "h0")].early_sysctls;
  EXPECT_EQ(sysctls.front().path, "net/ipv6/conf/default/addr_gen_mode");
}

}  // namespace
}  // namespace netyard::test
