// SPDX-License-Identifier: Apache-2.0
// `up` on a lab that is up: it becomes what the file says, as a fresh one would be, and nothing
// else is disturbed.
#include <fmt/format.h>

#include <algorithm>

#include "e2e/picture.h"
#include "e2e/program.h"

namespace netyard::test {
namespace {

using nlohmann::json;

class ConvergeTest : public CleanNetnsTest {
 protected:
  static Output up(const std::string& text) {
    const LabFile file(text);
    return netyard("up " + file.path());
  }
  static Output plan(const std::string& text) {
    const LabFile file(text);
    return netyard("plan " + file.path());
  }
  void TearDown() override {
    EXPECT_EQ(netyard("down c").status, 0);
    CleanNetnsTest::TearDown();
  }
};

std::string lab(const std::string& nodes, const std::string& links) {
  return "name: c\nnodes:\n" + nodes + "links:\n" + links;
}

const std::string kNodes = "  a: {}\n  b: {}\n  r: {kind: router}\n  s: {kind: switch}\n";
const std::string kLinks =
    "  - {endpoints: ['a:eth0', 's:p1'], ipv4: [10.0.0.2/24, '']}\n"
    "  - {endpoints: ['b:eth0', 's:p2'], ipv4: [10.0.0.3/24, '']}\n"
    "  - {endpoints: ['r:eth0', 's:p3'], ipv4: [10.0.0.1/24, '']}\n";

TEST_F(ConvergeTest, ASecondUpChangesNothing) {
  ASSERT_EQ(up(lab(kNodes, kLinks)).status, 0);
  const json before = picture("c");
  const std::string inodes = run("ls -i /run/netns").text;
  const Output again = up(lab(kNodes, kLinks));
  EXPECT_EQ(again.status, 0);
  EXPECT_NE(again.text.find("nothing to do"), std::string::npos) << again.text;
  EXPECT_EQ(plan(lab(kNodes, kLinks)).text, "c: up, no change\n");
  EXPECT_EQ(plan(lab(kNodes, kLinks)).status, 0);
  EXPECT_EQ(run("ls -i /run/netns").text, inodes);
  EXPECT_EQ(picture("c"), before);
}

TEST_F(ConvergeTest, WhatChangedIsChangedInPlace) {
  ASSERT_EQ(up(lab(kNodes, kLinks)).status, 0);
  const std::string inodes = run("ls -i /run/netns").text;
  const std::string number = run("ip -n c.a -o link show eth0").text.substr(0, 4);
  std::string links = kLinks;
  links.replace(links.find("ipv4: [10.0.0.3/24"), 18, "mtu: 1400, ipv4: [10.0.0.33/24");
  const Output shown =
      plan(lab("  a: {routes: [default via 10.0.0.1]}\n" + kNodes.substr(8), links));
  EXPECT_EQ(shown.status, 10);
  EXPECT_EQ(shown.text,
            "- remove address 10.0.0.3/24 of eth0 in b\n"
            "~ set link eth0 mtu 1400 in b (was: mtu 1500)\n"
            "~ set link p2 mtu 1400 in s (was: mtu 1500)\n"
            "+ add route default via 10.0.0.1 dev eth0 in a\n"
            "+ add address 10.0.0.33/24 to eth0 in b\n"
            "~ write /etc/hosts of the nodes\n"
            "c: up, 6 changes\n");
  ASSERT_EQ(up(lab("  a: {routes: [default via 10.0.0.1]}\n" + kNodes.substr(8), links)).status, 0);
  EXPECT_EQ(run("ls -i /run/netns").text, inodes);
  EXPECT_EQ(run("ip -n c.a -o link show eth0").text.substr(0, 4), number);
  EXPECT_EQ(netyard("exec c/a -- ping -c1 -W2 10.0.0.33").status, 0);
}

TEST_F(ConvergeTest, NodesComeAndGo) {
  ASSERT_EQ(up(lab(kNodes, kLinks)).status, 0);
  const std::string mac = run("ip -n c.a -o link show eth0").text;
  const std::string nodes = "  new: {}\n  a: {}\n  b: {}\n  s: {kind: switch}\n";
  const std::string links = "  - {endpoints: ['new:eth0', 's:p9'], ipv4: [10.0.0.9/24, '']}\n" +
                            kLinks.substr(0, kLinks.find("  - {endpoints: ['r:eth0'"));
  const Output changed = up(lab(nodes, links));
  ASSERT_EQ(changed.status, 0) << changed.text;
  EXPECT_EQ(run("ip netns list | cut -d' ' -f1 | sort").text, "c.a\nc.b\nc.new\nc.s\n");
  EXPECT_EQ(run("ip -n c.a -o link show eth0").text, mac);
  EXPECT_EQ(netyard("exec c/a -- ping -c1 -W2 10.0.0.9").status, 0);
  EXPECT_EQ(plan(lab(nodes, links)).status, 0);
}

TEST_F(ConvergeTest, WhatHandsDidIsRepaired) {
  const std::string text =
      lab("  a: {routes: [10.9.0.0/16 via 10.0.0.1]}\n" + kNodes.substr(8), kLinks);
  ASSERT_EQ(up(text).status, 0);
  const json before = picture("c");
  for (const char* hand :
       {"ip -n c.a link set eth0 down", "ip -n c.a addr del 10.0.0.2/24 dev eth0",
        "ip -n c.a route del 10.9.0.0/16", "ip -n c.a route replace 10.9.0.0/16 via 10.0.0.3",
        "ip -n c.s link set p2 nomaster", "ip -n c.s link del p1",
        "ip -n c.b link set eth0 mtu 1280", "ip netns del c.r", "ip -n c.s link del br0",
        "ip -n c.b link set eth0 down; ip -n c.b link set eth0 name mine",
        "ip netns exec c.r sysctl -qw net.ipv4.ip_forward=0",
        "tc -n c.a qdisc add dev eth0 root tbf rate 1mbit burst 10k latency 10ms"}) {
    ASSERT_EQ(run(hand).status, 0) << hand;
    EXPECT_EQ(plan(text).status, 10) << hand;
    const Output repaired = up(text);
    EXPECT_EQ(repaired.status, 0) << hand << "\n" << repaired.text;
    EXPECT_EQ(plan(text).text, "c: up, no change\n") << hand;
    EXPECT_EQ(difference(before, picture("c")), "") << hand;
  }
}

TEST_F(ConvergeTest, WhatTheFileDropsGoesBackInPlace) {
  const auto with = [](const std::string& bridge, const std::string& more) {
    return lab("  a: {}\n  s: {" + more + "}\n",
               "  - {type: bridge, endpoint: s:br0" + bridge +
                   "}\n  - {endpoints: ['a:eth0', 's:p1'], ipv4: [10.0.0.2/24, '']}\n");
  };
  const std::string plain = with("", "interfaces: {p1: {master: br0}}");
  ASSERT_EQ(up(plain).status, 0);
  const json before = picture("c");
  const auto number_of = [](const std::string& link) {
    return run("ip -n c.s -o link show " + link + " | cut -d: -f1").text;
  };
  const std::string numbers = number_of("br0") + number_of("p1");
  const std::string changed = with(", priority: 4096, ageing_time: 30s",
                                   "interfaces: {p1: {master: br0, alias: trunk, txqlen: 77, "
                                   "port: {cost: 17, learning: false, hairpin: true}}}");
  ASSERT_EQ(up(changed).status, 0);
  EXPECT_NE(difference(before, picture("c")), "");
  const Output back = up(plain);
  EXPECT_EQ(back.status, 0) << back.text;
  EXPECT_EQ(plan(plain).text, "c: up, no change\n");
  EXPECT_EQ(difference(before, picture("c")), "");
  EXPECT_EQ(number_of("br0") + number_of("p1"), numbers) << "the very same links";
}

TEST_F(ConvergeTest, EntriesThatTheFileDropsGo) {
  const auto with = [](const std::string& of_a, const std::string& of_p1,
                       const std::string& of_br) {
    return lab("  a: {interfaces: {eth0: {" + of_a + "}}}\n  s: {kind: switch, interfaces: {p1: {" +
                   of_p1 + "}, br0: {" + of_br + "}}}\n",
               "  - {endpoints: ['a:eth0', 's:p1'], ipv4: [10.0.0.2/24, '']}\n");
  };
  const std::string plain = with("", "", "");
  ASSERT_EQ(up(plain).status, 0);
  const json before = picture("c");
  const auto look = [] {
    return run("ip -n c.a link show eth0 | sort; bridge -n c.s fdb show dev p1 | grep 02:00; "
               "bridge -n c.s mdb show; "
               "ip netns exec c.a sysctl net.ipv4.conf.eth0.rp_filter "
               "net.ipv4.neigh.eth0.gc_stale_time")
        .text;
  };
  const std::string without = look();
  const std::string full = with(
      "altnames: [one, two], sysctls: {net.ipv4.conf.eth0.rp_filter: 2, "
      "net.ipv4.neigh.eth0.gc_stale_time: 33}",
      "fdb: [{mac: '02:00:00:00:00:07'}, {mac: '02:00:00:00:00:08', state: permanent}]",
      "mdb: [{group: 239.1.1.1, port: p1}]");
  ASSERT_EQ(up(full).status, 0);
  const std::string all = look();
  EXPECT_NE(all, without);
  ASSERT_EQ(run("ip -n c.a link property del dev eth0 altname one").status, 0);
  ASSERT_EQ(up(full).status, 0);
  EXPECT_EQ(look(), all);
  const Output back = up(plain);
  EXPECT_EQ(back.status, 0) << back.text;
  EXPECT_EQ(look(), without);
  EXPECT_EQ(difference(before, picture("c")), "");
  EXPECT_EQ(plan(plain).text, "c: up, no change\n");
}

TEST_F(ConvergeTest, EntriesOfTablesAndFiltersThatHandsTookComeBack) {
  const std::string text =
      lab("  a: {interfaces: {eth0: {altnames: [uplink-of-a]}}}\n"
          "  s: {kind: switch, interfaces: {"
          "p1: {fdb: [{mac: '02:00:00:00:00:07'}, {mac: '02:00:00:00:00:08', state: permanent}]}, "
          "br0: {mdb: [{group: 239.1.1.1, port: p1}]}}}\n",
          "  - endpoints: ['a:eth0', 's:p1']\n"
          "    ipv4: [10.0.0.2/24, '']\n"
          "    from: {'a:eth0': {qdisc: {kind: htb, default: 2, classes: {1: {rate: 9mbit, match: "
          "[{dscp: ef}, {protocol: udp, sport: 53, dst: 10.0.0.9/24}]}, 2: {rate: 1mbit}}}}}\n");
  const Output made = up(text);
  ASSERT_EQ(made.status, 0) << made.text;
  EXPECT_EQ(plan(text).text, "c: up, no change\n");
  const auto look = [] {
    return run("ip -n c.a link show eth0 | grep altname; bridge -n c.s fdb show dev p1 | grep 02: "
               "| "
               "sort; bridge -n c.s mdb show | grep -c 239.1.1.1; tc -n c.a filter show dev eth0 | "
               "grep -c flowid")
        .text;
  };
  const std::string before = look();
  for (const char* hand : {"ip -n c.a link property del dev eth0 altname uplink-of-a",
                           "bridge -n c.s fdb del 02:00:00:00:00:07 dev p1 master",
                           "bridge -n c.s mdb del dev br0 port p1 grp 239.1.1.1 permanent",
                           "tc -n c.a filter del dev eth0"}) {
    ASSERT_EQ(run(hand).status, 0) << hand;
    EXPECT_NE(look(), before) << hand;
    const Output planned = plan(text);
    EXPECT_EQ(planned.status, 10) << hand << planned.text;
    const Output repaired = up(text);
    EXPECT_EQ(repaired.status, 0) << hand << "\n" << repaired.text;
    EXPECT_EQ(look(), before) << hand << planned.text;
    EXPECT_EQ(plan(text).text, "c: up, no change\n") << hand;
  }
}

TEST_F(ConvergeTest, OnlyTablesOfTheRulesetAreItsOwn) {
  std::string nodes =
      "  a: {nftables: 'table inet f { set s { type ipv4_addr; elements = { 10.0.0.9, 10.0.0.1 }; "
      "}; "
      "chain c { type filter hook input priority 0; iif eth0 ip saddr @s counter accept; }; }'}\n" +
      kNodes.substr(8);
  const std::string text = lab(nodes, kLinks);
  ASSERT_EQ(up(text).status, 0);
  const json before = picture("c");
  for (const char* hand : {"nft add rule inet f c drop", "nft delete table inet f",
                           "nft add element inet f s { 10.0.0.7 }", "nft flush ruleset"}) {
    ASSERT_EQ(run(std::string("ip netns exec c.a ") + hand).status, 0) << hand;
    const Output planned = plan(text);
    EXPECT_EQ(planned.status, 10) << hand;
    EXPECT_NE(planned.text.find("~ load ruleset nftables in a (was: table inet f is "),
              std::string::npos)
        << planned.text;
    EXPECT_EQ(up(text).status, 0) << hand;
    EXPECT_EQ(plan(text).text, "c: up, no change\n") << hand;
    EXPECT_EQ(difference(before, picture("c")), "") << hand;
  }
  // A table of somebody else is neither a change nor in the way of one.
  ASSERT_EQ(run("ip netns exec c.a nft 'add table ip theirs; add chain ip theirs c'").status, 0);
  EXPECT_EQ(plan(text).text, "c: up, no change\n");
  ASSERT_EQ(up(lab(nodes.replace(nodes.find("inet f"), 6, "inet g"), kLinks)).status, 0);
  EXPECT_EQ(run("ip netns exec c.a nft list tables").text, "table ip theirs\ntable inet g\n");
  ASSERT_EQ(up(lab(kNodes, kLinks)).status, 0);
  EXPECT_EQ(run("ip netns exec c.a nft list tables").text, "table ip theirs\n");
}

TEST_F(ConvergeTest, WhatWorkloadsMadeStays) {
  ASSERT_EQ(up(lab(kNodes, kLinks)).status, 0);
  for (const char* theirs : {"ip -n c.a addr add 172.16.0.1/24 dev eth0",
                             "ip -n c.a route add 10.77.0.0/16 via 10.0.0.1",
                             "ip -n c.r link add mine type veth peer name yours",
                             "ip -n c.r rule add from 10.1.1.1 table 7"}) {
    ASSERT_EQ(run(theirs).status, 0) << theirs;
  }
  EXPECT_EQ(plan(lab(kNodes, kLinks)).status, 0);
  ASSERT_EQ(up(lab("  more: {}\n" + kNodes, kLinks)).status, 0);
  EXPECT_NE(run("ip -n c.a addr show eth0").text.find("172.16.0.1/24"), std::string::npos);
  EXPECT_NE(run("ip -n c.a route").text.find("10.77.0.0/16"), std::string::npos);
  EXPECT_EQ(run("ip -n c.r link show mine").status, 0);
  EXPECT_NE(run("ip -n c.r rule").text.find("10.1.1.1"), std::string::npos);
}

// `link down` made the kernel forget it; `up` is a `link up`, too.
TEST_F(ConvergeTest, WhatWentWithALinkThatWasSetDownComesBack) {
  ASSERT_EQ(up(lab(kNodes, kLinks)).status, 0);
  ASSERT_EQ(run("ip -n c.a route add 10.77.0.0/16 via 10.0.0.1").status, 0);
  ASSERT_EQ(netyard("link c/a:eth0 down").status, 0);
  ASSERT_EQ(run("ip -n c.a route show 10.77.0.0/16").text, "");
  EXPECT_NE(plan(lab(kNodes, kLinks)).text.find("~ set link eth0 up in a"), std::string::npos);
  EXPECT_EQ(up(lab(kNodes, kLinks)).status, 0);
  EXPECT_EQ(run("ip -n c.a route show 10.77.0.0/16").text, "10.77.0.0/16 via 10.0.0.1 dev eth0 \n");
  EXPECT_EQ(plan(lab(kNodes, kLinks)).status, 0);
}

TEST_F(ConvergeTest, AStrangersLinkInTheWayIsNamed) {
  ASSERT_EQ(up(lab(kNodes, kLinks)).status, 0);
  ASSERT_EQ(run("ip -n c.a link add eth1 type veth peer name other").status, 0);
  const std::string wanted = lab(kNodes, kLinks + "  - {endpoints: ['a:eth1', 'b:eth1']}\n");
  const json before = picture("c");
  const Output refused = up(wanted);
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.text.find("a has a link called eth1 that netyard did not make (veth)"),
            std::string::npos)
      << refused.text;
  EXPECT_NE(refused.text.find("c stays as it was; nothing was changed"), std::string::npos);
  EXPECT_EQ(difference(before, picture("c")), "");
}

TEST_F(ConvergeTest, AChangeThatFailsIsUndone) {
  ASSERT_EQ(up(lab(kNodes, kLinks)).status, 0);
  const json before = picture("c");
  const Output failed =
      up(lab("  new: {}\n  a: {exec: ['false']}\n  b: {}\n  s: {kind: switch}\n",
             "  - {endpoints: ['new:eth0', 's:p9'], ipv4: [10.0.0.9/24, '']}\n"
             "  - {endpoints: ['a:eth0', 's:p1'], mtu: 1300, ipv4: [10.0.0.22/24, '']}\n"));
  EXPECT_EQ(failed.status, 1);
  EXPECT_NE(failed.text.find("run false in a: exited with status 1"), std::string::npos);
  EXPECT_NE(failed.text.find("c stays as it was; what was changed is undone"), std::string::npos)
      << failed.text;
  EXPECT_EQ(difference(before, picture("c")), "");
  EXPECT_EQ(plan(lab(kNodes, kLinks)).text, "c: up, no change\n");
}

TEST_F(ConvergeTest, ProcessesThatRunKeepTheirNumbers) {
  const auto text = [](const std::string& run, const std::string& address) {
    return lab("  a: {run: {" + run + "}}\n  b: {}\n",
               "  - {endpoints: ['a:eth0', 'b:eth0'], ipv4: [" + address + ", '']}\n");
  };
  const auto pids = [] {
    std::map<std::string, int> out;
    const json all = json::parse(netyard("ps --json").text);
    for (const auto& one : all["workloads"]) {
      out[one["name"]] = one["pid"];
    }
    return out;
  };
  ASSERT_EQ(up(text("one: {command: sleep 900}, two: {command: sleep 901}", "10.0.0.1/24")).status,
            0);
  const auto before = pids();
  const Output changed =
      up(text("one: {command: sleep 900}, two: {command: sleep 902}, three: {command: sleep 903}",
              "10.0.0.7/24"));
  ASSERT_EQ(changed.status, 0) << changed.text;
  auto after = pids();
  EXPECT_EQ(after.size(), 3u);
  EXPECT_EQ(after["one"], before.at("one"));
  EXPECT_NE(after["two"], before.at("two"));
  ASSERT_EQ(up(text("one: {command: sleep 900}", "10.0.0.7/24")).status, 0);
  after = pids();
  EXPECT_EQ(after.size(), 1u);
  EXPECT_EQ(after["one"], before.at("one"));
  ASSERT_EQ(up(text("", "10.0.0.7/24")).status, 0);
  EXPECT_NE(run("ls /run/netyard/c.d").status, 0) << "nobody is looked after any more";
}

TEST_F(ConvergeTest, WhatIsOfTheHostComesAndGoes) {
  ASSERT_EQ(run("sysctl -qw net.ipv4.ip_forward=1; ip link add d0 type veth peer name d1").status,
            0);
  const std::string pair =
      "  - {endpoints: ['a:out', 'host:hc'], ipv4: [192.0.2.1/30, 192.0.2.2/30]}\n";
  const std::string nic = "  - {type: physical, host: d0, endpoint: 'b:nic'}\n";
  const std::string with_pair = lab("  a: {uplink: true}\n  b: {}\n", pair);
  const std::string with_nic = lab("  a: {}\n  b: {}\n", nic);
  const auto expect_pair = [&] {
    EXPECT_EQ(run("ip -br addr show hc | grep -c 192.0.2.2/30").text, "1\n");
    EXPECT_EQ(run("nft list tables").text, "table ip netyard_c\n");
    EXPECT_EQ(run("ip link show d0").status, 0);
    EXPECT_EQ(plan(with_pair).text, "c: up, no change\n");
  };
  const Output first = up(with_pair);
  ASSERT_EQ(first.status, 0) << first.text;
  expect_pair();
  const Output taken = up(with_nic);
  EXPECT_EQ(taken.status, 0) << taken.text;
  EXPECT_NE(run("ip link show hc").status, 0);
  EXPECT_EQ(run("nft list tables").text, "");
  EXPECT_NE(run("ip link show d0").status, 0);
  EXPECT_EQ(run("ip -n c.b link show nic").status, 0);
  EXPECT_EQ(plan(with_nic).text, "c: up, no change\n");
  const Output back = up(with_pair);
  EXPECT_EQ(back.status, 0) << back.text;
  expect_pair();
  const Output failed = up(lab("  a: {}\n  b: {exec: ['false']}\n", nic));
  EXPECT_NE(failed.text.find("c stays as it was; what was changed is undone"), std::string::npos)
      << failed.text;
  expect_pair();
  EXPECT_EQ(netyard("down c").status, 0);
  run("ip link del d0; sysctl -qw net.ipv4.ip_forward=0");
}

TEST_F(ConvergeTest, WatchTellsWhatIsNotAsInTheFile) {
  ASSERT_EQ(up(lab("  a: {nftables: 'table inet f {}'}\n" + kNodes.substr(8), kLinks)).status, 0);
  run("(" NETYARD_PROGRAM
      " status c --watch >/run/watched 2>&1; echo over >>/run/watched) >/dev/null 2>&1 </dev/null "
      "&");
  const auto watched = [](const std::string& text) {
    return eventually([&] { return run("cat /run/watched").text.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(watched("as the file says"));
  ASSERT_EQ(run("ip -n c.b addr del 10.0.0.3/24 dev eth0").status, 0);
  EXPECT_TRUE(watched("would repair:\n+ add address 10.0.0.3/24 to eth0 in b\n"));
  const std::string status = netyard("status c").text;
  EXPECT_NE(status.find("it was as its file says at 20"), std::string::npos) << status;
  EXPECT_NE(status.find("+ add address 10.0.0.3/24 to eth0 in b\n"), std::string::npos);
  ASSERT_EQ(run("ip netns exec c.a nft delete table inet f").status, 0);
  EXPECT_TRUE(watched("~ load ruleset nftables in a (was: table inet f is missing)\n"));
  EXPECT_EQ(netyard("down c").status, 0);
  EXPECT_TRUE(watched("over"));
  EXPECT_NE(netyard("status c --watch").text.find("no lab of this name is up"), std::string::npos);
  run("rm /run/watched");
}

// From any of them to any other: no different from a fresh one.
TEST_F(ConvergeTest, FromEveryExampleToEveryOther) {
  const std::vector<std::string> names = {"lan", "two-sites", "dual-stack", "policy-routing",
                                          "nat", "overlay",   "tutorial",   "services"};
  std::map<std::string, json> fresh;
  for (const auto& name : names) {
    const Output made = netyard("up --name c " + example(name));
    ASSERT_EQ(made.status, 0) << made.text;
    fresh[name] = picture("c");
    ASSERT_EQ(netyard("down c").status, 0);
  }
  // A round through all, and back.
  std::vector<std::string> way = names;
  way.insert(way.end(), names.rbegin(), names.rend());
  for (std::size_t i = 0; i + 1 < way.size(); ++i) {
    const Output changed = netyard("up --name c " + example(way[i]));
    ASSERT_EQ(changed.status, 0) << way[i] << "\n" << changed.text;
    EXPECT_EQ(difference(fresh[way[i]], picture("c")), "") << "on the way to " << way[i];
    EXPECT_EQ(netyard("plan --name c " + example(way[i])).status, 0) << way[i];
  }
}

}  // namespace
}  // namespace netyard::test
