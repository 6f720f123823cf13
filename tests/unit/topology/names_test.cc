// SPDX-License-Identifier: Apache-2.0
// `hosts:` and `dns:`.
#include <gtest/gtest.h>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

const std::string kLocal =
    "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\n"
    "ff02::2\tip6-allrouters\n";

TEST(Names, EveryNodeKnowsAllOthers) {
  const LabText lab = load_text(R"(nodes:
  a: {}
  r: {kind: router, interfaces: {lo: {ipv4: 10.255.0.1/32}}}
  s: {kind: switch}
links:
- {endpoints: [a, s]}
- {endpoints: [r, s]}
- {endpoints: [r, host:v], ipv4: [10.1.0.2/24, 10.1.0.1/24]}
networks:
  lan: {endpoints: [a, r], subnet: [10.0.0.0/24, "2001:db8::/64"]}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  ASSERT_EQ(lab.topology.etc.size(), 1U);
  EXPECT_EQ(lab.topology.etc[0].text, kLocal +
                                          "10.0.0.1\ta a-eth1\n2001:db8::1\ta a-eth1\n"
                                          "10.255.0.1\tr r-lo\n10.1.0.2\tr-eth1\n"
                                          "10.0.0.2\tr-eth2\n2001:db8::2\tr r-eth2\n");
  EXPECT_TRUE(lab.topology.nodes[1].etc.empty());
}

TEST(Names, MoreNamesForAllAndForOne) {
  const LabText lab = load_text(R"(hosts: {api: 192.0.2.1, both: [192.0.2.2, "2001:db8::2"]}
dns: {servers: [192.0.2.53, "2001:db8::53"], search: lab.example, options: [ndots:2, rotate]}
nodes:
  a: {}
  b: {hosts: {mine: 192.0.2.3}, dns: none}
  c: {hosts: none, dns: 192.0.2.54}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  const std::string all = kLocal + "192.0.2.1\tapi\n192.0.2.2\tboth\n2001:db8::2\tboth\n";
  const EtcFile resolv{"resolv.conf",
                       "nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch lab.example\n"
                       "options ndots:2 rotate\n"};
  EXPECT_EQ(lab.topology.etc, (std::vector<EtcFile>{{"hosts", all}, resolv}));
  EXPECT_EQ(lab.topology.nodes[2].etc,
            (std::vector<EtcFile>{{"hosts", all + "192.0.2.3\tmine\n"}, {"resolv.conf", ""}}));
  EXPECT_FALSE(lab.topology.nodes[3].sees_lab_hosts);
  EXPECT_EQ(lab.topology.nodes[3].etc,
            (std::vector<EtcFile>{{"resolv.conf", "nameserver 192.0.2.54\n"}}));
  EXPECT_TRUE(load_text("hosts: none\nnodes: {a: }\n").topology.etc.empty());
}

TEST(Names, MistakesAreFound) {
  const LabText lab = load_text(R"(hosts: {a b: 192.0.2.1, x: nowhere, node: 192.0.2.1}
dns: {servers: [192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4], search: [a b], option: x}
nodes: {node: {hosts: some, dns: here}}
)");
  EXPECT_EQ(brief(lab.diagnostics),
            "1:9: 'a b' is no host name | letters, digits, '-', '.' and '_', at most 253 bytes\n"
            "1:28: 'nowhere' is no IP address\n"
            "2:50: resolvers ask 3 name servers at most\n"
            "2:71: 'a b' is more than a word\n"
            "2:77: unknown key 'option' | did you mean 'options'?\n"
            "3:23: expected all, none or a mapping of names, found 'some' | one of all, none\n"
            "3:34: 'here' is no IP address\n");
  EXPECT_EQ(brief(load_text("hosts: {a: 192.0.2.1}\nnodes: {a: }\n").diagnostics),
            "1:9: 'a' is a node: its addresses have its name already\n");
}

}  // namespace
}  // namespace netyard::test
