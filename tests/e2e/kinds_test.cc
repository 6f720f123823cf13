// SPDX-License-Identifier: Apache-2.0
// Kinds of link as a file says them: made, read back, and doing what they are for.
#include <fmt/format.h>

#include <fstream>
#include <map>
#include <regex>

#include "e2e/program.h"

namespace netyard::test {
namespace {

bool kernel_lacks(const std::string& kind) {
  const auto shown = nlohmann::json::parse(netyard("kinds --json " + kind).text);
  return !shown["kinds"][0]["available"].get<bool>();
}

/// Tests of kinds that a kernel may lack: skipped there, and says so.
class KindsE2e : public CleanNetnsTest {
 protected:
  void SetUp() override {
    // Some modules make a link in every namespace when they are loaded: before traces are taken.
    static const Output loaded =
        run("modprobe -q -a tun ip_gre ip6_gre ipip sit ip6_tunnel ip_vti ip6_vti 2>/dev/null");
    CleanNetnsTest::SetUp();
  }
  void TearDown() override {
    if (!IsSkipped()) netyard("down --all");
    CleanNetnsTest::TearDown();
  }
  static void up(const std::string& file, int status = 0) {
    const Output out = netyard("up " + file);
    ASSERT_EQ(out.status, status) << out.text;
  }
  static int ping(const std::string& node, const std::string& address, int seconds = 5) {
    return netyard(fmt::format("exec {} -- ping -n -c 1 -W {} {}", node, seconds, address)).status;
  }
  static nlohmann::json bridge_json(const std::string& netns, const std::string& arguments) {
    return nlohmann::json::parse(run("bridge -n " + netns + " -d -j " + arguments).text);
  }
};

#define SKIP_WITHOUT(kind) \
  if (kernel_lacks(kind)) GTEST_SKIP() << "this kernel has no " << (kind)

// This machine's kernel refuses it; others would not heed it.
bool filters_vlans() {
  return run("unshare -n sh -c 'ip link add probe type bridge vlan_filtering 1'").status == 0;
}

TEST_F(KindsE2e, ABridgesPortsAndTables) {
  const LabFile file(R"(name: x
nodes:
  s:
    kind: switch
    group_fwd_mask: lldp
    interfaces:
      p1: {port: {cost: 7, isolated: true, hairpin: true, learning: false, mcast_router: always},
           fdb: [{mac: "02:00:00:00:00:77"}], alias: the first, txqlen: 77, altnames: [first-port], group: 5}
      p2: {port: {backup_port: p1, flood: false}, up: false}
      br0: {mdb: [{group: 239.1.1.1, port: p1}]}
  a: {}
links:
  - {endpoints: [s:p1, a:eth0]}
  - {endpoints: [s:p2, {node: a, interface: eth1, promisc: true, arp: false, multicast: false}]}
)");
  ASSERT_NO_FATAL_FAILURE(up(file.path()));
  const auto port = ip_json("x.s", "-d link show p1")[0];
  const auto& data = port["linkinfo"]["info_slave_data"];
  EXPECT_EQ(data["cost"], 7);
  EXPECT_EQ(data["isolated"], true);
  EXPECT_EQ(data["hairpin"], true);
  EXPECT_EQ(data["learning"], false);
  EXPECT_EQ(data["multicast_router"], 2);
  EXPECT_EQ(port["ifalias"], "the first");
  EXPECT_EQ(port["txqlen"], 77);
  EXPECT_EQ(port["altnames"][0], "first-port");
  EXPECT_EQ(port["group"], "5");
  const auto second = ip_json("x.s", "-d link show p2")[0];
  EXPECT_EQ(second["flags"].dump().find("\"UP\""), std::string::npos);
  EXPECT_EQ(second["linkinfo"]["info_slave_data"]["backup_port"], "p1");
  const std::string flags = ip_json("x.a", "link show eth1")[0]["flags"].dump();
  EXPECT_NE(flags.find("PROMISC"), std::string::npos);
  EXPECT_NE(flags.find("NOARP"), std::string::npos);
  EXPECT_EQ(flags.find("\"MULTICAST"), std::string::npos);
  EXPECT_EQ(ip_json("x.s", "-d link show br0")[0]["linkinfo"]["info_data"]["group_fwd_mask"],
            "0x4000");
  EXPECT_NE(bridge_json("x.s", "fdb show dev p1").dump().find("02:00:00:00:00:77"),
            std::string::npos);
  EXPECT_NE(bridge_json("x.s", "mdb show").dump().find("239.1.1.1"), std::string::npos);
}

TEST_F(KindsE2e, AVxlansTable) {
  const LabFile file(R"(name: x
nodes: {a: {}, b: {}}
links:
  - {endpoints: [a:eth0, b:eth0], ipv4: [10.0.0.1/24, 10.0.0.2/24]}
  - {type: vxlan, endpoint: a:vx, vni: 5, local: 10.0.0.1, learning: false, fdb: [
      {mac: "00:00:00:00:00:00", dst: 10.0.0.2}, {mac: "00:00:00:00:00:00", dst: 10.0.0.3, port: 4789},
      {mac: "02:00:00:00:00:09", dst: 10.0.0.2, vni: 6, via: eth0}]}
)");
  ASSERT_NO_FATAL_FAILURE(up(file.path()));
  const std::string shown = run("bridge -n x.a fdb show dev vx").text;
  for (const char* line :
       {"00:00:00:00:00:00 dst 10.0.0.2", "00:00:00:00:00:00 dst 10.0.0.3 port 4789",
        "02:00:00:00:00:09 dst 10.0.0.2 vni 6 via eth0"}) {
    EXPECT_NE(shown.find(line), std::string::npos) << shown;
  }
  EXPECT_EQ(ip_json("x.a", "link show vx")[0]["mtu"], 1450) << "what the segment below leaves it";
}

TEST_F(KindsE2e, TunAndTapStay) {
  if (kernel_lacks("tun")) GTEST_SKIP() << "this machine has no /dev/net/tun";
  const LabFile file(R"(name: x
nodes: {a: {}}
links:
  - {type: tun, endpoint: a:t0, owner: nobody, ipv4: 10.0.0.1/24}
  - {type: tap, endpoint: a:t1, multi_queue: true, vnet_hdr: true, pi: true, mtu: 1400, master: br7}
  - {type: bridge, endpoint: a:br7}
)");
  ASSERT_NO_FATAL_FAILURE(up(file.path()));
  const auto tun = ip_json("x.a", "-d link show t0")[0]["linkinfo"]["info_data"];
  EXPECT_EQ(tun["type"], "tun");
  EXPECT_EQ(tun["user"], "nobody");
  EXPECT_EQ(tun["pi"], false);
  EXPECT_EQ(tun["persist"], true);
  const auto tap = ip_json("x.a", "-d link show t1")[0];
  EXPECT_EQ(tap["master"], "br7");
  EXPECT_EQ(tap["mtu"], 1400);
  EXPECT_EQ(tap["linkinfo"]["info_data"]["type"], "tap");
  EXPECT_EQ(tap["linkinfo"]["info_data"]["multi_queue"], true);
  EXPECT_EQ(tap["linkinfo"]["info_data"]["vnet_hdr"], true);
  EXPECT_EQ(tap["linkinfo"]["info_data"]["pi"], true);
}

TEST_F(KindsE2e, ATrunkCarriesVlansAndKeepsThemApart) {
  if (!filters_vlans()) GTEST_SKIP() << "this kernel has no vlan_filtering";
  ASSERT_NO_FATAL_FAILURE(up(example("vlan-trunk")));
  EXPECT_EQ(ping("h1", "10.0.10.3"), 0);
  EXPECT_EQ(ping("h2", "10.0.10.4"), 0);
  EXPECT_NE(ping("h1", "10.0.10.4", 1), 0) << "another VLAN";
  EXPECT_NE(ping("h1", "10.0.10.2", 1), 0) << "another VLAN of the same switch";
  const std::string trunk = bridge_json("vlan-trunk.s1", "vlan show dev trunk").dump();
  EXPECT_NE(trunk.find("\"vlan\":10"), std::string::npos) << trunk;
  EXPECT_EQ(trunk.find("flags"), std::string::npos) << "tagged, both, and no VLAN 1 " << trunk;
  const std::string access = bridge_json("vlan-trunk.s1", "vlan show dev p1").dump();
  EXPECT_NE(access.find("PVID"), std::string::npos) << access;
  EXPECT_NE(access.find("Egress Untagged"), std::string::npos) << access;
  const Output still = netyard("plan " + example("vlan-trunk"));
  EXPECT_EQ(still.text, "vlan-trunk: up, no change\n");
  for (const char* hand : {"vlan del vid 10 dev trunk", "vlan add vid 10 dev p1",
                           "vlan add vid 1 dev trunk pvid untagged"}) {
    ASSERT_EQ(run(std::string("bridge -n vlan-trunk.s1 ") + hand).status, 0) << hand;
    EXPECT_EQ(netyard("plan " + example("vlan-trunk")).status, 10) << hand;
    ASSERT_NO_FATAL_FAILURE(up(example("vlan-trunk")));
    EXPECT_EQ(bridge_json("vlan-trunk.s1", "vlan show dev trunk").dump(), trunk) << hand;
    EXPECT_EQ(bridge_json("vlan-trunk.s1", "vlan show dev p1").dump(), access) << hand;
  }
}

TEST_F(KindsE2e, VlanFilteringIsRefusedByNameWhereThereIsNone) {
  if (filters_vlans()) GTEST_SKIP() << "this kernel has it";
  const Output out = netyard("up " + example("vlan-trunk"));
  EXPECT_EQ(out.status, 1);
  EXPECT_NE(out.text.find(
                "this kernel has no 'vlan_filtering' of a bridge (CONFIG_BRIDGE_VLAN_FILTERING)"),
            std::string::npos)
      << out.text;
  EXPECT_EQ(run("ip netns list").text, "");
}

TEST_F(KindsE2e, ABondFailsOver) {
  SKIP_WITHOUT("bond");
  ASSERT_NO_FATAL_FAILURE(up(example("bond")));
  const auto active = [] {
    return ip_json("bond.server", "-d link show bond0")[0]["linkinfo"]["info_data"]["active_slave"];
  };
  EXPECT_EQ(ip_json("bond.server", "link show eth1")[0]["master"], "bond0");
  EXPECT_TRUE(eventually([&] { return active() == "eth0"; }, 20)) << "the primary";
  EXPECT_EQ(ping("client", "10.0.0.1"), 0);
  ASSERT_EQ(run("ip -n bond.s1 link set p1 down").status, 0);
  EXPECT_TRUE(eventually([&] { return active() == "eth1"; }, 20));
  EXPECT_TRUE(eventually([&] { return ping("client", "10.0.0.1", 1) == 0; }, 20));
}

TEST_F(KindsE2e, VrfsKeepCustomersApart) {
  SKIP_WITHOUT("vrf");
  ASSERT_NO_FATAL_FAILURE(up(example("vrf")));
  EXPECT_EQ(ping("red", "10.0.0.1"), 0);
  EXPECT_EQ(ping("blue", "10.0.0.1"), 0);
  EXPECT_EQ(ip_json("vrf.pe", "link show red")[0]["master"], "vrf-red");
  EXPECT_NE(run("ip -n vrf.pe route show table 100").text.find("10.0.0.0/24 dev red"),
            std::string::npos);
  EXPECT_EQ(run("ip -n vrf.pe route show table main").text, "");
}

nlohmann::json interface_of(const nlohmann::json& status, const std::string& node,
                            const std::string& name) {
  for (const auto& one : status["nodes"]) {
    if (one["name"] != node) continue;
    for (const auto& interface : one["interfaces"]) {
      if (interface["name"] == name) return interface;
    }
  }
  return {};
}

// Each key of the file, and its value, is in the status.
void expect_settings(const nlohmann::json& shown, const nlohmann::json& file) {
  for (const auto& [key, value] : file.items()) EXPECT_EQ(shown[key], value) << key << shown;
}

TEST_F(KindsE2e, WireGuardSpeaksAndShowsNoKey) {
  SKIP_WITHOUT("wireguard");
  SKIP_WITHOUT("dummy");
  const Output out = netyard("-v up " + example("wireguard"));
  ASSERT_EQ(out.status, 0) << out.text;
  EXPECT_EQ(netyard("exec left -- ping -n -c 1 -W 20 -I 10.1.0.1 10.2.0.1").status, 0);
  const std::string shown = netyard("status --json").text;
  const auto status = nlohmann::json::parse(shown);
  const auto left = interface_of(status, "left", "wg0");
  const auto right = interface_of(status, "right", "wg0");
  EXPECT_EQ(left["settings"]["listen_port"], 51820);
  ASSERT_EQ(left["peers"].size(), 1U) << left;
  expect_settings(left["peers"][0], {{"public_key", right["public_key"]},
                                     {"endpoint", "198.51.100.1:51820"},
                                     {"allowed_ips", {"10.8.0.2/32", "10.2.0.0/24"}},
                                     {"keepalive", "25s"}});
  // The public ones are for everybody to see.
  const std::string text = netyard("plan " + example("wireguard")).text + out.text +
                           std::regex_replace(shown, std::regex("\"public_key\": \"[^\"]*\""), "");
  EXPECT_FALSE(std::regex_search(text, std::regex("[A-Za-z0-9+/]{43}="))) << text;
  if (run("command -v wg").status != 0) return;
  const std::string dump = netyard("exec left -- wg show wg0 dump").text;
  EXPECT_NE(dump.find("\t51820\toff"), std::string::npos) << dump;
  EXPECT_NE(dump.find("198.51.100.1:51820\t10.8.0.2/32,10.2.0.0/24\t"), std::string::npos) << dump;
  EXPECT_NE(dump.find("\t25\n"), std::string::npos) << dump;
}

TEST_F(KindsE2e, WireGuardKeepsItsKeysThroughChanges) {
  SKIP_WITHOUT("wireguard");
  SKIP_WITHOUT("dummy");
  ASSERT_EQ(netyard("up " + example("wireguard")).status, 0);
  const auto key_of = [](const std::string& node) {
    const auto status = nlohmann::json::parse(netyard("status --json").text);
    return interface_of(status, node, "wg0")["public_key"].get<std::string>();
  };
  const std::string left = key_of("left");
  const std::string right = key_of("right");
  std::string text = run("cat " + example("wireguard")).text;
  const auto put = [&](const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    text.replace(at, what.size(), with);
  };
  // One more to speak with: it gets a key, and the others keep theirs.
  put("nodes:\n", "nodes:\n  third: {routes: [default via 203.0.113.2]}\n");
  put("links:\n",
      "links:\n  - {endpoints: ['third:wan', 'internet:south'], "
      "ipv4: [203.0.113.1/30, 203.0.113.2/30]}\n"
      "  - {type: wireguard, endpoint: 'third:wg0', ipv4: 10.8.0.5/32, peers: ['left:wg0']}\n");
  put("keepalive: 25s}", "keepalive: 5s}, {peer: 'third:wg0'}");
  const LabFile changed(text);
  const Output up = netyard("up " + changed.path());
  ASSERT_EQ(up.status, 0) << up.text;
  EXPECT_EQ(key_of("left"), left);
  EXPECT_EQ(key_of("right"), right);
  EXPECT_EQ(netyard("plan " + changed.path()).text, "wireguard: up, no change\n");
  EXPECT_EQ(ping("right", "10.8.0.1", 20), 0);
  // A link that is made anew has a new key, and its peers learn it.
  ASSERT_EQ(run("ip -n wireguard.right link del wg0").status, 0);
  const Output plan = netyard("plan " + changed.path());
  EXPECT_NE(plan.text.find("(was: no peer right:wg0)"), std::string::npos) << plan.text;
  ASSERT_EQ(netyard("up " + changed.path()).status, 0);
  EXPECT_EQ(key_of("left"), left);
  EXPECT_NE(key_of("right"), right);
  EXPECT_EQ(ping("right", "10.8.0.1", 20), 0);
  if (run("command -v wg").status != 0) return;
  ASSERT_EQ(run("ip netns exec wireguard.left wg set wg0 listen-port 999 peer " + key_of("right") +
                " persistent-keepalive 7")
                .status,
            0);
  const std::string drift = netyard("status").text;
  EXPECT_NE(drift.find("(was: listen_port 999, keepalive 7s of right:wg0)"), std::string::npos)
      << drift;
  ASSERT_EQ(netyard("up " + changed.path()).status, 0);
  EXPECT_EQ(netyard("plan " + changed.path()).text, "wireguard: up, no change\n");
}

// Whom a macsec link takes frames from, by identifier, with the number of the association.
std::map<std::string, std::string> macsec_channels(const std::string& shown) {
  std::map<std::string, std::string> out;
  const std::regex line("RXSC: ([0-9a-f]{16}), state on\\s+([0-3]): PN [0-9]+,.*state on,");
  for (auto it = std::sregex_iterator(shown.begin(), shown.end(), line);
       it != std::sregex_iterator(); ++it) {
    out[(*it)[1]] = (*it)[2];
  }
  return out;
}

TEST_F(KindsE2e, MacsecSpeaksAndShowsNoKey) {
  SKIP_WITHOUT("macsec");
  for (const char* cipher : {"gcm-aes-128", "gcm-aes-xpn-256"}) {
    SCOPED_TRACE(cipher);
    const LabFile file(fmt::format(R"(name: x
nodes: {{a: {{}}, b: {{}}, c: {{}}, s: {{kind: switch}}}}
links:
  - {{endpoints: [a:eth0, s]}}
  - {{endpoints: [b:eth0, s]}}
  - {{endpoints: [c:eth0, s]}}
  - {{type: macsec, endpoint: a:ms0, parent: eth0, encrypt: true, cipher: {0}, ipv4: 10.8.0.1/24,
     replay_protect: true, window: 4, peers: ["b:ms0", "c:ms0"]}}
  - {{type: macsec, endpoint: b:ms0, parent: eth0, encrypt: true, cipher: {0}, ipv4: 10.8.0.2/24,
     port: 7, encoding_sa: 2, peers: ["a:ms0"]}}
  - {{type: macsec, endpoint: c:ms0, parent: eth0, encrypt: true, cipher: {0}, ipv4: 10.8.0.3/24,
     peers: ["a:ms0"]}}
)",
                                   cipher));
    const Output out = netyard("-v up " + file.path());
    ASSERT_EQ(out.status, 0) << out.text;
    EXPECT_EQ(ping("a", "10.8.0.2", 10), 0);
    EXPECT_EQ(ping("c", "10.8.0.1", 10), 0);
    EXPECT_NE(ping("b", "10.8.0.3", 1), 0) << "no peers";
    const std::string shown = run("ip -n x.a macsec show").text;
    EXPECT_NE(shown.find("encrypt on"), std::string::npos) << shown;
    const auto mac = [](const char* node) {
      std::string text = ip_json(std::string("x.") + node, "link show eth0")[0]["address"];
      std::erase(text, ':');
      return text;
    };
    std::smatch sent;
    const std::regex own(
        "TXSC: ([0-9a-f]{16}) on SA 0\\s+0: PN ([0-9]+),.*state on,.* key ([0-9a-f]{32})");
    ASSERT_TRUE(std::regex_search(shown, sent, own)) << shown;
    EXPECT_EQ(sent[1], mac("a") + "0001");
    EXPECT_GT(std::stoull(sent[2]), 1U) << "it sent by the association: " << shown;
    const std::map<std::string, std::string> channels = {{mac("b") + "0007", "2"},
                                                         {mac("c") + "0001", "0"}};
    EXPECT_EQ(macsec_channels(shown), channels) << shown;
    const auto status = nlohmann::json::parse(netyard("status --json x").text);
    const auto ms0 = interface_of(status, "a", "ms0");
    expect_settings(ms0["settings"], {{"cipher", cipher}, {"window", 4}, {"encrypt", true}});
    expect_settings(ms0, {{"parent", "eth0"}, {"sci", mac("a") + "0001"}});
    EXPECT_EQ(ms0["peers"].size(), 2U);
    EXPECT_EQ(ms0["associations"][0]["key_id"], sent[3].str());
    EXPECT_FALSE(std::regex_search(netyard("plan " + file.path()).text + out.text,
                                   std::regex("[0-9a-f]{32}")));
    EXPECT_EQ(netyard("down x").status, 0);
  }
}

TEST_F(KindsE2e, AMacsecKeyThatIsGivenIsTheOneInUse) {
  SKIP_WITHOUT("macsec");
  // The peer is made by ip(8), which knows only the key and the address.
  const LabFile key("000102030405060708090a0b0c0d0e0f\n", "/run/macsec.key");
  const LabFile file(fmt::format(R"(name: x
nodes: {{a: {{}}, b: {{}}}}
links:
  - {{endpoints: [a:eth0, b:eth0], mac: ["02:00:00:00:00:0a", "02:00:00:00:00:0b"]}}
  - {{type: macsec, endpoint: a:ms0, parent: eth0, encrypt: true, ipv4: 10.8.0.1/24, key_file: {},
     peers: [{{mac: "02:00:00:00:00:0b", encoding_sa: 1, key: "101112131415161718191a1b1c1d1e1f"}}]}}
)",
                                 key.path()));
  const Output out = netyard("up " + file.path());
  ASSERT_EQ(out.status, 0) << out.text;
  EXPECT_EQ(out.text.find("101112131415"), std::string::npos) << out.text;
  for (const char* line : {"link add link eth0 ms0 type macsec encrypt on encodingsa 1",
                           "macsec add ms0 tx sa 1 pn 1 on key 01 101112131415161718191a1b1c1d1e1f",
                           "macsec add ms0 rx port 1 address 02:00:00:00:00:0a",
                           "macsec add ms0 rx port 1 address 02:00:00:00:00:0a sa 0 pn 1 on key 00 "
                           "000102030405060708090a0b0c0d0e0f",
                           "addr add 10.8.0.2/24 dev ms0", "link set ms0 up"}) {
    const Output made = run(std::string("ip -n x.b ") + line);
    EXPECT_EQ(made.status, 0) << line << made.text;
  }
  EXPECT_EQ(ping("a", "10.8.0.2", 10), 0);
}

