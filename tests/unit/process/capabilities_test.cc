// SPDX-License-Identifier: Apache-2.0
#include "process/capabilities.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

#include "base/error.h"

namespace netyard::test {
namespace {

TEST(Capabilities, HaveTheirNamesInAnyCase) {
  for (const char* name : {"NET_ADMIN", "net_admin", "CAP_NET_ADMIN", "cap_net_admin"}) {
    EXPECT_EQ(capability_number(name), static_cast<unsigned>(CAP_NET_ADMIN)) << name;
  }
  EXPECT_EQ(capability_name(CAP_NET_ADMIN), "NET_ADMIN");
  EXPECT_EQ(capability_name(CAP_CHOWN), "CHOWN");
}

TEST(Capabilities, NumbersAndOtherWordsAreNone) {
  for (const char* word : {"", "12", "CAP_", "cap_12", "NET_ADMINS", "NET ADMIN", "all", "-1"}) {
    EXPECT_FALSE(capability_number(word)) << word;
  }
}

TEST(Capabilities, EveryNameHasItsNumber) {
  const auto names = capability_names();
  ASSERT_GE(names.size(), 38U);
  for (unsigned number = 0; number < names.size(); ++number) {
    EXPECT_EQ(capability_number(names[number]), number);
  }
}

TEST(Capabilities, MakeASet) {
  EXPECT_EQ(capability_set({}), 0U);
  EXPECT_EQ(capability_set({"CHOWN", "net_raw", "CHOWN"}),
            CapabilitySet{1} << CAP_CHOWN | CapabilitySet{1} << CAP_NET_RAW);
  EXPECT_EQ(capability_set({"ALL"}), (CapabilitySet{1} << kernel_capabilities()) - 1);
}

TEST(Capabilities, AnUnknownOneIsRefusedWithTheNearest) {
  try {
    capability_set({"NET_ADMN"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "give capability NET_ADMN: there is no such capability");
    EXPECT_NE(error.hint().find("NET_ADMIN"), std::string::npos) << error.hint();
  }
}

}  // namespace
}  // namespace netyard::test
