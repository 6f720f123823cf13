// SPDX-License-Identifier: Apache-2.0
// What those behind a NAT, and those before it, see of it.
#include <sstream>
#include <string>

#include "e2e/workloads.h"

namespace netyard::test {
namespace {

class NatTest : public CleanNetnsTest {};

// in1 and in2 behind gw; out1, out2 and out3 before it.
std::string behind(const std::string& gateway) {
  return R"(name: nat
nodes:
  in1: {routes: [default via 10.0.0.3]}
  in2: {routes: [default via 10.0.0.3]}
  gw: {kind: router, )" +
         gateway + R"(}
  out1: {}
  out2: {}
  out3: {}
networks:
  lan: {endpoints: [in1, in2, "gw:lan"], subnet: 10.0.0.0/24}
  wan:
    endpoints:
    - {node: gw, interface: wan, ipv4: [192.0.2.1/24, 192.0.2.2/24]}
    - {node: out1, ipv4: 192.0.2.11/24}
    - {node: out2, ipv4: 192.0.2.12/24}
    - {node: out3, ipv4: 192.0.2.13/24}
)";
}

std::string probe(const std::string& inners = "in1") {
  return run("python3 " NETYARD_E2E "/nat_probe.py nat " + inners).text;
}

TEST_F(NatTest, EachTypeTreatsPeersItsOwnWay) {
  const std::pair<const char*, const char*> kTypes[] = {
      {"port-restricted", "same-mapping no-other-port no-other-address\n"},
      {"restricted-cone", "same-mapping other-port no-other-address\n"},
      {"full-cone", "same-mapping other-port other-address\n"},
      {"symmetric", "other-mapping no-other-port no-other-address\n"}};
  for (const auto& [type, seen] : kTypes) {
    const Lab lab(behind(fmt::format("nat: {{masquerade: wan, type: {}}}", type)));
    EXPECT_EQ(probe(), seen) << type;
  }
}

TEST_F(NatTest, TwoWithTheSamePortAreBothReached) {
  const Lab lab(behind("nat: {masquerade: wan, type: full-cone, from: 10.0.0.0/24}"));
  const std::string seen = probe("in1 in2");
  EXPECT_NE(seen.find("apart same-mapping other-port other-address\n"), std::string::npos) << seen;
}

TEST_F(NatTest, CarrierGradeNatGivesBlocksOfPorts) {
  const Lab lab(
      behind("nat: {cgnat: wan, subscribers: 10.0.0.0/28, addresses: 192.0.2.2, "
             "block: 1000, ports: 20000-35999}"));
  std::istringstream lines(probe("in1 in2"));
  std::string word;
  int first = 0, second = 0;
  while (lines >> word && word != "ports") {
  }
  lines >> first >> second;
  EXPECT_TRUE(first >= 21000 && first < 22000) << first << ": 10.0.0.1 is the second subscriber";
  EXPECT_TRUE(second >= 22000 && second < 23000) << second;
  EXPECT_EQ(netyard("exec in1 -- ping -c 1 -W 5 192.0.2.11").status, 0);
}

const char* const kServer =
    "run: {web: {command: [python3, -c, \"import socket\\ns = socket.create_server(('', 8000))\\n"
    "while True:\\n  c, a = s.accept()\\n  c.send(a[0].encode())\\n  c.close()\"], "
    "ready: {tcp: 8000}}}";

std::string ask(const std::string& node, const std::string& address, int port) {
  return netyard(fmt::format("exec {} -- python3 -c 'import socket; "
                             "s = socket.create_connection((\"{}\", {}), 3); "
                             "print(s.recv(100).decode())' 2>&1 | tail -n 1",
                             node, address, port))
      .text;
}

TEST_F(NatTest, ForwardsPortsAndAddresses) {
  std::string text = behind(
      "nat: [wan, {forward: 8080, to: '10.0.0.1:8000', interface: wan, hairpin: true}, "
      "{forward: 8081, to: '10.0.0.1:8000', interface: wan}, "
      "{one_to_one: 192.0.2.2, to: 10.0.0.1, interface: wan}]");
  text.replace(text.find("in1: {"), 6, std::string("in1: {") + kServer + ", ");
  const Lab lab(text);
  EXPECT_EQ(ask("out1", "192.0.2.1", 8080), "192.0.2.11\n");
  EXPECT_EQ(ask("out1", "192.0.2.1", 8081), "192.0.2.11\n");
  EXPECT_EQ(ask("out1", "192.0.2.2", 8000), "192.0.2.11\n");
  EXPECT_EQ(ask("in2", "192.0.2.1", 8080), "10.0.0.3\n") << "a hairpin comes from the router";
  EXPECT_NE(ask("in2", "192.0.2.1", 8081).find("Connection refused"), std::string::npos);
  EXPECT_EQ(netyard("exec in1 -- ping -c 1 -W 5 192.0.2.12").status, 0);
  EXPECT_NE(netyard("exec gw -- nft list ruleset").text.find("snat ip to 192.0.2.2"),
            std::string::npos);
}

TEST_F(NatTest, ConnectionsAreForgottenWhenTheFileSaysSo) {
  const Lab lab(behind("nat: wan, conntrack: {udp: 7s, udp_stream: 1m, tcp_established: 2h}"));
  EXPECT_EQ(netyard("exec gw -- sh -c 'cd /proc/sys/net/netfilter; cat nf_conntrack_udp_timeout "
                    "nf_conntrack_udp_timeout_stream nf_conntrack_tcp_timeout_established'")
                .text,
            "7\n60\n7200\n");
}

}  // namespace
}  // namespace netyard::test
