// SPDX-License-Identifier: Apache-2.0
// What is written into messages, read back by libmnl.
#include "netlink/message.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include <map>

#include "netlink/link.h"
#include "netlink/route.h"
#include "support/field_words.h"

namespace netyard {
namespace {

using Attributes = std::map<std::uint16_t, const nlattr*>;

int remember(const nlattr* attribute, void* to) {
  (*static_cast<Attributes*>(to))[mnl_attr_get_type(attribute)] = attribute;
  return MNL_CB_OK;
}

Attributes attributes_of(const Message& message, unsigned header) {
  Attributes out;
  mnl_attr_parse(message.raw(), header, remember, &out);
  return out;
}

Attributes nested(const nlattr* attribute) {
  Attributes out;
  mnl_attr_parse_nested(attribute, remember, &out);
  return out;
}

TEST(Message, GrowsAndPads) {
  Message message(RTM_NEWLINK, 0);
  message.header(ifinfomsg{});
  for (std::uint16_t i = 1; i <= 500; ++i) message.put_string(i, std::string(i % 40, 'x'));
  EXPECT_EQ(message.size() % 4, 0U);
  const Attributes read = attributes_of(message, sizeof(ifinfomsg));
  ASSERT_EQ(read.size(), 500U);
  EXPECT_STREQ(mnl_attr_get_str(read.at(39)), std::string(39, 'x').c_str());
  EXPECT_NE(message.flags() & NLM_F_REQUEST, 0);
}

TEST(Link, AVethIsOneMessageWithBothEnds) {
  NewLink link;
  link.kind = find_link_kind("veth");
  link.name = "eth0";
  link.ifindex = 100;
  link.mac = MacAddress::parse("02:00:00:00:00:01");
  link.mtu = 1400;
  link.master = 9;
  link.up = true;
  link.peer = LinkPeer{"eth1", 101, MacAddress::parse("02:00:00:00:00:02")};
  const Message message = new_link(link, 7, 8);
  const auto* header = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message.raw()));
  EXPECT_EQ(header->ifi_index, 100);
  EXPECT_EQ(header->ifi_flags, static_cast<unsigned>(IFF_UP));
  EXPECT_EQ(message.flags(), NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
  const Attributes own = attributes_of(message, sizeof(ifinfomsg));
  EXPECT_STREQ(mnl_attr_get_str(own.at(IFLA_IFNAME)), "eth0");
  EXPECT_EQ(mnl_attr_get_u32(own.at(IFLA_NET_NS_FD)), 7U);
  EXPECT_EQ(mnl_attr_get_u32(own.at(IFLA_MASTER)), 9U);
  const Attributes info = nested(own.at(IFLA_LINKINFO));
  EXPECT_STREQ(mnl_attr_get_str(info.at(IFLA_INFO_KIND)), "veth");
  const nlattr* peer = nested(info.at(IFLA_INFO_DATA)).at(VETH_INFO_PEER);
  const auto* peer_header = static_cast<const ifinfomsg*>(mnl_attr_get_payload(peer));
  EXPECT_EQ(peer_header->ifi_index, 101);
  EXPECT_EQ(peer_header->ifi_flags, 0U) << "the kernel refuses a peer that is up";
  Attributes theirs;
  mnl_attr_parse_payload(peer_header + 1, mnl_attr_get_payload_len(peer) - sizeof(ifinfomsg),
                         remember, &theirs);
  EXPECT_STREQ(mnl_attr_get_str(theirs.at(IFLA_IFNAME)), "eth1");
  EXPECT_EQ(mnl_attr_get_u32(theirs.at(IFLA_MTU)), 1400U);
  EXPECT_EQ(mnl_attr_get_u32(theirs.at(IFLA_NET_NS_FD)), 8U);
  EXPECT_EQ(mnl_attr_get_u32(theirs.at(IFLA_NUM_TX_QUEUES)), 1U);
}

TEST(Kinds, EveryWordIsReadAndWritten) {
  for (const LinkKind* kind : link_kinds()) {
    EXPECT_EQ(find_link_kind(kind->name), kind);
    for (const auto fields : {kind->fields, kind->port_fields, kind->device_fields}) {
      for (const auto& field : fields) {
        SCOPED_TRACE(fmt::format("{} {}", kind->name, field.key));
        FieldValue value;
        std::string problem;
        for (const auto& word : test::right_words(field)) {
          ASSERT_TRUE(parse_field(field, word, value, problem)) << word << ": " << problem;
          EXPECT_EQ(format_field(field, value), word);
        }
        for (const auto& word : test::wrong_words(field)) {
          EXPECT_FALSE(parse_field(field, word, value, problem)) << word;
        }
        EXPECT_FALSE(describe_values(field).empty());
        EXPECT_STRNE(field.help, "");
      }
    }
    for (const auto& field : kind->fields) EXPECT_EQ(kind->find(field.key), &field);
    for (const auto& rule : kind->rules) {
      EXPECT_NE(kind->find(rule.key), nullptr) << rule.key;
      EXPECT_NE(kind->find(rule.other), nullptr) << rule.other;
    }
  }
  EXPECT_EQ(find_link_kind("no-such"), nullptr);
}

TEST(Route, OneHopOrSeveral) {
  Route route{*IpPrefix::parse("10.1.0.0/16"), {{IpAddress::parse("10.0.0.1"), 5, 1}}, 1000, 7, {}};
  const Message one = new_route(route);
  const auto* header = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(one.raw()));
  EXPECT_EQ(header->rtm_table, RT_TABLE_UNSPEC);
  EXPECT_EQ(header->rtm_scope, RT_SCOPE_UNIVERSE);
  const Attributes single = attributes_of(one, sizeof(rtmsg));
  EXPECT_EQ(mnl_attr_get_u32(single.at(RTA_TABLE)), 1000U);
  EXPECT_EQ(mnl_attr_get_u32(single.at(RTA_PRIORITY)), 7U);
  EXPECT_EQ(mnl_attr_get_u32(single.at(RTA_OIF)), 5U);
  route.hops.push_back({IpAddress::parse("10.0.0.2"), 6, 4});
  const Message two = new_route(route);
  const nlattr* multipath = attributes_of(two, sizeof(rtmsg)).at(RTA_MULTIPATH);
  const auto* hop = static_cast<const rtnexthop*>(mnl_attr_get_payload(multipath));
  EXPECT_EQ(hop->rtnh_len, sizeof(rtnexthop) + 8);
  const rtnexthop* second = RTNH_NEXT(hop);
  EXPECT_EQ(second->rtnh_ifindex, 6);
  EXPECT_EQ(second->rtnh_hops, 3) << "one less than the weight";
}

TEST(InterfaceName, ObeysTheKernel) {
  EXPECT_EQ(interface_name_problem("eth0.100"), "");
  EXPECT_EQ(interface_name_problem("fifteen-bytes-x"), "");
  for (const char* name :
       {"", ".", "..", "a b", "a/b", "a:b", "eth%d", "a\tb", "sixteen-bytes-xx"}) {
    EXPECT_NE(interface_name_problem(name), "") << name;
  }
}

}  // namespace
}  // namespace netyard
