// SPDX-License-Identifier: Apache-2.0
// `export`: what it writes makes the same network. Two snapshots by ip(8), tc(8), nft(8) are
// compared.
#include <filesystem>

#include "e2e/workloads.h"

namespace netyard::test {
namespace {

using nlohmann::json;

// Numbers that the kernel or ip(8) chooses, timers, counters; `protocol`: a file cannot say "boot";
// queues and segments: netyard makes links with one queue, and large segments follow shaping.
const std::set<std::string> kPassedOver = {"num_rx_queues",
                                           "num_tx_queues",
                                           "gso_max_segs",
                                           "ifindex",
                                           "link_index",
                                           "link_netnsid",
                                           "link",
                                           "peer",
                                           "gc_timer",
                                           "hello_timer",
                                           "tcn_timer",
                                           "topology_change_timer",
                                           "handle",
                                           "refcnt",
                                           "packets",
                                           "bytes",
                                           "hold_timer",
                                           "message_age_timer",
                                           "forward_delay_timer",
                                           "protocol",
                                           "metainfo",
                                           "cache",
                                           "used",
                                           "probes",
                                           "iif_index",
                                           "valid_life_time",
                                           "preferred_life_time",
                                           "no",
                                           "id",
                                           "port_no",
                                           "port_id",
                                           "designated_port",
                                           "bridge_id",
                                           "root_id",
                                           "bridge",
                                           "designated_bridge",
                                           "designated_root",
                                           "created",
                                           "updated",
                                           "confirmed",
                                           "ifalias",  // whose it is
                                           "stats",
                                           "stats64",
                                           "address",
                                           "operstate",
                                           "dynamic",
                                           "drops",
                                           "designated_cost",
                                           "root_path_cost",
                                           "state",
                                           "root_port",
                                           "tentative"};

json normal(const json& value, const std::set<std::string>& passed_over) {
  if (value.is_array()) {
    std::multiset<json> items;
    for (const auto& item : value) items.insert(normal(item, passed_over));
    return json(std::vector<json>(items.begin(), items.end()));
  }
  if (!value.is_object()) return value;
  json out = json::object();
  for (const auto& [key, item] : value.items()) {
    if (!passed_over.contains(key)) out[key] = normal(item, passed_over);
  }
  return out;
}

json parsed(const std::string& command) {
  const Output out = run(command + " 2>/dev/null");
  return json::accept(out.text) ? json::parse(out.text) : json::array();
}

// Neighbours and addresses that come and go are not of the network.
json snapshot(const std::string& netns) {
  // The routes of an address come when it is no longer tentative.
  EXPECT_TRUE(eventually(
      [&] { return run("ip -n " + netns + " -6 addr show tentative").text.empty(); }, kSoon));
  const std::string ip = "ip -d -j -n " + netns + " ";
  json out;
  auto with_state = kPassedOver;
  with_state.erase("address");
  out["links"] = normal(parsed(ip + "link show"), with_state);
  out["addresses"] = normal(parsed(ip + "addr show"), with_state);
  for (const char* family : {"-4 ", "-6 "}) {
    out["routes"].push_back(normal(parsed(ip + family + "route show table all"), kPassedOver));
    out["rules"].push_back(normal(parsed(ip + family + "rule show"), kPassedOver));
    out["neighbors"].push_back(
        normal(parsed(ip + family + "neigh show nud permanent"), with_state));
  }
  out["qdiscs"] = normal(parsed("tc -n " + netns + " -j qdisc show"), kPassedOver);
  out["ruleset"] =
      normal(parsed("ip netns exec " + netns + " nft -j -s list ruleset"), kPassedOver);
  out["sysctls"] = run("ip netns exec " + netns +
                       " sysctl -a -r '^net[.](ipv4|ipv6|mpls)[.]' 2>/dev/null | grep -v -e "
                       "accept_dad -e random -e stable_secret -e retrans -e fib_multipath_hash")
                       .text;
  return out;
}

// Differences, a line each, as far as they can be told.
std::string differences(const json& before, const json& after) {
  std::string out;
  for (const auto& part : json::diff(before, after)) {
    const json::json_pointer at(part["path"].get<std::string>());
    if (out.size() > 4000) return out + "…";
    out += part.dump() + (before.contains(at) ? " was " + before[at].dump() : "") + "\n";
  }
  return out;
}

class ExportTest : public CleanNetnsTest {
 protected:
  void TearDown() override {
    run(NETYARD_PROGRAM
        " down --all; for n in $(ls /run/netns); do ip netns del $n; done; rm -f "
        "/run/export.yaml /run/notes /run/again.yaml");
    CleanNetnsTest::TearDown();
  }
};

// Makes a network, exports it, removes it, makes it of the file, and compares.
void expect_same(const std::map<std::string, std::string>& nodes, const std::string& words,
                 const std::string& remove) {
  const Output exported =
      run(NETYARD_PROGRAM " export --name again " + words + " >/run/export.yaml 2>/run/notes");
  ASSERT_EQ(exported.status, 0) << run("cat /run/notes").text;
  std::map<std::string, json> before;
  for (const auto& [node, netns] : nodes) before[node] = snapshot(netns);
  ASSERT_EQ(run(remove).status, 0);
  const bool all_qdiscs = run("grep -c queueing /run/notes").text == "0\n";
  const Output up = netyard("up /run/export.yaml");
  ASSERT_EQ(up.status, 0) << up.text << run("cat /run/export.yaml").text;
  for (const auto& [node, netns] : nodes) {
    json after = snapshot("again." + node);
    if (!all_qdiscs) after["qdiscs"] = before[node]["qdiscs"];  // it was said
    const std::string different = differences(before[node], after);
    EXPECT_EQ(different, "") << node << "\n" << run("cat /run/export.yaml").text;
  }
}

constexpr const char* kScript = R"(set -e
for n in h1 h2 sw r.1; do ip netns add $n; ip -n $n link set lo up; done
ip -n sw link add br0 type bridge stp_state 0 ageing_time 12300 mcast_snooping 0
ip -n sw link set br0 address 02:00:00:00:00:09 up mtu 1400
ip -n sw addr add 10.0.0.9/24 dev br0
ip link add eth0 netns h1 type veth peer name p1 netns sw
ip link add eth0 netns r.1 type veth peer name p2 netns sw
ip -n sw link set p1 master br0 up mtu 1400
ip -n sw link set p2 master br0 up mtu 1400
ip -n sw link set p1 type bridge_slave cost 77 hairpin on isolated on
ip -n h1 link set eth0 up mtu 1400 address 02:00:00:00:00:42 alias uplink
ip -n h1 link property add dev eth0 altname other-name
ip -n h1 addr add 10.0.0.1/24 dev eth0
ip -n h1 addr add 10.0.0.5/24 brd + label eth0:x dev eth0
ip -n h1 addr add 2001:db8::1/64 dev eth0 nodad
ip -n r.1 link set eth0 up mtu 1400
ip -n r.1 addr add 10.0.0.254/24 brd + dev eth0
ip -n r.1 addr add 2001:db8::fe/64 dev eth0 nodad
ip link add eth1 netns r.1 type veth peer name eth0 netns h2
ip -n r.1 link set eth1 up
ip -n h2 link set eth0 up
ip -n r.1 addr add 10.1.0.1 peer 10.1.0.2/32 dev eth1
ip -n h2 addr add 10.1.0.2/24 dev eth0
ip netns exec r.1 sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.eth1.rp_filter=2 net.ipv6.conf.all.forwarding=1
ip -n h1 route add default via 10.0.0.254 metric 7 mtu 1300
ip -n h1 route add 10.1.0.0/24 via 10.0.0.254 table 100 src 10.0.0.5
ip -n h1 -6 route add default via 2001:db8::fe
ip -n h1 route add blackhole 10.99.0.0/16
ip -n h1 route add 10.50.0.0/16 nexthop via 10.0.0.254 weight 3 nexthop via 10.0.0.9
ip -n h1 rule add from 10.0.0.5 lookup 100 pref 500
ip -n h1 rule add fwmark 0x1/0xf prohibit pref 600
ip -n h1 neigh add 10.0.0.77 lladdr 02:00:00:00:00:77 dev eth0
ip -n h1 neigh add proxy 10.0.0.78 dev eth0
ip -n h2 link add a0 netns h2 type veth peer name a1
ip -n h2 link set a1 down
tc -n h2 qdisc add dev eth0 root handle 1: tbf rate 10mbit burst 16kb latency 50ms
printf 'table inet f {\n chain c {\n type filter hook input priority 0; policy accept;\n tcp dport { 22, 80 } counter accept\n }\n}\n' | ip netns exec r.1 nft -f -
)";

TEST_F(ExportTest, ANetworkThatAShellScriptBuilt) {
  const Output built = run(kScript);
  ASSERT_EQ(built.status, 0) << built.text;
  expect_same({{"h1", "h1"}, {"h2", "h2"}, {"sw", "sw"}, {"r-1", "r.1"}}, "--all",
              "for n in h1 h2 sw r.1; do ip netns del $n; done");
  EXPECT_EQ(run("cat /run/notes").text, "");
  // And once more, of the lab: the same file.
  EXPECT_EQ(run(NETYARD_PROGRAM " export again >/run/again.yaml; diff /run/export.yaml "
                                "/run/again.yaml")
                .text,
            "");
}

TEST_F(ExportTest, WhatItCannotSayIsSaid) {
  ASSERT_EQ(run("ip netns add a; ip netns add b; ip netns add far; "
                "ip link add eth0 netns a type veth peer name x0 netns far; "
                "ip link add eth1 netns a type veth peer name y0; "
                "ip -n a link add br0 type bridge; ip -n a link add v0 type veth peer name v1; "
                "ip -n a link set v0 master br0; ip -n a addr add 10.0.0.1/24 dev v0; "
                "ip -n a link set eth0 up; ip -n a addr add 10.2.0.1/24 dev eth0; "
                "ip -n far link set x0 up; ip -n a route add default via 10.2.0.9")
                .status,
            0);
  const Output out = netyard("export a b");
  EXPECT_EQ(out.status, 0);
  for (const char* told : {"the other end of a:eth0 is outside: in the file it is outside:eth0",
                           "the other end of a:eth1 is outside",
                           "a:v0 is a port of a bridge: its address 10.0.0.1/24 is left out",
                           "a topology file cannot say it so: "}) {
    // In the file and on standard error.
    const std::size_t first = out.text.find(told);
    ASSERT_NE(first, std::string::npos) << told << "\n" << out.text;
    EXPECT_NE(out.text.find(told, first + 1), std::string::npos) << told << "\n" << out.text;
  }
  EXPECT_EQ(netyard("export").status, 2);
  EXPECT_EQ(netyard("export a --all").status, 2);
  EXPECT_EQ(netyard("export missing").status, 1);
  run("ip link del y0");
}

TEST_F(ExportTest, EachExampleComesBack) {
  std::size_t exported = 0;
  for (const auto& entry : std::filesystem::directory_iterator(NETYARD_EXAMPLES)) {
    if (entry.path().extension() != ".yaml") continue;
    // Its classes are said, and not exported.
    if (entry.path().stem() == "impaired") continue;
    const std::string path = entry.path().string();
    const Output up = netyard("up --name original " + path);
    if (up.status != 0) {
      std::fputs(("not here: " + up.text).c_str(), stderr);
      EXPECT_NE(up.text.find("kernel"), std::string::npos) << up.text;
      continue;
    }
    SCOPED_TRACE(path);
    std::map<std::string, std::string> nodes;
    const auto status = json::parse(netyard("status original --json").text);
    for (const auto& node : status["nodes"]) {
      std::string name = node["name"];
      if (name[0] == '_') name[0] = 'n';
      nodes[name] = node["netns"];
    }
    expect_same(nodes, "original", NETYARD_PROGRAM " down original");
    EXPECT_EQ(netyard("down again").status, 0);
    ++exported;
  }
  EXPECT_GE(exported, 8U);
}

}  // namespace
}  // namespace netyard::test
