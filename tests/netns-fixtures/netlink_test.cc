// SPDX-License-Identifier: Apache-2.0
// Messages to a real kernel, read back by ip(8).
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>

#include "base/error.h"
#include "netlink/address.h"
#include "netlink/link.h"
#include "netlink/namespace_id.h"
#include "netlink/neighbor.h"
#include "netlink/observe.h"
#include "netlink/observe_layer3.h"
#include "netlink/route.h"
#include "netlink/rule.h"
#include "netlink/socket.h"
#include "netns-fixtures/fixture.h"
#include "netns/namespace.h"
#include "netns/pin.h"

namespace netyard::test {
namespace {

constexpr std::uint8_t kStatic = 4;  // RTPROT_STATIC

/// Each test gets two named namespaces, a and b, with a socket in each.
class NetlinkTest : public CleanNetnsTest {
 protected:
  void SetUp() override {
    CleanNetnsTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    prepare_netns_directory();
    open(a_fd_, a_, "a");
    open(b_fd_, b_, "b");
  }
  void TearDown() override {
    a_.reset();
    b_.reset();
    a_fd_.reset();
    b_fd_.reset();
    if (!IsSkipped()) unpin_namespaces({"a", "b"});
    CleanNetnsTest::TearDown();
  }

  static void open(FileDescriptor& fd, std::optional<Socket>& socket, const char* name) {
    const FileDescriptor home = current_namespace();
    const NamespaceScope back(home.get());
    fd = create_pinned_namespace(name);
    socket.emplace();
  }

  static NewLink make(const char* kind, const char* name, std::uint32_t ifindex) {
    NewLink link;
    link.kind = find_link_kind(kind);
    link.name = name;
    link.ifindex = ifindex;
    return link;
  }

  // A veth from a:eth0 (100) to b:eth1 (101), both up.
  void connect() {
    NewLink link = make("veth", "eth0", 100);
    link.up = true;
    link.peer = LinkPeer{"eth1", 101, MacAddress::parse("02:00:00:00:00:02")};
    ASSERT_TRUE(a_->request(new_link(link, -1, b_fd_.get())).ok());
    LinkChange up;
    up.ifindex = 101;
    up.up = true;
    ASSERT_TRUE(b_->request(change_link(up)).ok());
  }

