// SPDX-License-Identifier: Apache-2.0
// `nftables:`.
#include "e2e/workloads.h"

namespace netyard::test {
namespace {

class FirewallTest : public CleanNetnsTest {};

TEST_F(FirewallTest, RulesetsAreInForce) {
  run("printf 'table ip more { }\\n' >/run/more.nft");
  const Lab lab(R"(name: fw
nodes:
  a: {}
  b:
    nftables:
      - |
        table inet filter {
          chain input {
            type filter hook input priority filter
            iif eth0 icmp type echo-request drop
          }
        }
      - {file: more.nft}
links:
  - {endpoints: [a, b], subnet: 10.0.0.0/24}
)");
  EXPECT_EQ(netyard("exec a -- ping -c 1 -W 1 10.0.0.2").status, 1);
  EXPECT_EQ(netyard("exec b -- ping -c 1 -W 5 10.0.0.1").status, 0);
  EXPECT_EQ(netyard("exec b -- nft list tables").text, "table inet filter\ntable ip more\n");
  EXPECT_EQ(netyard("exec a -- nft list tables").text, "");
  run("rm /run/more.nft");
}

TEST_F(FirewallTest, ManyNodesOfOneRuleset) {
  std::string text = "name: fw\nnodes:\n";
  for (int i = 0; i < 40; ++i) {
    text += "  n" + std::to_string(i) + ": {nftables: 'table inet t { }'}\n";
  }
  const Lab lab(text);
  for (const char* node : {"n0", "n17", "n39"}) {
    EXPECT_EQ(netyard(std::string("exec ") + node + " -- nft list tables").text, "table inet t\n");
  }
}

TEST_F(FirewallTest, MistakesAreFoundBeforeAnythingIsMade) {
  const LabFile file(R"(name: fw
nodes:
  a:
    nftables: |
      table inet t {

        chain c {
          iif nowhere accept
          tcp dport 80 acept
        }
      }
  b: {nftables: {file: bad.nft}}
)");
  run("printf 'table inet t {\\n  chain c { bogus }\\n}\\n' >/run/bad.nft");
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1);
  for (const char* told :
       {"/run/lab.yaml:9:29: error: nft: syntax error, unexpected newline",
        "   9 |           tcp dport 80 acept\n     |                             ^\n",
        "/run/bad.nft:2:19: error: nft: "}) {
    EXPECT_NE(up.text.find(told), std::string::npos) << told << up.text;
  }
  run("sed -i '/acept/d' /run/lab.yaml");
  const Output again = netyard("up " + file.path());
  EXPECT_NE(again.text.find("/run/lab.yaml:8:15: error: nft: Interface does not exist"),
            std::string::npos)
      << again.text;
  run("rm /run/bad.nft");
  EXPECT_NE(netyard("check " + file.path()).text.find("bad.nft: No such file"), std::string::npos);
}

TEST_F(FirewallTest, WithoutNftItSaysWhatToInstall) {
  const LabFile file("name: fw\nnodes: {a: {nftables: 'table ip t { }'}}\n");
  const Output up = run("PATH=/nowhere " NETYARD_PROGRAM " up " + file.path());
  EXPECT_EQ(up.status, 1);
  EXPECT_NE(up.text.find("/run/lab.yaml:2:23: error: execute nft: No such file or directory"),
            std::string::npos)
      << up.text;
  EXPECT_NE(up.text.find("install nftables"), std::string::npos) << up.text;
}

}  // namespace
}  // namespace netyard::test
