// SPDX-License-Identifier: Apache-2.0
#include "e2e/export_compare.h"

namespace netyard::test {
namespace {

using nlohmann::json;

// Numbers that the kernel or ip(8) chooses, timers, counters; `protocol`: a file cannot say "boot";
// queues: netyard makes links with one.
const std::set<std::string> kPassedOver = {"num_rx_queues",
                                           "num_tx_queues",
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
                                           "direct_packets_stat",
                                           "tentative",
                                           "permaddr"};

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

// Classes by number, filters in the order in which they are tried. Preferences are numbers for that
// order, and the handles of filters those of tables.
json traffic_of(const std::string& netns) {
  const std::string tc = "tc -n " + netns + " -j ";
  json out = {{"qdiscs", normal(parsed(tc + "qdisc show"), kPassedOver)}};
  std::set<std::string> shaped;
  for (const auto& qdisc : parsed(tc + "qdisc show")) {
    if (qdisc.value("handle", "0:") != "0:") shaped.insert(qdisc["dev"]);
  }
  auto with_handle = kPassedOver;
  with_handle.erase("handle");
  for (const auto& link : shaped) {
    out["classes"][link] = normal(parsed(tc + "class show dev " + link), with_handle);
    // Of the leaves only where they hang: a file does not name them.
    for (auto& one : out["classes"][link]) one.erase("leaf");
    for (auto& filter : parsed(tc + "filter show dev " + link)) {
      for (const char* key : {"pref", "parent"}) filter.erase(key);
      if (filter.contains("options")) filter["options"].erase("fh");
      out["filters"][link].push_back(std::move(filter));
    }
  }
  return out;
}

// Forwarding entries that stay, but those that come with addresses and ports.
json forwarding_of(const std::string& netns) {
  json out = json::array();
  std::set<std::string> own;
  for (const auto& link : parsed("ip -n " + netns + " -j link show")) {
    own.insert(link.value("address", ""));
  }
  for (const auto& entry : parsed("bridge -n " + netns + " -j fdb show")) {
    const std::string mac = entry["mac"];
    const bool multicast = mac.starts_with("33:33:") || mac.starts_with("01:00:5e:");
    if (!multicast && !own.contains(mac) && !entry.value("state", "").empty()) out.push_back(entry);
  }
  return normal(out, {"dummy"});
}

// Keys are new; whose they are shows in what goes where.
std::string wireguard_of(const std::string& netns) {
  return run("ip netns exec " + netns +
             " wg show all dump 2>/dev/null | awk 'NF==5 {print $1, $4, $5} "
             "NF==9 {split($5, a, \",\"); n=asort(a); printf \"%s %s\", $1, $4; "
             "for (i=1; i<=n; i++) printf \" %s\", a[i]; print \"\", $9}' | sort")
      .text;
}

json offloads_of(const std::string& netns) {
  json out = json::object();
  for (const auto& link : parsed("ip -n " + netns + " -j link show type veth")) {
    const std::string name = link["ifname"];
    out[name] = run("ip netns exec " + netns + " ethtool -k " + name).text;
  }
  return out;
}

json tables_of(const std::string& netns) {
  const std::string bridge = "bridge -n " + netns + " -j -d ";
  auto of_macsec = kPassedOver;
  of_macsec.insert({"key", "pn"});
  json groups = parsed(bridge + "mdb show");
  if (groups.is_array() && !groups.empty()) groups = groups[0].value("mdb", json::array());
  json permanent = json::array();
  for (const auto& group : groups) {
    if (group.value("state", "") == "permanent") permanent.push_back(group);
  }
  return {{"vlans", normal(parsed(bridge + "vlan show"), kPassedOver)},
          {"tunnels", normal(parsed(bridge + "vlan tunnelshow"), kPassedOver)},
          {"fdb", forwarding_of(netns)},
          {"mdb", normal(permanent, {"index", "timer", "state"})},
          {"wireguard", wireguard_of(netns)},
          {"macsec", normal(parsed("ip -n " + netns + " -j macsec show"), of_macsec)},
          {"nexthops", normal(parsed("ip -n " + netns + " -j nexthop show"), {"protocol"})},
          {"mpls", normal(parsed("ip -n " + netns + " -j -f mpls route show"), kPassedOver)},
          {"tokens", normal(parsed("ip -n " + netns + " -j token list"), {"dummy"})},
          {"proxies", normal(parsed("ip -n " + netns + " -j neigh show proxy"), {"dummy"})}};
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
  out["traffic"] = traffic_of(netns);
  out["tables"] = tables_of(netns);
  out["offloads"] = offloads_of(netns);
  out["ruleset"] =
      normal(parsed("ip netns exec " + netns + " nft -j -s list ruleset"), kPassedOver);
  out["sysctls"] = run("ip netns exec " + netns +
                       " sysctl -a -r '^net[.](ipv4|ipv6|mpls)[.]' 2>/dev/null | grep -v -e "
                       "accept_dad -e random -e stable_secret -e retrans -e fib_multipath_hash "
                       "-e '[.]mtu ='")
                       .text;
  return out;
}

// Differences, a line each, as far as they can be told.
std::string differences(const json& before, const json& after) {
  std::string out;
  for (const auto& part : json::diff(before, after)) {
    const json::json_pointer at(part["path"].get<std::string>());
    if (out.size() > 4000) return out + "...";
    out += part.dump() + (before.contains(at) ? " was " + before[at].dump() : "") + "\n";
  }
  return out;
}

}  // namespace

void ExportTest::TearDown() {
  run(NETYARD_PROGRAM
      " down --all; for n in $(ls /run/netns); do ip netns del $n; done; rm -f "
      "/run/export.yaml /run/notes /run/again.yaml");
  CleanNetnsTest::TearDown();
}

void expect_same(const std::map<std::string, std::string>& nodes, const std::string& words,
                 const std::string& remove,
                 const std::function<std::string(std::string)>& expected) {
  const Output exported =
      run(NETYARD_PROGRAM " export --name again " + words + " >/run/export.yaml 2>/run/notes");
  ASSERT_EQ(exported.status, 0) << run("cat /run/notes").text;
  std::map<std::string, json> before;
  for (const auto& [node, netns] : nodes) {
    before[node] = json::parse(expected(snapshot(netns).dump()));
  }
  ASSERT_EQ(run(remove).status, 0);
  const Output up = netyard("up /run/export.yaml");
  ASSERT_EQ(up.status, 0) << up.text << run("cat /run/export.yaml").text;
  for (const auto& [node, netns] : nodes) {
    json after = snapshot("again." + node);
    const std::string different = differences(before[node], after);
    EXPECT_EQ(different, "") << node << "\n" << run("cat /run/export.yaml").text;
  }
}

}  // namespace netyard::test