TEST_F(KindsE2e, StatusShowsWhatTheFileSays) {
  const LabFile file(R"(name: x
nodes:
  s: {kind: switch, stp: true, forward_delay: 5s, ageing_time: 77s, group_fwd_mask: [lldp, pae], mcast_hash_max: 512,
      priority: 4096, no_linklocal_learn: true, interfaces: {
      p1: {port: {cost: 7, isolated: true, mcast_router: always, learning: false, group_fwd_mask: lacp}},
      p2: {port: {backup_port: p1}}}}
  a: {}
links:
  - {endpoints: [s:p1, {node: a, interface: eth0, alias: uplink of a, txqlen: 77, group: 5, promisc: true, arp: false}], mtu: 1400}
  - {endpoints: [s:p2, a:eth1], ipv4: ["", 10.0.0.1/24]}
  - {type: vxlan, endpoint: a:vx, vni: 5, local: 10.0.0.1, remote: 10.0.0.2, dstport: 4789, ttl: inherit, learning: false,
     srcport: 4000-5000, gbp: true, flowlabel: 0, limit: 9}
  - {type: macvlan, endpoint: a:mv, parent: eth1, mode: source, sources: ["02:00:00:00:00:01", "02:00:00:00:00:02"]}
)");
  ASSERT_NO_FATAL_FAILURE(up(file.path()));
  const Output out = netyard("status --json");
  ASSERT_EQ(out.status, 0) << out.text;
  const auto status = nlohmann::json::parse(out.text);
  expect_settings(interface_of(status, "s", "br0")["settings"],
                  {{"stp", true},
                   {"forward_delay", "5s"},
                   {"ageing_time", "77s"},
                   {"group_fwd_mask", {"pae", "lldp"}},
                   {"mcast_hash_max", 512},
                   {"no_linklocal_learn", true},
                   {"priority", 4096}});
  expect_settings(interface_of(status, "s", "p1")["port"], {{"cost", 7},
                                                            {"isolated", true},
                                                            {"mcast_router", "always"},
                                                            {"learning", false},
                                                            {"group_fwd_mask", {"lacp"}}});
  expect_settings(interface_of(status, "s", "p2"), {{"master_name", "br0"}});
  EXPECT_EQ(interface_of(status, "s", "p2")["port"]["backup_port"], "p1");
  expect_settings(interface_of(status, "a", "eth0"), {{"alias", "uplink of a"},
                                                      {"txqlen", 77},
                                                      {"group", 5},
                                                      {"promisc", true},
                                                      {"arp", false},
                                                      {"mtu", 1400}});
  expect_settings(interface_of(status, "a", "vx")["settings"], {{"vni", 5},
                                                                {"local", "10.0.0.1"},
                                                                {"remote", "10.0.0.2"},
                                                                {"dstport", 4789},
                                                                {"ttl", "inherit"},
                                                                {"learning", false},
                                                                {"srcport", "4000-5000"},
                                                                {"gbp", true},
                                                                {"limit", 9}});
  EXPECT_FALSE(interface_of(status, "a", "vx")["settings"].contains("group"));
  const auto macvlan = interface_of(status, "a", "mv");
  EXPECT_EQ(macvlan["parent"], "eth1");
  expect_settings(macvlan["settings"],
                  {{"mode", "source"}, {"sources", {"02:00:00:00:00:01", "02:00:00:00:00:02"}}});
}

