// SPDX-License-Identifier: Apache-2.0
// How routes, nexthops and encapsulations lie in messages.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <libmnl/libmnl.h>
#include <linux/lwtunnel.h>
#include <linux/mpls_iptunnel.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <linux/seg6_iptunnel.h>

#include <cstring>

#include "netlink/attributes.h"
#include "netlink/encap.h"
#include "netlink/message.h"
#include "netlink/mpls_route.h"
#include "netlink/nexthop.h"
#include "netlink/route.h"

namespace netyard {
namespace {

Encap encap_of(const char* text) {
  Encap out;
  std::string problem;
  EXPECT_TRUE(parse_encap(text, out, problem)) << problem;
  EXPECT_EQ(to_string(out), text);
  return out;
}

Route route_with(Encap encap) {
  Route route;
  route.destination = *IpPrefix::parse("10.0.0.0/8");
  route.hops.push_back({{}, 5, 1, false, std::move(encap)});
  return route;
}

std::uint32_t word_at(std::string_view bytes, std::size_t at) {
  std::uint32_t out = 0;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return ntohl(out);
}

TEST(Encap, LabelsAreAStack) {
  const Message message = new_route(route_with(encap_of("mpls 100/200 ttl 9")));
  const Attributes route(message.raw(), sizeof(rtmsg));
  EXPECT_EQ(route.number(RTA_ENCAP_TYPE), std::uint32_t{LWTUNNEL_ENCAP_MPLS});
  const Attributes mpls(route.find(RTA_ENCAP));
  const std::string_view stack = bytes_of(mpls.find(MPLS_IPTUNNEL_DST));
  ASSERT_EQ(stack.size(), 8U);
  EXPECT_EQ(word_at(stack, 0), 100U << 12);
  EXPECT_EQ(word_at(stack, 4), (200U << 12) | (1U << 8)) << "the last has the bottom bit";
  EXPECT_EQ(mpls.number(MPLS_IPTUNNEL_TTL), 9U);
}

// RFC 8754: the last segment first.
TEST(Encap, SegmentsStandBackwards) {
  for (const bool is_inline : {false, true}) {
    const std::string text = std::string("seg6 mode ") + (is_inline ? "inline" : "encap") +
                             " segs 2001:db8::1,2001:db8::2";
    const Message message = new_route(route_with(encap_of(text.c_str())));
    const Attributes route(message.raw(), sizeof(rtmsg));
    const std::string_view srh =
        bytes_of(Attributes(route.find(RTA_ENCAP)).find(SEG6_IPTUNNEL_SRH));
    const std::size_t count = is_inline ? 3 : 2;
    ASSERT_EQ(srh.size(), 4 + 8 + count * 16);
    EXPECT_EQ(srh[0], is_inline ? SEG6_IPTUN_MODE_INLINE : SEG6_IPTUN_MODE_ENCAP);
    EXPECT_EQ(srh[5], static_cast<char>(count * 2)) << "in units of 8 bytes";
    EXPECT_EQ(srh[6], 4) << "routing type";
    EXPECT_EQ(srh[7], static_cast<char>(count - 1)) << "segments left";
    EXPECT_EQ(srh.back(), 1) << "the first to travel to stands last";
    EXPECT_EQ(srh[srh.size() - 17], 2);
    const Encap again = read_encap(LWTUNNEL_ENCAP_SEG6, route.find(RTA_ENCAP));
    EXPECT_EQ(to_string(again), text);
  }
}

TEST(Encap, NonsenseIsRefused) {
  for (const char* text : {"", "mpls", "mpls 15", "mpls 1048576", "mpls 100/", "mpls 100 ttl 0",
                           "mpls 100 ttl 256", "mpls 100 200", "ip id 5", "seg6 segs ::1",
                           "seg6 mode x segs ::1", "seg6 mode encap segs 10.0.0.1"}) {
    Encap out;
    std::string problem;
    EXPECT_FALSE(parse_encap(text, out, problem)) << text;
    EXPECT_FALSE(problem.empty()) << text;
  }
}

TEST(Metrics, EveryOneIsReadAndWritten) {
  Route route = route_with({});
  for (const auto& field : metric_fields()) {
    RouteMetric metric;
    std::string problem;
    const std::string least = format_metric({&field, field.min, false});
    ASSERT_TRUE(parse_metric(field, "lock " + least, metric, problem)) << field.key << problem;
    EXPECT_EQ(format_metric(metric), "lock " + least);
    EXPECT_FALSE(parse_metric(field, "nonsense", metric, problem)) << field.key;
    EXPECT_FALSE(problem.empty());
    route.metrics.values.push_back(
        {&field, field.max / field.scale, field.unit == MetricUnit::ecn});
  }
  route.metrics.congestion = "reno";
  route.metrics.congestion_lock = true;
  const Message message = new_route(route);
  const Attributes attributes(message.raw(), sizeof(rtmsg));
  EXPECT_EQ(read_metrics(attributes.find(RTA_METRICS)), route.metrics);
  const Attributes raw(attributes.find(RTA_METRICS));
  EXPECT_EQ(raw.number(RTAX_RTT), 600'000U) << "eighths of a millisecond";
  EXPECT_EQ(raw.number(RTAX_LOCK), (1U << RTAX_FEATURES) | (1U << RTAX_CC_ALGO));
}

TEST(Route, TheTypeDecidesScopeAndTable) {
  const auto scope_of = [](const Route& route) {
    const Message message = new_route(route);
    return int{static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message.raw()))->rtm_scope};
  };
  Route route = route_with({});
  EXPECT_EQ(scope_of(route), RT_SCOPE_LINK);
  route.hops[0].gateway = IpAddress::parse("10.0.0.1");
  EXPECT_EQ(scope_of(route), RT_SCOPE_UNIVERSE);
  route.type = RouteType::local;
  EXPECT_EQ(scope_of(route), RT_SCOPE_HOST);
  route.scope = RT_SCOPE_NOWHERE;
  EXPECT_EQ(scope_of(route), RT_SCOPE_NOWHERE);
  EXPECT_EQ(usual_table(RouteType::anycast), 255U);
  EXPECT_EQ(usual_table(RouteType::throw_), 254U);
  EXPECT_FALSE(has_hops(RouteType::throw_));
  for (const char* word : {"unicast", "local", "broadcast", "anycast", "multicast", "blackhole",
                           "unreachable", "prohibit", "throw"}) {
    EXPECT_STREQ(to_string(*parse_route_type(word)), word);
  }
  EXPECT_FALSE(parse_route_type("unspec"));
}

TEST(NextHop, AGroupIsOneArray) {
  NextHopObject group;
  group.id = 10;
  group.group = {{1, 3}, {2, 256}};
  group.resilience = Resilience{32, std::chrono::seconds(10), {}};
  const Message message = new_nexthop(group);
  const Attributes attributes(message.raw(), sizeof(nhmsg));
  const std::string_view members = bytes_of(attributes.find(NHA_GROUP));
  ASSERT_EQ(members.size(), 2 * sizeof(nexthop_grp));
  EXPECT_EQ(members[4], 2) << "one less than the weight";
  EXPECT_EQ(static_cast<unsigned char>(members[12]), 255);
  EXPECT_EQ(attributes.number(NHA_GROUP_TYPE), std::uint32_t{NEXTHOP_GRP_TYPE_RES});
  const Attributes timers(attributes.find(NHA_RES_GROUP));
  EXPECT_EQ(timers.number(NHA_RES_GROUP_IDLE_TIMER), 1000U) << "hundredths of a second";
  EXPECT_FALSE(timers.has(NHA_RES_GROUP_UNBALANCED_TIMER));
}

TEST(MplsRoute, IsOfAFamilyOfItsOwn) {
  const Message message = new_mpls_route({100, {200}, IpAddress::parse("10.0.0.1"), 7});
  const auto* header = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message.raw()));
  EXPECT_EQ(header->rtm_family, AF_MPLS);
  EXPECT_EQ(header->rtm_dst_len, 20);
  const Attributes attributes(message.raw(), sizeof(rtmsg));
  EXPECT_EQ(word_at(bytes_of(attributes.find(RTA_DST)), 0), (100U << 12) | (1U << 8));
  EXPECT_EQ(word_at(bytes_of(attributes.find(RTA_NEWDST)), 0), (200U << 12) | (1U << 8));
  EXPECT_EQ(attributes.address(RTA_VIA, 2)->to_string(), "10.0.0.1");
}

TEST(Attributes, ThoseOfAHostileMessageStayInside) {
  const std::string short_one("\x04\x00\x01\x00\x40\x00\x02\x00", 8);  // the second claims 64 bytes
  const Attributes attributes{std::string_view(short_one)};
  EXPECT_TRUE(attributes.has(1));
  EXPECT_FALSE(attributes.has(2));
  EXPECT_EQ(attributes.number(1), 0U);
  EXPECT_EQ(attributes.text(1), "");
  EXPECT_FALSE(attributes.address(1));
}

}  // namespace
}  // namespace netyard
