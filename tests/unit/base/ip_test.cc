// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <gtest/gtest.h>

namespace netyard {
namespace {

TEST(IpAddress, ReadsAndWritesBothFamilies) {
  for (const char* text : {"10.0.0.1", "255.255.255.255", "::", "2001:db8::1", "fe80::1"}) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
}

TEST(IpAddress, RefusesWhatIsNone) {
  for (const char* text : {"", "10.0.0", "10.0.0.256", "010.0.0.1", "1.2.3.4.5", "::g",
                           "fe80::1%eth0", "10.0.0.1 ", "h1"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::parse(std::string_view("10.0.0.1\0x", 10)));
}

TEST(IpAddress, CountsUpAcrossBytesAndWraps) {
  EXPECT_EQ(IpAddress::parse("10.0.0.255")->plus(1).to_string(), "10.0.1.0");
  EXPECT_EQ(IpAddress::parse("10.0.0.1")->plus(65536).to_string(), "10.1.0.1");
  EXPECT_EQ(IpAddress::parse("255.255.255.255")->plus(1).to_string(), "0.0.0.0");
  EXPECT_EQ(IpAddress::parse("2001:db8::ffff")->plus(1).to_string(), "2001:db8::1:0");
}

TEST(IpPrefix, KnowsItsNetwork) {
  const auto prefix = IpPrefix::parse("10.1.2.3/22");
  ASSERT_TRUE(prefix);
  EXPECT_EQ(prefix->network().to_string(), "10.1.0.0/22");
  EXPECT_TRUE(prefix->has_host_bits());
  EXPECT_EQ(prefix->broadcast()->to_string(), "10.1.3.255");
  EXPECT_TRUE(prefix->contains(*IpAddress::parse("10.1.3.254")));
  EXPECT_FALSE(prefix->contains(*IpAddress::parse("10.1.4.0")));
  EXPECT_FALSE(prefix->contains(*IpAddress::parse("::1")));
}

TEST(IpPrefix, HandlesTheEnds) {
  EXPECT_EQ(IpPrefix::parse("10.0.0.1")->length, 32);
  EXPECT_EQ(IpPrefix::parse("2001:db8::1")->length, 128);
  EXPECT_EQ(IpPrefix::parse("0.0.0.0/0")->network().to_string(), "0.0.0.0/0");
  EXPECT_TRUE(IpPrefix::parse("::/0")->contains(*IpAddress::parse("2001:db8::1")));
  EXPECT_FALSE(IpPrefix::parse("10.0.0.0/31")->broadcast());
  for (const char* text :
       {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "/8"}) {
    EXPECT_FALSE(IpPrefix::parse(text)) << text;
  }
}

TEST(IpPrefix, Overlaps) {
  const auto wide = *IpPrefix::parse("10.0.0.0/8");
  EXPECT_TRUE(wide.overlaps(*IpPrefix::parse("10.9.0.0/16")));
  EXPECT_TRUE(IpPrefix::parse("10.9.0.0/16")->overlaps(wide));
  EXPECT_FALSE(wide.overlaps(*IpPrefix::parse("11.0.0.0/8")));
  EXPECT_FALSE(wide.overlaps(*IpPrefix::parse("::/0")));
}

TEST(MacAddress, ReadsAndWrites) {
  EXPECT_EQ(MacAddress::parse("02-00-5e-00-53-FF")->to_string(), "02:00:5e:00:53:ff");
  for (const char* text :
       {"", "02:00:00:00:00", "02:00:00:00:00:0g", "02:00:00:00:00:011", "020:0:00:00:00:1"}) {
    EXPECT_FALSE(MacAddress::parse(text)) << text;
  }
}

}  // namespace
}  // namespace netyard