// The kinds that fewer kernels have; each is looked at where there is the kind.
TEST_F(KindsE2e, StatusShowsTheRestToo) {
  struct Link {
    const char* kind;
    const char* keys;  // in the file, and in the status
  };
  static constexpr Link kLinks[] = {
      {"vlan", R"("id": 7, "gvrp": false, "reorder_hdr": false, "egress_qos_map": ["2:3", "4:5"])"},
      {"bond", R"("mode": "802.3ad", "miimon": "100ms", "lacp_rate": "fast", "min_links": 1)"},
      {"vrf", R"("table": 100)"},
      {"gre", R"("local": "10.0.0.1", "remote": "10.0.0.2", "key": 7, "csum": true, "ttl": 64)"},
      {"gretap", R"("local": "10.0.0.1", "remote": "10.0.0.2", "ikey": 7, "okey": 8, "tos": 16)"},
      {"ip6gre", R"("local": "2001:db8::1", "remote": "2001:db8::2", "hoplimit": 33, "tclass": 17,
                    "flowlabel": 4660, "encaplimit": "none")"},
      {"erspan", R"("local": "10.0.0.1", "remote": "10.0.0.2", "key": 9, "version": 2, "hwid": 5,
                    "direction": "egress")"},
      {"ipip", R"("local": "10.0.0.1", "remote": "10.0.0.2", "mode": "any", "ttl": 64)"},
      {"sit", R"("local": "10.0.0.1", "remote": "10.0.0.2", "6rd_prefix": "2001:db8::/32")"},
      {"ip6tnl", R"("local": "2001:db8::1", "remote": "2001:db8::2", "mode": "ipip6")"},
      {"geneve", R"("vni": 7, "remote": "10.0.0.2", "dstport": 6082, "ttl": "inherit")"},
      {"ipvlan", R"("mode": "l2", "ports": "private")"},
      {"wireguard", R"("listen_port": 4500, "fwmark": 9)"},
      {"macsec", R"("port": 7, "cipher": "gcm-aes-256", "encrypt": true, "validate": "check")"},
      {"vti", R"("local": "10.0.0.1", "remote": "10.0.0.2", "ikey": 7, "okey": 8)"},
      {"xfrm", R"("if_id": 42)"},
      {"tap", R"("owner": "nobody", "multi_queue": true, "vnet_hdr": true, "pi": false)"},
      {"netkit", R"("mode": "l2", "policy": "blackhole")"}};
  std::string links;
  std::vector<const Link*> made;
  for (const auto& link : kLinks) {
    if (kernel_lacks(link.kind)) continue;
    // A link has one handler of what comes in: each of these gets a parent of its own.
    static const std::map<std::string, std::string> kParents = {
        {"vlan", "eth0"}, {"macsec", "eth0"}, {"xfrm", "eth0"}, {"ipvlan", "eth1"}};
    const auto parent = kParents.find(link.kind);
    const std::string name = std::string("t-") + link.kind;
    const std::string ends = std::string_view(link.kind) == "netkit"
                                 ? fmt::format("\"endpoints\": [\"a:{0}\", \"b:{0}\"]", name)
                                 : fmt::format("\"endpoint\": \"a:{}\"", name);
    links += fmt::format(
        "  - {{\"type\": \"{}\", {}, {}{}}}\n", link.kind, ends, link.keys,
        parent != kParents.end() ? fmt::format(", \"parent\": \"{}\"", parent->second) : "");
    made.push_back(&link);
  }
  ASSERT_FALSE(made.empty());
  const LabFile file(R"(name: x
nodes: {a: {}, b: {}}
links:
  - {endpoints: [a:eth0, b:eth0], ipv4: [10.0.0.1/24, 10.0.0.2/24], ipv6: ["2001:db8::1/64", "2001:db8::2/64"]}
  - {endpoints: [a:eth1, b:eth1]}
)" + links);
  ASSERT_NO_FATAL_FAILURE(up(file.path()));
  const auto status = nlohmann::json::parse(netyard("status --json").text);
  for (const Link* link : made) {
    SCOPED_TRACE(link->kind);
    const auto keys = nlohmann::json::parse(std::string("{") + link->keys + "}");
    expect_settings(interface_of(status, "a", std::string("t-") + link->kind)["settings"], keys);
  }
}

