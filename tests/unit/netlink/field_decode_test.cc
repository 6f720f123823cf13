// SPDX-License-Identifier: Apache-2.0
// What fields lay out, they read: each of every kind, without a kernel.
#include "netlink/field_decode.h"

#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "netlink/link_data.h"
#include "netlink/message.h"
#include "support/field_words.h"

namespace netyard::test {
namespace {

FieldSetting setting(const Field& field, const std::string& word) {
  FieldSetting out{&field, {}};
  std::string problem;
  EXPECT_TRUE(parse_field(field, word, out.value, problem)) << problem;
  return out;
}

class DecodedKind : public testing::TestWithParam<const LinkKind*> {};

TEST_P(DecodedKind, ReadsWhatItLaysOut) {
  const LinkKind& kind = *GetParam();
  for (const auto& field : kind.fields) {
    if (field.syntax == Syntax::interface) continue;  // a name becomes a number on the way
    for (const auto& word : right_words(field)) {
      SCOPED_TRACE(std::string(field.key) + " " + word);
      // A multicast address is a group, any other a remote end.
      if (std::string_view(field.key) == "group" && !kind.by_device) continue;
      const FieldSetting given = setting(field, word);
      const Settings read = as_read_back(kind, {given});
      const FieldSetting* found = find_setting(read, field.key);
      // What is off both ways is said once, as "csum: false"; 0 of a flow label is no attribute.
      const bool off = given.value == FieldValue(std::uint64_t{0});
      if (found == nullptr && off) continue;
      ASSERT_NE(found, nullptr);
      EXPECT_EQ(format_field(field, found->value), word);
    }
  }
}

TEST_P(DecodedKind, ReadsItsPorts) {
  for (const auto& field : GetParam()->port_fields) {
    if (field.syntax == Syntax::interface) continue;
    for (const auto& word : right_words(field)) {
      const Settings read = port_as_read_back(*GetParam(), {setting(field, word)});
      ASSERT_EQ(read.size(), 1U) << field.key << " " << word;
      EXPECT_EQ(format_field(field, read.front().value), word) << field.key;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, DecodedKind,
                         testing::ValuesIn(link_kinds().begin(), link_kinds().end()),
                         [](const auto& kind) { return std::string(kind.param->name); });

std::string read_back(const char* kind,
                      std::initializer_list<std::pair<const char*, const char*>> words) {
  const LinkKind& table = *find_link_kind(kind);
  Settings given;
  for (const auto& [key, word] : words) given.push_back(setting(*table.find(key), word));
  std::string out;
  for (const auto& one : as_read_back(table, given)) {
    const std::string word = format_field(*one.field, one.value);
    if (word != "false") out += std::string(one.field->key) + "=" + word + " ";
  }
  return out;
}

TEST(FieldDecode, WhatIsTheSameBothWaysIsSaidOnce) {
  EXPECT_EQ(read_back("gre", {{"ikey", "7"}, {"okey", "7"}}), "key=7 ");
  EXPECT_EQ(read_back("gre", {{"ikey", "7"}, {"okey", "8"}}), "ikey=7 okey=8 ");
  EXPECT_EQ(read_back("gre", {{"ikey", "7"}}), "ikey=7 ");
  EXPECT_EQ(read_back("gre", {{"csum", "true"}, {"oseq", "true"}}), "csum=true oseq=true ");
}

TEST(FieldDecode, WordsThatAreFlagsOfTheirOwn) {
  EXPECT_EQ(read_back("vxlan", {{"ttl", "inherit"}}), "ttl=inherit ");
  EXPECT_EQ(read_back("geneve", {{"ttl", "inherit"}}), "ttl=inherit ");
  EXPECT_EQ(read_back("vxlan", {{"group", "239.1.1.1"}}), "group=239.1.1.1 ");
  EXPECT_EQ(
      read_back("ip6tnl", {{"encaplimit", "none"}, {"tclass", "inherit"}, {"flowlabel", "9"}}),
      "encaplimit=none tclass=inherit flowlabel=9 ");
}

TEST(FieldDecode, WhatNoFileCouldSayIsNotSaid) {
  const LinkKind& vxlan = *find_link_kind("vxlan");
  Message message(RTM_NEWLINK, 0);
  message.header(ifinfomsg{});
  message.put_be16(IFLA_VXLAN_PORT, 0);
  const Attributes attributes(message.raw(), sizeof(ifinfomsg));
  EXPECT_FALSE(get_field(attributes, *vxlan.find("dstport")).has_value());
  EXPECT_FALSE(get_field(attributes, *vxlan.find("vni")).has_value());
}

}  // namespace
}  // namespace netyard::test