  FileDescriptor a_fd_, b_fd_;
  std::optional<Socket> a_, b_;
};

TEST_F(NetlinkTest, VethIsMadeWholeInBothNamespaces) {
  NewLink link = make("bridge", "br0", 99);
  link.up = true;
  ASSERT_TRUE(a_->request(new_link(link)).ok());
  link = make("veth", "port", 100);
  link.mac = MacAddress::parse("02:00:00:00:00:01");
  link.mtu = 1400;
  link.master = 99;
  link.up = true;
  link.peer = LinkPeer{"eth0", 101, MacAddress::parse("02:00:00:00:00:02")};
  const Ack ack = a_->request(new_link(link, -1, b_fd_.get()));
  ASSERT_TRUE(ack.ok()) << errno_sentence(ack.error) << ack.sentence;
  const auto first = ip_json("a", "link show port")[0];
  EXPECT_EQ(first["ifindex"], 100);
  EXPECT_EQ(first["address"], "02:00:00:00:00:01");
  EXPECT_EQ(first["mtu"], 1400);
  EXPECT_EQ(first["master"], "br0");
  EXPECT_EQ(first["num_tx_queues"], 1);
  EXPECT_EQ(first["flags"].dump().find("\"UP\"") != std::string::npos, true);
  const auto second = ip_json("b", "link show eth0")[0];
  EXPECT_EQ(second["ifindex"], 101);
  EXPECT_EQ(second["link_index"], 100);
  EXPECT_EQ(second["address"], "02:00:00:00:00:02");
  EXPECT_EQ(second["mtu"], 1400);
  EXPECT_EQ(ip_json("", "link show").size(), 1U) << "nothing passes through the caller's namespace";
}

TEST_F(NetlinkTest, AddressesAreUsableAtOnce) {
  connect();
  for (const char* text : {"10.1.2.3/24", "2001:db8::3/64", "10.9.9.9/31"}) {
    ASSERT_TRUE(a_->request(new_address({100, *IpPrefix::parse(text), false})).ok()) << text;
  }
  const auto shown = ip_json("a", "addr show eth0")[0]["addr_info"];
  EXPECT_EQ(shown[0]["local"], "10.1.2.3");
  EXPECT_EQ(shown[0]["prefixlen"], 24);
  EXPECT_EQ(shown[0]["broadcast"], "10.1.2.255");
  EXPECT_EQ(shown[0]["scope"], "global");
  EXPECT_FALSE(shown[1].contains("broadcast"));
  EXPECT_EQ(shown[2]["local"], "2001:db8::3");
  EXPECT_TRUE(shown[2]["nodad"]);
  EXPECT_FALSE(shown[2].contains("tentative"));
  ASSERT_TRUE(a_->request(delete_address({100, *IpPrefix::parse("10.1.2.3/24"), false})).ok());
  EXPECT_EQ(a_->request(delete_address({100, *IpPrefix::parse("10.1.2.3/24"), false})).error,
            EADDRNOTAVAIL);
}

TEST_F(NetlinkTest, RoutesOfEveryShape) {
  connect();
  for (const char* text : {"10.0.0.1/24", "2001:db8::1/64"}) {
    ASSERT_TRUE(a_->request(new_address({100, *IpPrefix::parse(text), false})).ok());
  }
  const auto gateway = IpAddress::parse("10.0.0.2");
  const auto other = IpAddress::parse("10.0.0.3");
  const auto gateway6 = IpAddress::parse("2001:db8::2");
  const Route plain{
      *IpPrefix::parse("0.0.0.0/0"), {{gateway, 100, 1}}, 254, 50, IpAddress::parse("10.0.0.1")};
  const Route multi{
      *IpPrefix::parse("10.7.0.0/16"), {{gateway, 100, 1}, {other, 100, 3}}, 254, 0, {}};
  const Route table{*IpPrefix::parse("10.8.0.0/16"), {{{}, 100, 1}}, 1000, 0, {}};
  const Route mixed{*IpPrefix::parse("10.9.0.0/16"), {{gateway6, 100, 1}}, 254, 0, {}};
  const Route six{*IpPrefix::parse("2001:db8:5::/48"), {{gateway6, 100, 1}}, 254, 7, {}};
  for (const Route& route : {plain, multi, table, mixed, six}) {
    const Ack ack = a_->request(new_route(route));
    ASSERT_TRUE(ack.ok()) << route.destination.to_string() << " " << ack.sentence;
  }
  const auto shown = ip_json("a", "route show default")[0];
  EXPECT_EQ(shown["gateway"], "10.0.0.2");
  EXPECT_EQ(shown["metric"], 50);
  EXPECT_EQ(shown["prefsrc"], "10.0.0.1");
  EXPECT_EQ(shown["protocol"], "static");
  const auto hops = ip_json("a", "route show 10.7.0.0/16")[0]["nexthops"];
  EXPECT_EQ(hops[1]["gateway"], "10.0.0.3");
  EXPECT_EQ(hops[1]["weight"], 3);
  EXPECT_EQ(ip_json("a", "route show table 1000")[0]["dst"], "10.8.0.0/16");
  EXPECT_EQ(ip_json("a", "route show 10.9.0.0/16")[0]["via"]["host"], "2001:db8::2");
  EXPECT_EQ(ip_json("a", "-6 route show 2001:db8:5::/48")[0]["metric"], 7);

  std::vector<Route> seen;
  for (auto& state : observe_routes(*a_)) {
    if (state.protocol != kStatic) continue;
    seen.push_back(state.route);
    seen.back().scope.reset();  // the kernel always says both
    seen.back().preference.reset();
  }
  for (const Route& route : {plain, multi, table, mixed, six}) {
    EXPECT_NE(std::find(seen.begin(), seen.end(), route), seen.end())
        << route.destination.to_string();
    EXPECT_TRUE(a_->request(delete_route(route)).ok());
  }
}

TEST_F(NetlinkTest, RulesAndNeighbours) {
  connect();
  Rule rule;
  rule.priority = 77;
  rule.from = IpPrefix::parse("10.1.0.0/16");
  rule.iif = "eth0";
  rule.mark = 9;
  rule.table = 1000;
  ASSERT_TRUE(a_->request(new_rule(rule)).ok());
  const auto shown = ip_json("a", "rule show priority 77")[0];
  EXPECT_EQ(shown["src"], "10.1.0.0");
  EXPECT_EQ(shown["srclen"], 16);
  EXPECT_EQ(shown["iif"], "eth0");
  EXPECT_EQ(shown["fwmark"], "0x9");
  EXPECT_EQ(shown["table"], "1000");
  ASSERT_TRUE(a_->request(delete_rule(rule)).ok());
  const Neighbor neighbor{100, *IpAddress::parse("10.0.0.9"),
                          *MacAddress::parse("02:00:00:00:00:09")};
  ASSERT_TRUE(a_->request(new_neighbor(neighbor)).ok());
  const auto entry = ip_json("a", "neigh show 10.0.0.9")[0];
  EXPECT_EQ(entry["lladdr"], "02:00:00:00:00:09");
  EXPECT_EQ(entry["state"][0], "PERMANENT");
  ASSERT_TRUE(a_->request(delete_neighbor(neighbor)).ok());
}

TEST_F(NetlinkTest, WhatIsWrittenIsReadBackWhole) {
  connect();
  ASSERT_TRUE(a_->request(new_address({100, *IpPrefix::parse("10.0.0.1/24"), false})).ok());
  LinkChange loopback;  // what a blackhole is behind
  loopback.ifindex = 1;
  loopback.up = true;
  ASSERT_TRUE(a_->request(change_link(loopback)).ok());
  NextHopObject hop;
  hop.id = 1;
  hop.hop = {IpAddress::parse("10.0.0.2"), 100};
  NextHopObject hole;
  hole.id = 2;
  hole.blackhole = true;
  NextHopObject group;
  group.id = 10;
  group.group = {{1, 256}};
  group.resilience = Resilience{64, std::chrono::seconds(7), std::chrono::seconds(0)};
  for (const auto& nexthop : {hop, hole, group}) {
    const Ack ack = a_->request(new_nexthop(nexthop));
    // Weights above 254 came with Linux 6.12.
    if (nexthop.id == 10 && !ack.ok()) {
      group.group[0].weight = 254;
      ASSERT_TRUE(a_->request(new_nexthop(group)).ok()) << ack.sentence;
    } else {
      ASSERT_TRUE(ack.ok()) << nexthop.id << ack.sentence;
    }
  }
  const auto nexthops = observe_nexthops(*a_);
  ASSERT_EQ(nexthops.size(), 3U);
  EXPECT_EQ(nexthops[0].nexthop, hop);
  EXPECT_EQ(nexthops[1].nexthop, hole);
  EXPECT_EQ(nexthops[2].nexthop, group);
  Rule rule;
  rule.priority = 78;
  rule.to = IpPrefix::parse("10.1.0.0/16");
  rule.oif = "eth0";
  rule.mark = 1;
  rule.mask = 0xff;
  rule.table = 70000;
  rule.invert = true;
  rule.tos = 0x10;
  rule.ip_protocol = 17;
  rule.source_ports = Range<std::uint16_t>{1, 9};
  rule.destination_ports = Range<std::uint16_t>{53, 53};
  rule.users = Range<std::uint32_t>{0, 0};  // all that a plain user has in a user namespace
  rule.suppress_prefix = 0;
  rule.suppress_group = 3;
  Rule six;
  six.family = Family::ipv6;
  six.priority = 79;
  six.action = RuleAction::go_to;
  six.target = 32766;
  for (const auto& one : {rule, six}) ASSERT_TRUE(a_->request(new_rule(one)).ok());
  const auto rules = observe_rules(*a_);
  for (const auto& one : {rule, six}) {
    EXPECT_TRUE(std::any_of(rules.begin(), rules.end(), [&](const auto& state) {
      return state.rule == one;
    })) << to_string(one);
    EXPECT_TRUE(a_->request(delete_rule(one)).ok());
  }
}

TEST_F(NetlinkTest, ABatchIsNoTransactionAndSaysSo) {
  Batch batch;
  batch.add(new_link(make("ifb", "one", 10)));
  batch.add(new_link(make("ifb", "one", 11)));
  batch.add(new_link(make("ifb", "two", 12)));
  const auto acks = a_->request(std::move(batch));
  ASSERT_EQ(acks.size(), 3U);
  EXPECT_TRUE(acks[0].ok());
  EXPECT_EQ(acks[1].error, EEXIST);
  EXPECT_TRUE(acks[2].ok());
  EXPECT_TRUE(observe_link(*a_, "two").has_value());
  EXPECT_FALSE(observe_link(*a_, "three").has_value());
}

TEST_F(NetlinkTest, ThousandsOfRequestsAreSplitAndAllAnswered) {
  connect();
  ASSERT_TRUE(a_->request(new_address({100, *IpPrefix::parse("10.0.0.1/24"), false})).ok());
  Batch good, bad;
  for (unsigned i = 0; i < 10000; ++i) {
    const IpPrefix destination{IpAddress::parse("172.16.0.0")->plus(i), 32};
    good.add(new_route({destination, {{IpAddress::parse("10.0.0.2"), 100, 1}}, 254, 0, {}}));
  }
  for (const auto& ack : a_->request(std::move(good))) ASSERT_TRUE(ack.ok());
  const auto routes = observe_routes(*a_);
  const auto ours = [](const RouteState& state) { return state.protocol == kStatic; };
  EXPECT_EQ(std::count_if(routes.begin(), routes.end(), ours), 10000);
  for (unsigned i = 0; i < 1000; ++i) bad.add(delete_link(5000 + i));
  const auto acks = a_->request(std::move(bad));
  ASSERT_EQ(acks.size(), 1000U);
  for (const auto& ack : acks) ASSERT_EQ(ack.error, ENODEV);
}

TEST_F(NetlinkTest, RefusalsCarryTheKernelsSentenceAndAttribute) {
  NewLink link = make("vxlan", "vx0", 10);
  link.settings.push_back({link.kind->find("vni"), std::uint64_t{1} << 24});
  const Ack ack = a_->request(new_link(link));
  EXPECT_EQ(ack.error, ERANGE);
  EXPECT_NE(ack.sentence.find("VXLAN ID must be lower"), std::string::npos) << ack.sentence;
  EXPECT_EQ(ack.attribute, "IFLA_VXLAN_ID");
}

TEST_F(NetlinkTest, ALargeDumpIsWhole) {
  Batch batch;
  for (std::uint32_t i = 0; i < 300; ++i) {
    batch.add(new_link(make("ifb", fmt::format("ifb{}", i).c_str(), 1000 + i)));
  }
  for (const auto& ack : a_->request(std::move(batch))) ASSERT_TRUE(ack.ok());
  EXPECT_EQ(observe_links(*a_).size(), 301U);
  EXPECT_EQ(ip_json("a", "link show").size(), 301U);
}

TEST_F(NetlinkTest, ObservesWhatIpShows) {
  connect();
  ASSERT_TRUE(a_->request(new_address({100, *IpPrefix::parse("10.0.0.1/24"), false})).ok());
  const auto link = observe_link(*a_, "eth0");
  ASSERT_TRUE(link);
  EXPECT_EQ(link->kind, "veth");
  EXPECT_EQ(link->parent, 101U);
  EXPECT_TRUE(link->up);
  EXPECT_EQ(link->mtu, 1500U);
  EXPECT_EQ(link->parent_nsid, namespace_id(*a_, b_fd_.get()));
  EXPECT_TRUE(eventually([&] { return observe_link(*a_, "eth0")->operstate == OperState::up; }));
  const auto addresses = observe_addresses(*a_);
  const bool found = std::any_of(addresses.begin(), addresses.end(), [](const auto& address) {
    return address.prefix.to_string() == "10.0.0.1/24" && !address.tentative && !address.link_local;
  });
  EXPECT_TRUE(found);
}

TEST_F(NetlinkTest, ALinkMovesAndComesBack) {
  ASSERT_TRUE(a_->request(new_link(make("ifb", "nic", 10))).ok());
  ASSERT_TRUE(a_->request(move_link(10, b_fd_.get(), "eth0", 20)).ok());
  EXPECT_FALSE(observe_link(*a_, "nic"));
  EXPECT_EQ(observe_link(*b_, "eth0")->ifindex, 20U);
  ASSERT_TRUE(b_->request(move_link(20, a_fd_.get(), "nic", 10)).ok());
  EXPECT_EQ(observe_link(*a_, "nic")->ifindex, 10U);
}

TEST_F(NetlinkTest, ParentsOfEitherSortReachTheKernel) {
  connect();
  NewLink vxlan = make("vxlan", "vx0", 300);
  vxlan.parent = 100;
  vxlan.settings.push_back({vxlan.kind->find("vni"), std::uint64_t{7}});
  NewLink macvlan = make("macvlan", "mv0", 301);
  macvlan.parent = 100;
  ASSERT_TRUE(a_->request(new_link(vxlan)).ok());
  ASSERT_TRUE(a_->request(new_link(macvlan)).ok());
  EXPECT_EQ(ip_json("a", "link show vx0")[0]["linkinfo"]["info_data"]["link"], "eth0");
  EXPECT_EQ(ip_json("a", "link show mv0")[0]["link"], "eth0");
}

TEST_F(NetlinkTest, CookiesTellNamespacesApart) {
  EXPECT_NE(a_->namespace_cookie(), 0U);
  EXPECT_NE(a_->namespace_cookie(), b_->namespace_cookie());
}

}  // namespace
}  // namespace netyard::test
