// SPDX-License-Identifier: Apache-2.0
#include "e2e/picture.h"

#include <algorithm>
#include <sstream>

namespace netyard::test {
namespace {

using nlohmann::json;

bool is_fleeting(const std::string& key) {
  static const std::set<std::string> kKeys = {"ifindex",
                                              "link_index",
                                              "link_netnsid",
                                              "link",
                                              "stats",
                                              "stats64",
                                              "bridge_id",
                                              "root_id",
                                              "id",
                                              "handle",
                                              "designated_root",
                                              "port_id",
                                              "designated_bridge",
                                              "port_no",
                                              "no",
                                              "refcnt",
                                              "expires",
                                              "used",
                                              "designated_port",
                                              "groupid",
                                              "message_age_timer",
                                              "operstate",
                                              "state",
                                              "num_tx_queues",
                                              "valid_life_time",
                                              "preferred_life_time",
                                              "direct_packets_stat",
                                              "protocol"};
  return kKeys.contains(key) || key.ends_with("_timer");
}

json still(const json& moving) {
  if (moving.is_object()) {
    json out = json::object();
    for (const auto& [key, value] : moving.items()) {
      if (!is_fleeting(key)) out[key] = still(value);
    }
    return out;
  }
  if (!moving.is_array()) return moving;
  std::vector<json> list;
  for (const auto& one : moving) {
    // The kernel looks after carriers in its own time.
    if (one != "NO-CARRIER" && one != "LOWER_UP") list.push_back(still(one));
  }
  std::sort(list.begin(), list.end(),
            [](const json& a, const json& b) { return a.dump() < b.dump(); });
  return list;
}

json shown(const std::string& command) {
  const Output out = run(command + " 2>/dev/null");
  const json parsed = json::parse(out.text, nullptr, false);
  return parsed.is_discarded() ? json::array() : still(parsed);
}

constexpr const char* kSysctls =
    " sh -c 'cd /proc/sys/net && grep -r . ipv4/ip_forward ipv4/conf/*/rp_filter "
    "ipv6/conf/*/forwarding ipv6/conf/*/accept_dad ipv6/conf/*/addr_gen_mode | sort'";

}  // namespace

json picture(const std::string& lab) {
  json out = json::object();
  std::istringstream names(run("ls /run/netns").text);
  for (std::string name; names >> name;) {
    if (!name.starts_with(lab + ".")) continue;
    json& node = out[name];
    for (const char* what :
         {"ip -n NS -j -d link", "ip -n NS -j addr", "ip -n NS -j rule", "ip -n NS -j -6 rule",
          "ip -n NS -j route show table all", "ip -n NS -j -6 route show table all",
          "ip -n NS -j neigh show nud permanent", "ip -n NS -j nexthop", "bridge -n NS -j vlan",
          "tc -n NS -j qdisc"}) {
      std::string command = what;
      command.replace(command.find("NS"), 2, name);
      node[what] = shown(command);
    }
    node["nft"] = run("ip netns exec " + name + " nft list ruleset").text;
    node["sysctl"] = run("ip netns exec " + name + kSysctls).text;
    node["hosts"] = run("ip netns exec " + name + " cat /etc/hosts").text;
  }
  return out;
}

std::string difference(const json& one, const json& other) {
  return one == other ? "" : json::diff(one, other).dump(1);
}

}  // namespace netyard::test