TEST_F(KindsE2e, ARingOfSwitchesFindsAnotherWay) {
  const LabFile file(R"(name: ring
defaults: {node: {stp: true, forward_delay: 2s, hello_time: 1s, max_age: 6s}}
nodes:
  h1: {}
  h2: {}
  s1: {kind: switch, priority: 4096}
  s2: {kind: switch}
  s3: {kind: switch}
links:
  - {endpoints: [s1:a, s2:a]}
  - {endpoints: [s2:b, s3:b]}
  - {endpoints: [s3:c, s1:c]}
  - {endpoints: [h1:eth0, s1:h], ipv4: [10.0.0.1/24]}
  - {endpoints: [h2:eth0, s2:h], ipv4: [10.0.0.2/24]}
)");
  ASSERT_NO_FATAL_FAILURE(up(file.path()));
  const auto count = [](const char* state) {
    int out = 0;
    for (const char* node : {"s1", "s2", "s3"}) {
      for (const auto& port : bridge_json(std::string("ring.") + node, "link show")) {
        if (port.contains("state") && port["state"] == state) ++out;
      }
    }
    return out;
  };
  EXPECT_TRUE(eventually([&] { return count("forwarding") == 7 && count("blocking") == 1; }, 30))
      << "one port of the ring is closed";
  EXPECT_TRUE(eventually([&] { return ping("h1", "10.0.0.2", 1) == 0; }, 20));
  ASSERT_EQ(run("ip -n ring.s1 link set dev a down").status, 0);
  EXPECT_TRUE(eventually([&] { return count("blocking") == 0 && count("forwarding") == 6; }, 40));
  EXPECT_TRUE(eventually([&] { return ping("h1", "10.0.0.2", 1) == 0; }, 20)) << "by s3";
}

