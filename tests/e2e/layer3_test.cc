// SPDX-License-Identifier: Apache-2.0
// A file with every form of layer 3: what ip(8) shows, and what status says, is what it says.
#include "e2e/layer3.h"

#include <fmt/format.h>

namespace netyard::test {
namespace {

using nlohmann::json;

using Layer3Test = CleanNetnsTest;

constexpr const char* kEverything = R"(name: l3
nodes:
  a:
    interfaces:
      eth0:
        ipv4:
        - {address: 10.3.0.1/24, label: "eth0:x", scope: link, broadcast: none, metric: 55}
        - {address: 10.4.0.1, peer: 10.4.0.2/32, valid: 1h, preferred: 10m, noprefixroute: true}
        - {address: 224.9.9.9/32, autojoin: true}
        ipv6:
        - {address: "2001:db8:5::1/64", mngtmpaddr: true, home: true, metric: 77}
        - {address: "2001:db8:6::1", peer: "2001:db8:6::2"}
        sysctls: {rp_filter: 2, ipv6.accept_ra: 1, ipv4.neigh.gc_stale_time: 77}
        token: "::5"
        addr_gen_mode: none
        neighbors: [{address: 10.0.0.9, mac: "02:00:00:00:00:09", state: noarp, extern_learn: true}]
    routes:
    - default via 10.0.0.2 metric 50 src 10.0.0.1 mtu lock 1400 advmss 1200 initcwnd 20 initrwnd 30 hoplimit 12 rto_min 300ms rtt 100ms rttvar 30ms quickack true congctl reno window 5000 features ecn
    - blackhole 10.9.0.0/24
    - unreachable 10.9.1.0/24 metric 7
    - prohibit 10.9.2.0/24 table 100
    - throw 10.9.3.0/24 table 70000
    - local 10.8.0.0/24
    - broadcast 10.8.9.255 dev eth0
    - multicast 224.5.0.0/16 dev eth0
    - {to: 10.7.0.0/16, hops: [via 10.0.0.2 weight 3, {via: 10.0.0.3, weight: 1}]}
    - 10.5.0.0/16 via inet6 2001:db8::2
    - 10.66.0.0/16 via 192.0.2.1 dev eth0 onlink
    - 10.65.0.0/16 tos 0x10 via 10.0.0.2 scope 5
    - 10.64.0.0/16 nhid 1
    - {to: 10.63.0.0/16, nexthop: 10}
    - {to: "2001:db8:77::/48", via: "2001:db8::2", pref: high, metric: 9}
    - {to: "2001:db8:7a::/48", hops: ["via 2001:db8::2", "via 2001:db8::3 weight 2"]}
    - unreachable 2001:db8:78::/48
    - anycast 2001:db8::77 dev eth0
    nexthops:
      10: {group: {1: 3, 2: 1}}
      11: {group: [1, 2], resilient: {buckets: 32, idle_timer: 10s, unbalanced_timer: 1m}}
      1: {via: 10.0.0.2}
      2: {via: 10.0.0.3, dev: eth0}
      3: {via: "2001:db8::2"}
      4: {blackhole: true}
    rules:
    - from 10.1.0.0/16 lookup 100
    - not to 10.1.0.0/16 fwmark 0x1/0xff tos 0x10 iif eth0 goto 20000
    - {from: 10.2.0.0/16, ipproto: tcp, sport: 1-10, dport: 80, uidrange: 0-5, table: 70000, suppress_prefixlength: 0, priority: 20000}
    - {to: "2001:db8:1::/48", action: prohibit}
    - {fwmark: 7, family: both, table: main, priority: 500}
    neighbors:
    - 10.0.0.5 lladdr 02:00:00:00:00:05
    - {address: 10.0.0.2}
    - {address: "2001:db8::2", state: stale, router: true}
    - proxy 10.0.0.6 dev eth0
  r: {kind: router}
  q: {kind: router}
networks:
  n:
    endpoints:
    - {node: a, interface: eth0, ipv4: 10.0.0.1/24, ipv6: "2001:db8::1/64"}
    - {node: r, interface: eth0, mac: "02:00:00:00:00:02", ipv4: 10.0.0.2/24, ipv6: "2001:db8::2/64"}
    - {node: q, interface: eth0, ipv4: 10.0.0.3/24, ipv6: "2001:db8::3/64"}
)";

// Every key of `wanted` stands in `shown`, equal.
void expect_has(const json& shown, const json& wanted) {
  for (const auto& [key, value] : wanted.items()) {
    EXPECT_EQ(shown.value(key, json()), value) << key << " of " << shown;
  }
}

json route(const std::string& family, const std::string& destination) {
  return find_in(ip_json("l3.a", "-d " + family + " route show table all"), "dst", destination);
}

void expect_routes() {
  const json usual = route("-4", "default");
  expect_has(
      usual,
      {{"gateway", "10.0.0.2"}, {"metric", 50}, {"prefsrc", "10.0.0.1"}, {"protocol", "static"}});
  expect_has(usual["metrics"][0], {{"mtu", 1400},
                                   {"advmss", 1200},
                                   {"initcwnd", 20},
                                   {"initrwnd", 30},
                                   {"hoplimit", 12},
                                   {"rto_min", 300},
                                   {"rtt", 100},
                                   {"rttvar", 30},
                                   {"quickack", 1},
                                   {"congestion", "reno"},
                                   {"window", 5000},
                                   {"ecn", nullptr}});
  EXPECT_NE(run("ip -n l3.a route show default").text.find("mtu lock 1400"), std::string::npos);
  expect_has(route("-4", "10.9.0.0/24"), {{"type", "blackhole"}, {"table", "main"}});
  expect_has(route("-4", "10.9.1.0/24"), {{"type", "unreachable"}, {"metric", 7}});
  expect_has(route("-4", "10.9.2.0/24"), {{"type", "prohibit"}, {"table", "100"}});
  expect_has(route("-4", "10.9.3.0/24"), {{"type", "throw"}, {"table", "70000"}});
  expect_has(route("-4", "10.8.0.0/24"),
             {{"type", "local"}, {"dev", "lo"}, {"table", "local"}, {"scope", "host"}});
  expect_has(route("-4", "10.8.9.255"), {{"type", "broadcast"}, {"scope", "link"}});
  expect_has(route("-4", "224.5.0.0/16"), {{"type", "multicast"}, {"dev", "eth0"}});
  EXPECT_EQ(route("-4", "10.7.0.0/16")["nexthops"][0]["weight"], 3);
  EXPECT_EQ(route("-4", "10.7.0.0/16")["nexthops"][1]["gateway"], "10.0.0.3");
  EXPECT_EQ(route("-4", "10.5.0.0/16")["via"]["host"], "2001:db8::2");
  expect_has(route("-4", "10.66.0.0/16"),
             {{"gateway", "192.0.2.1"}, {"flags", json::array({"onlink"})}});
  expect_has(route("-4", "10.65.0.0/16"), {{"tos", "0x10"}, {"scope", "5"}});
  expect_has(route("-4", "10.64.0.0/16"), {{"nhid", 1}, {"gateway", "10.0.0.2"}});
  expect_has(route("-4", "10.63.0.0/16"), {{"nhid", 10}});
  expect_has(route("-6", "2001:db8:77::/48"),
             {{"gateway", "2001:db8::2"}, {"pref", "high"}, {"metric", 9}});
  EXPECT_EQ(route("-6", "2001:db8:7a::/48")["nexthops"][1]["weight"], 2);
  expect_has(route("-6", "2001:db8:78::/48"), {{"type", "unreachable"}});
  expect_has(route("-6", "2001:db8::77"), {{"type", "anycast"}, {"dev", "eth0"}});
}

TEST_F(Layer3Test, RoutesAreWhatTheFileSays) {
  const Lab lab(kEverything);
  expect_routes();
  const json nexthops = ip_json("l3.a", "-d nexthop");
  expect_has(find_in(nexthops, "id", 1), {{"gateway", "10.0.0.2"}, {"dev", "eth0"}});
  expect_has(find_in(nexthops, "id", 3), {{"gateway", "2001:db8::2"}});
  expect_has(find_in(nexthops, "id", 4), {{"blackhole", nullptr}});
  EXPECT_EQ(find_in(nexthops, "id", 10)["group"],
            json::parse(R"([{"id": 1, "weight": 3}, {"id": 2}])"));
  expect_has(find_in(nexthops, "id", 11)["resilient_args"],
             {{"buckets", 32}, {"idle_timer", 10}, {"unbalanced_timer", 60}});
}

TEST_F(Layer3Test, RulesAndNeighboursAreWhatTheFileSays) {
  const Lab lab(kEverything);
  const json rules = ip_json("l3.a", "-d rule");
  expect_has(find_in(rules, "priority", 10000),
             {{"src", "10.1.0.0"}, {"srclen", 16}, {"table", "100"}, {"protocol", "static"}});
  expect_has(find_in(rules, "priority", 10001), {{"not", nullptr},
                                                 {"dst", "10.1.0.0"},
                                                 {"tos", "0x10"},
                                                 {"fwmark", "0x1"},
                                                 {"fwmask", "0xff"},
                                                 {"iif", "eth0"},
                                                 {"goto", 20000}});
  expect_has(find_in(rules, "priority", 20000), {{"ipproto", "tcp"},
                                                 {"sport_start", 1},
                                                 {"sport_end", 10},
                                                 {"dport", 80},
                                                 {"uid_start", 0},
                                                 {"uid_end", 5},
                                                 {"table", "70000"},
                                                 {"suppress_prefixlen", 0}});
  expect_has(find_in(rules, "priority", 500), {{"fwmark", "0x7"}, {"table", "main"}});
  const json six = ip_json("l3.a", "-6 -d rule");
  expect_has(find_in(six, "priority", 10002), {{"dst", "2001:db8:1::"}, {"action", "prohibit"}});
  expect_has(find_in(six, "priority", 500), {{"fwmark", "0x7"}});
  const json neighbors = ip_json("l3.a", "neigh");
  expect_has(find_in(neighbors, "dst", "10.0.0.5"),
             {{"lladdr", "02:00:00:00:00:05"}, {"state", json::array({"PERMANENT"})}});
  expect_has(find_in(neighbors, "dst", "10.0.0.2"), {{"lladdr", "02:00:00:00:00:02"}});
  expect_has(find_in(neighbors, "dst", "10.0.0.9"),
             {{"state", json::array({"NOARP"})}, {"extern_learn", nullptr}});
  expect_has(find_in(neighbors, "dst", "2001:db8::2"),
             {{"router", nullptr}, {"lladdr", "02:00:00:00:00:02"}});
  expect_has(find_in(ip_json("l3.a", "neigh show proxy"), "dst", "10.0.0.6"), {{"dev", "eth0"}});
}

TEST_F(Layer3Test, InterfacesAreWhatTheFileSays) {
  const Lab lab(kEverything);
  const json shown = ip_json("l3.a", "-d addr show eth0")[0];
  const json& addresses = shown["addr_info"];
  EXPECT_EQ(ip_json("l3.a", "-d link show eth0")[0]["inet6_addr_gen_mode"], "none");
  expect_has(find_in(addresses, "local", "10.0.0.1"), {{"broadcast", "10.0.0.255"}});
  const json labelled = find_in(addresses, "local", "10.3.0.1");
  expect_has(labelled, {{"label", "eth0:x"}, {"scope", "link"}, {"metric", 55}});
  EXPECT_FALSE(labelled.contains("broadcast"));
  const json peer = find_in(addresses, "local", "10.4.0.1");
  expect_has(peer, {{"address", "10.4.0.2"}, {"prefixlen", 32}, {"noprefixroute", true}});
  EXPECT_NEAR(peer["valid_life_time"].get<int>(), 3600, 60);
  EXPECT_NEAR(peer["preferred_life_time"].get<int>(), 600, 60);
  expect_has(find_in(addresses, "local", "224.9.9.9"), {{"autojoin", true}});
  expect_has(find_in(addresses, "local", "2001:db8:5::1"),
             {{"mngtmpaddr", true}, {"home", true}, {"metric", 77}, {"nodad", true}});
  expect_has(find_in(addresses, "local", "2001:db8:6::1"),
             {{"address", "2001:db8:6::2"}, {"prefixlen", 128}});
  for (const auto& address : addresses) {
    EXPECT_FALSE(address["local"].get<std::string>().starts_with("fe80:")) << address;
  }
  EXPECT_EQ(run("ip -n l3.a -j token show dev eth0").text.find("::5") != std::string::npos, true);
  EXPECT_EQ(netyard("exec a -- cat /proc/sys/net/ipv4/conf/eth0/rp_filter "
                    "/proc/sys/net/ipv6/conf/eth0/accept_ra "
                    "/proc/sys/net/ipv4/neigh/eth0/gc_stale_time")
                .text,
            "2\n1\n77\n");
}

TEST_F(Layer3Test, StatusSaysItInTheWordsOfTheFile) {
  const Lab lab(kEverything);
  const json a = node_status("a");
  const json& routes = a["routes"];
  expect_has(find_in(routes, "to", "0.0.0.0/0"), {{"via", "10.0.0.2"},
                                                  {"dev", "eth0"},
                                                  {"metric", 50},
                                                  {"src", "10.0.0.1"},
                                                  {"mtu", "lock 1400"},
                                                  {"advmss", 1200},
                                                  {"rto_min", "300ms"},
                                                  {"rtt", "100ms"},
                                                  {"quickack", "true"},
                                                  {"features", "ecn"},
                                                  {"congctl", "reno"},
                                                  {"table", "main"}});
  expect_has(find_in(routes, "to", "10.9.3.0/24"), {{"type", "throw"}, {"table", 70000}});
  expect_has(find_in(routes, "to", "10.7.0.0/16"),
             {{"hops", json::parse(R"([{"via": "10.0.0.2", "dev": "eth0", "weight": 3},
                                       {"via": "10.0.0.3", "dev": "eth0", "weight": 1}])")}});
  expect_has(find_in(routes, "to", "10.66.0.0/16"), {{"onlink", true}});
  expect_has(find_in(routes, "to", "10.5.0.0/16"), {{"via", "2001:db8::2"}});
  expect_has(find_in(routes, "to", "10.63.0.0/16"), {{"nexthop", 10}});
  expect_has(find_in(routes, "to", "10.0.0.0/24"), {{"protocol", "kernel"}, {"scope", "link"}});
  expect_has(find_in(routes, "to", "2001:db8:77::/48"), {{"pref", "high"}});
  expect_has(find_in(a["nexthops"], "id", 10), {{"group", {{"1", 3}, {"2", 1}}}});
  expect_has(
      find_in(a["nexthops"], "id", 11),
      {{"resilient", {{"buckets", 32}, {"idle_timer", "10s"}, {"unbalanced_timer", "1m0s"}}}});
  expect_has(find_in(a["rules"], "priority", 20000), {{"from", "10.2.0.0/16"},
                                                      {"ipproto", "tcp"},
                                                      {"sport", "1-10"},
                                                      {"dport", "80"},
                                                      {"uidrange", "0-5"},
                                                      {"table", 70000},
                                                      {"suppress_prefixlength", 0}});
  expect_has(find_in(a["rules"], "priority", 10001),
             {{"not", true}, {"fwmark", "0x1/0xff"}, {"goto", 20000}, {"iif", "eth0"}});
  expect_has(find_in(a["neighbors"], "address", "10.0.0.9"),
             {{"mac", "02:00:00:00:00:09"}, {"state", "noarp"}, {"extern_learn", true}});
  expect_has(find_in(a["neighbors"], "address", "10.0.0.6"), {{"proxy", true}});
  const json eth0 = find_in(a["interfaces"], "name", "eth0")["addresses"];
  expect_has(find_in(eth0, "address", "10.4.0.1"),
             {{"peer", "10.4.0.2/32"}, {"noprefixroute", true}});
  expect_has(find_in(eth0, "address", "2001:db8:5::1/64"),
             {{"metric", 77}, {"home", true}, {"mngtmpaddr", true}, {"dad", false}});
}

}  // namespace
}  // namespace netyard::test
