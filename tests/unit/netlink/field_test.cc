// SPDX-License-Identifier: Apache-2.0
#include "netlink/field.h"

#include <gtest/gtest.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"

namespace netyard {
namespace {

constexpr Choice kModes[] = {{"a", 1}, {"b", 2}, {"c", 4}};

Field field(Syntax syntax, Wire wire) {
  Field out{"key", 7, "THE_ATTRIBUTE", syntax, wire};
  out.choices = kModes;
  return out;
}

std::string read_back(const Field& field, const char* text) {
  FieldValue value;
  std::string problem;
  return parse_field(field, text, value, problem) ? format_field(field, value) : problem;
}

const nlattr* encoded(Message& message, const Field& field, const char* text) {
  FieldSetting setting{&field, {}};
  std::string problem;
  EXPECT_TRUE(parse_field(field, text, setting.value, problem)) << problem;
  put_field(message, setting);
  return static_cast<const nlattr*>(mnl_nlmsg_get_payload(message.raw()));
}

TEST(Field, EverySyntaxIsReadAndWritten) {
  EXPECT_EQ(read_back(field(Syntax::words, Wire::u32), "a, c"), "a c");
  EXPECT_EQ(read_back(field(Syntax::words, Wire::u32), "a d"), "any of a, b, c");
  EXPECT_EQ(read_back(field(Syntax::words, Wire::u32), ""), "any of a, b, c");
  Field time = field(Syntax::duration, Wire::u32);
  time.max = 1'000'000'000;
  EXPECT_EQ(read_back(time, "20ms"), "20ms");
  EXPECT_EQ(read_back(time, "2s"), "a time from 0ns to 1s");
  EXPECT_EQ(read_back(time, "20"), "a time from 0ns to 1s");
  EXPECT_EQ(read_back(field(Syntax::rate, Wire::u32), "10mbit"), "10mbit");
  EXPECT_EQ(read_back(field(Syntax::percent, Wire::u32), "0.5%"), "0.5%");
  EXPECT_EQ(read_back(field(Syntax::size, Wire::u32), "64K"), "65536");
  EXPECT_EQ(read_back(field(Syntax::mac, Wire::mac), "02:00:00:00:00:01"), "02:00:00:00:00:01");
  EXPECT_EQ(read_back(field(Syntax::address, Wire::address), "2001:db8::1"), "an IPv4 address");
  Field text = field(Syntax::text, Wire::text);
  text.min = 1;
  text.max = 3;
  EXPECT_EQ(read_back(text, "abc"), "abc");
  EXPECT_EQ(read_back(text, "abcd"), "a text of 1 to 3 bytes");
}

TEST(Field, IsScaledAndLaidOutOnTheWire) {
  Field time = field(Syntax::duration, Wire::u32);
  time.scale = 10'000'000;  // centiseconds
  time.max = UINT64_MAX;
  Message centiseconds(RTM_NEWLINK, 0);
  EXPECT_EQ(mnl_attr_get_u32(encoded(centiseconds, time, "1.5s")), 150U);
  const Field big = field(Syntax::number, Wire::be32);
  Message network(RTM_NEWLINK, 0);
  EXPECT_EQ(mnl_attr_get_u32(encoded(network, big, "1")), 0x01000000U);
  const Field presence = field(Syntax::flag, Wire::presence);
  Message with(RTM_NEWLINK, 0);
  EXPECT_EQ(mnl_attr_get_payload_len(encoded(with, presence, "true")), 0U);
  EXPECT_EQ(with.size(), sizeof(nlmsghdr) + sizeof(nlattr));
  Message without(RTM_NEWLINK, 0);
  encoded(without, presence, "false");
  EXPECT_EQ(without.size(), sizeof(nlmsghdr));
}

}  // namespace
}  // namespace netyard