// The examples of docs/kinds.md, which are those of the tables.
TEST_F(KindsE2e, TheExampleOfEveryKindComesUp) {
  const std::string page = netyard("kinds --markdown").text;
  const std::regex fence("```yaml\n([^`]*)```");
  std::string skipped;
  int made = 0;
  for (auto it = std::sregex_iterator(page.begin(), page.end(), fence);
       it != std::sregex_iterator(); ++it) {
    const LabFile file((*it)[1].str());
    const std::string name = (*it)[1].str().substr(11, (*it)[1].str().find('\n') - 11);
    const Output out = netyard("up " + file.path());
    if (out.text.find("this kernel has no ") != std::string::npos) {
      skipped += " " + name;
      continue;
    }
    EXPECT_EQ(out.status, 0) << name << out.text;
    EXPECT_EQ(netyard("status kind-" + name).status, 0) << name;
    EXPECT_EQ(netyard("down kind-" + name).status, 0) << name;
    ++made;
  }
  EXPECT_GE(made, 6);
  if (!skipped.empty()) std::printf("not in this kernel:%s\n", skipped.c_str());
}

// A switch is tried before: what that leaves must not speak for the bond.
TEST_F(KindsE2e, AKindThatTheKernelLacksIsRefusedBesideOthers) {
  if (netyard("kinds | grep '^bond '").text.find(" no ") == std::string::npos) {
    GTEST_SKIP() << "this kernel has bond";
  }
  const Output up = netyard("up " + example("bond"));
  EXPECT_EQ(up.status, 1);
  EXPECT_NE(up.text.find("bond.yaml:8:5: error: this kernel has no bond (CONFIG_BONDING)"),
            std::string::npos)
      << up.text;
  EXPECT_NE(up.text.find("nothing was changed"), std::string::npos);
}

}  // namespace
}  // namespace netyard::test
