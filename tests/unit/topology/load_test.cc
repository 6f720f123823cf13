// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/lab_text.h"
#include "topology/schema.h"

namespace netyard::test {
namespace {

TEST(Load, ReadsEverythingAFileCanSay) {
  const LabText lab = load_text(R"(name: big
routing: static
nodes:
  h1:
    routes: ["10.9.0.0/16 via 10.0.0.2 dev eth0 metric 5 table 100 src 10.0.0.1"]
    sysctls: {net.ipv4.ip_forward: true, net/ipv4/conf/eth0/rp_filter: 2}
    exec: ["echo 'a b' c", [echo, "$$x"]]
  r1: {kind: router, interfaces: {lo: {ipv4: 10.255.0.1}, eth0: {mtu: 1300}}}
  s1: {kind: switch, stp: true, group_fwd_mask: 8, subnet: 10.1.0.0/24}
links:
  - endpoints: [h1:eth0, {node: r1, interface: eth0, mac: "02:00:00:00:00:01"}]
    ipv4: [10.0.0.1/24, [10.0.0.2/24, 10.0.0.3/24]]
  - {type: vxlan, endpoint: r1:vx0, vni: 7, remote: 10.0.0.1, learning: off}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  const spec::Node& h1 = lab.file.nodes[0];
  EXPECT_EQ(lab.file.name.value, "big");
  EXPECT_EQ(h1.routes[0].metric->value, 5U);
  EXPECT_EQ(h1.routes[0].table->value, 100U);
  EXPECT_EQ(h1.routes[0].source->value.to_string(), "10.0.0.1");
  EXPECT_EQ(h1.sysctls[0].value, "1");
  EXPECT_EQ(h1.sysctls[1].path, "net/ipv4/conf/eth0/rp_filter");
  EXPECT_EQ(h1.exec[0].argv, (std::vector<std::string>{"echo", "a b", "c"}));
  EXPECT_EQ(h1.exec[1].argv[1], "$x");
  EXPECT_EQ(lab.file.nodes[1].interfaces[0].addresses[0].value.to_string(), "10.255.0.1/32");
  EXPECT_EQ(lab.file.nodes[2].bridge.size(), 2U);
  EXPECT_EQ(lab.file.links[0].endpoints[1].interface.addresses.size(), 2U);
  EXPECT_EQ(lab.file.links[0].endpoints[1].interface.mac->value.to_string(), "02:00:00:00:00:01");
  EXPECT_EQ(lab.file.links[1].settings.size(), 3U);
}

TEST(Load, NamesALabByItsFile) {
  const auto name_of = [](const std::string& path) {
    Diagnostics diagnostics;
    return spec::load(
               path, [](const auto&) { return "nodes: {a: {}}\n"; }, {}, diagnostics)
        .name.value;
  };
  EXPECT_EQ(name_of("x/two-sites.netyard.yaml"), "two-sites");
  EXPECT_EQ(name_of("lan.yml"), "lan");
  EXPECT_EQ(name_of("/labs/office/netyard.yaml"), "office");
  EXPECT_EQ(name_of("netyard.yaml"), "netyard");
}

TEST(Load, VariablesDefaultsAndIncludesWorkTogether) {
  spec::LoadOptions options;
  options.vars["MTU"] = "9000";
  const LabText lab =
      load_files({{"lab.yaml",
                   "include: [parts/a.yaml, parts/b.yaml]\nvars: {NET: 10.5, MTU: 1400, N: a}\n"
                   "defaults: {link: {mtu: \"${MTU}\"}, node: {sysctls: {net.ipv4.tcp_ecn: 1}}}\n"
                   "nodes: {c: {sysctls: {net.ipv4.tcp_ecn: 0}}}\n"
                   "links: [{endpoints: [\"${N}\", c], subnet: \"${SUB}\"}]\n"},
                  {"parts/a.yaml",
                   "vars: {NET: 10.1, SUB: \"${NET}.0.0/24\"}\nnodes: {a: {}}\ninclude: b.yaml\n"},
                  {"parts/b.yaml", "nodes: {b: {}}\n"}},
                 options);
  ASSERT_EQ(lab.diagnostics.render(), "");
  ASSERT_EQ(lab.file.nodes.size(), 3U) << "b is included once";
  EXPECT_EQ(lab.file.nodes[0].name.value, "b");
  EXPECT_EQ(lab.file.nodes[2].sysctls[0].value, "0");
  EXPECT_EQ(lab.file.nodes[1].sysctls[0].value, "1");
  EXPECT_EQ(lab.file.links[0].subnets[0].value.to_string(), "10.5.0.0/24");
  EXPECT_EQ(lab.file.links[0].mtu->value, 9000U);
}

TEST(Load, IncludesThatGoRoundOrAreMissing) {
  const LabText circle =
      load_files({{"lab.yaml", "include: a.yaml\n"}, {"a.yaml", "include: lab.yaml\n"}});
  EXPECT_EQ(circle.diagnostics.items()[0].message,
            "include goes round in a circle: lab.yaml -> a.yaml -> lab.yaml");
  const LabText missing = load_text("include: nowhere.yaml\nnodes: {a: {}}\n");
  EXPECT_EQ(missing.diagnostics.render(),
            "lab.yaml:1:10: error: include: open nowhere.yaml: No such file or directory\n"
            "   1 | include: nowhere.yaml\n     |          ^\n");
  const LabText twice = load_files(
      {{"lab.yaml", "include: a.yaml\nnodes: {x: {}}\n"}, {"a.yaml", "nodes: {x: {}}\n"}});
  EXPECT_EQ(twice.diagnostics.items()[0].message, "node 'x' is here twice; first at a.yaml:1:9");
}

struct Bad {
  const char* text;     // of the file
  const char* message;  // "line:column: severity: message | hint" of each diagnostic
};

class BadFile : public testing::TestWithParam<Bad> {};

TEST_P(BadFile, IsExplained) {
  const Diagnostics diagnostics = load_text(GetParam().text).diagnostics;
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(brief(diagnostics), std::string(GetParam().message) + "\n") << GetParam().text;
}

#define LINK(rest) "nodes: {a: {}, b: {}}\nlinks:\n- " rest "\n"
#define NODE(rest) "nodes:\n  a: " rest "\n"

INSTANTIATE_TEST_SUITE_P(
    Top, BadFile,
    testing::Values(
        Bad{"[]",
            "1:1: a topology file is a mapping, this is a list | it begins with keys such as "
            "'name:', 'nodes:' and 'links:'"},
        Bad{"name: x\n", "1:1: the file has no nodes | add 'nodes:'"},
        Bad{"nodes: {a: {}}\nnods: 1\n", "2:1: unknown key 'nods' | did you mean 'nodes'?"},
        Bad{"topology: {}\n",
            "1:11: this looks like a containerlab file, which netyard does not read yet | "
            "a netyard file has 'nodes:' and 'links:' at the top"},
        Bad{"name: a b\nnodes: {a: {}}\n",
            "1:7: 'a b' is no name of a lab: only letters, digits, '_' and '-' are allowed"},
        Bad{"nodes: []\n", "1:8: expected a mapping of nodes, found a list"},
        Bad{"nodes: {a: {}}\nlinks: {}\n", "2:8: expected a list of links, found a mapping"},
        Bad{"nodes: {a: {}}\nrouting: ospf\n",
            "2:10: unknown way of routing 'ospf' | there are none and static"},
        Bad{"nodes: {a: {}}\nvars: [x]\n", "2:7: expected a mapping, found a list"},
        Bad{"vars: {X: \"${Y}\", Y: \"${X}\"}\nnodes: {a: {}}\n",
            "1:11: variable 'X' is defined by itself"},
        Bad{"vars: {SITE: x}\nnodes: {\"${SIT}\": {}}\n",
            "2:9: variable 'SIT' is not set | did you mean 'SITE'?\n2:9: '' is no name of a node: "
            "it is empty"},
        Bad{"nodes: {a: {}}\ndefaults: {lnik: {}}\n",
            "2:12: unknown key 'lnik' | did you mean 'link'?"},
        Bad{"nodes: {a: {}}\ndefaults: {link: {endpoints: []}}\n",
            "2:19: 'endpoints' cannot be a default of links"},
        Bad{"nodes: {host: {}}\n",
            "1:9: a node cannot be called 'host' | in endpoints, host:IF is the "
            "namespace that netyard runs in"},
        Bad{"nodes: {-a: {}}\n",
            "1:9: '-a' is no name of a node: it must begin with a letter or a digit"}));

INSTANTIATE_TEST_SUITE_P(
    Nodes, BadFile,
    testing::Values(
        Bad{NODE("5"), "2:6: expected a mapping, found text"},
        Bad{NODE("{kind: swich}"), "2:13: unknown kind of node 'swich' | did you mean 'switch'?"},
        Bad{NODE("{stp: true}"),
            "2:12: 'stp' is for switches, this node is a host | add 'kind: switch'"},
        Bad{NODE("{kind: switch, stp: maybe}"),
            "2:26: 'maybe' is not right for stp: expected true or false | run the spanning tree "
            "protocol"},
        Bad{NODE("{subnet: 10.0.0.0/24}"),
            "2:15: 'subnet' is for switches, this node is a host | give the "
            "subnet to a link, or add 'kind: switch'"},
        Bad{NODE("{sysctls: {kernel.hostname: x}}"),
            "2:17: 'kernel.hostname' is no sysctl of a network namespace | they begin with net., "
            "as in "
            "net.ipv4.ip_forward"},
        Bad{NODE("{sysctls: {net.ipv4/../../x: 1}}"),
            "2:17: 'net.ipv4/../../x' is no sysctl of a network namespace | they begin with net., "
            "as in "
            "net.ipv4.ip_forward"},
        Bad{NODE("{sysctls: {net.ipv4.conf.eth9.rp_filter: 1}}"),
            "2:17: a has no interface 'eth9'"},
        Bad{NODE("{exec: [\"echo 'x\"]}"), "2:14: not a command line: the quote ' is not closed"},
        Bad{NODE("{exec: [[]]}"), "2:14: the command is empty"},
        Bad{NODE("{exec: ls}"), "2:13: expected a list of commands, found text"},
        Bad{NODE("{routes: [default]}"), "2:16: the route has neither 'via' nor 'dev'"},
        Bad{NODE("{routes: [default via]}"), "2:16: 'via' has no value"},
        Bad{NODE("{routes: [default via 10.0.0.x]}"), "2:16: '10.0.0.x' is no IP address"},
        Bad{NODE("{routes: [10.0.0.1/8 dev lo]}"),
            "2:16: 10.0.0.1/8 has host bits | the destination is 10.0.0.0/8"},
        Bad{NODE("{routes: [{via: 10.0.0.1}]}"), "2:16: the route has no 'to'"},
        Bad{NODE("{routes: [default gw 10.0.0.1]}"), "2:16: unknown key 'gw'"},
        Bad{NODE("{interfaces: {eth9: {mtu: 1400}}}"), "2:20: a has no interface 'eth9'"},
        Bad{NODE("{interfaces: {lo: {mtu: 20}}}"),
            "2:30: expected a number from 68 to 65535, found '20'"}));

INSTANTIATE_TEST_SUITE_P(
    Links, BadFile,
    testing::Values(
        Bad{LINK("{endpoints: [a:x]}"),
            "3:15: a veth has two ends, here are 1 | more ends make a segment: see "
            "'networks:'"},
        Bad{LINK("{endpoint: a:x}"),
            "3:14: a veth has two ends | write endpoints: [NODE:IF, NODE:IF]"},
        Bad{LINK("{}"), "3:3: the link has no 'endpoints'"},
        Bad{LINK("{type: vxln, endpoint: a:x}"),
            "3:10: unknown kind of link 'vxln' | did you mean 'vxlan'?"},
        Bad{LINK("{type: vxlan, endpoint: a:x}"),
            "3:3: a vxlan link needs 'vni' | VXLAN network identifier"},
        Bad{LINK("{type: vxlan, endpoint: a:x, vni: 16777216}"),
            "3:37: '16777216' is not right for vni: expected a number from 0 to 16777215 | VXLAN "
            "network "
            "identifier"},
        Bad{LINK("{type: macvlan, endpoint: a:x}"),
            "3:3: a macvlan link needs 'parent', the link it stands on"},
        Bad{LINK("{type: macvlan, endpoint: a:x, parent: b:y}"),
            "3:42: the parent is in b, the link in a | a parent is an interface of the same node, "
            "or host:IF"},
        Bad{LINK("{type: macvlan, endpoint: a:x, parent: y}"),
            "3:42: a has no interface 'y' | did you mean 'x'?"},
        Bad{LINK("{type: ifb, endpoint: a:x, parent: y}"), "3:38: a ifb link has no parent"},
        Bad{LINK("{type: physical, endpoint: a:x}"),
            "3:3: a physical link needs 'host', the name of the link on the host"},
        Bad{LINK("{endpoints: [a:x, \"b:0123456789abcdef\"]}"),
            "3:21: interface name '0123456789abcdef' has 16 bytes; the kernel takes at most 15"},
        Bad{LINK("{endpoints: [a:x, \"b:a/b\"]}"), "3:21: an interface name has no '/': 'a/b'"},
        Bad{LINK("{endpoints: [a:x, \"b:..\"]}"),
            "3:21: an interface cannot be called '.' or '..'"},
        Bad{LINK("{endpoints: [a:x, \"b:\"]}"), "3:21: an interface name is empty"},
        Bad{LINK("{endpoints: [a:x, c:y]}"), "3:21: there is no node 'c' | did you mean 'a'?"},
        Bad{LINK("{endpoints: [a:x, {interface: y}]}"), "3:21: the endpoint has no 'node'"},
        Bad{LINK("{endpoints: [a:x, a:x]}"),
            "3:21: a has an interface 'x' already; first at lab.yaml:3:16 | an interface is the "
            "end of one link"},
        Bad{LINK("{endpoints: [a:lo, b:x]}"),
            "3:16: a has an interface 'lo' already; first at lab.yaml:1:9 | an interface is the "
            "end of one link"},
        Bad{LINK("{endpoints: [host:x, host:y]}"),
            "3:3: both ends are on the host | one end belongs to a node"},
        Bad{LINK("{endpoints: [host, a]}"),
            "3:16: an end on the host needs a name | write host:NAME"},
        Bad{LINK("{endpoints: [a, b], mtu: 1e3}"),
            "3:28: expected a number from 68 to 65535, found '1e3'"},
        Bad{LINK("{endpoints: [a, b], mac: [\"01:00:00:00:00:01\"]}"),
            "3:29: 01:00:00:00:00:01 cannot be the address of a link | the first byte of a unicast "
            "address is "
            "even, and the address not all zero"},
        Bad{LINK("{endpoints: [a, b], ipv4: [10.0.0.1]}"),
            "3:30: 10.0.0.1 has no prefix length | write it: 10.0.0.1/24"},
        Bad{LINK("{endpoints: [a, b], ipv4: [\"2001:db8::1/64\"]}"),
            "3:30: 2001:db8::1/64 is IPv6, expected IPv4 here"},
        Bad{LINK("{endpoints: [a, b], ipv4: [10.0.0.0/24]}"),
            "3:30: 10.0.0.0/24 is the address of the network, not of a host in it"},
        Bad{LINK("{endpoints: [a, b], ipv4: [10.0.0.255/24]}"),
            "3:30: 10.0.0.255/24 is the broadcast address of its network"},
        Bad{LINK("{endpoints: [a, b], ipv4: [\"\", \"\", 10.0.0.1/24]}"),
            "3:38: 'ipv4' has 3 values, the link has 2 ends"},
        Bad{LINK("{endpoints: [a, b], subnet: 10.0.0.1/24}"),
            "3:31: 10.0.0.1/24 has host bits | the subnet is 10.0.0.0/24"},
        Bad{LINK("{endpoints: [a, b], subnet: [10.0.0.0/24, 10.1.0.0/24]}"),
            "3:45: a second IPv4 subnet; one a family is enough"},
        Bad{LINK("{endpoints: [a, b], subnet: 224.0.0.0/24}"),
            "3:31: 224.0.0.0/24 is no subnet for hosts"},
        Bad{"nodes: {a: {}}\nnetworks: {lan: {}}\n", "2:12: network 'lan' has no 'endpoints'"},
        Bad{"nodes: {a: {}}\nnetworks: {a-name-that-is-long: {endpoints: [a]}}\n",
            "2:12: the bridge of a network has its name, and interface name 'a-name-that-is-long' "
            "has 19 bytes; "
            "the kernel takes at most 15"}));

TEST(Load, SetNeedsAVariable) {
  spec::LoadOptions options;
  options.vars["MUT"] = "1";
  const LabText lab = load_files({{"lab.yaml", "vars: {MTU: 2}\nnodes: {a: {}}\n"}}, options);
  EXPECT_EQ(brief(lab.diagnostics),
            "0:0: --set MUT: the file has no variable 'MUT' | did you mean 'MTU'?\n");
}

TEST(Load, AMistakeInADefaultIsToldOnce) {
  const LabText lab =
      load_text("nodes: {a: {}, b: {}, c: {}}\ndefaults: {node: {sysctls: {bad: 1}}}\n");
  EXPECT_EQ(lab.diagnostics.errors(), 1U);
}

TEST(Schema, IsJsonAndKnowsTheKeys) {
  const std::string schema = json_schema();
  for (const char* key :
       {"\"nodes\"", "\"endpoints\"", "\"vni\"", "\"stp\"", "\"routing\"", "\"physical\""}) {
    EXPECT_NE(schema.find(key), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace netyard::test
