// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostics.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/suggest.h"

namespace netyard {
namespace {

std::shared_ptr<const SourceFile> lab() {
  return std::make_shared<SourceFile>("lab.yaml", "name: x\nlinks:\n\t- {vni: 16777216}\r\n");
}

TEST(Error, RendersEverythingItKnows) {
  Error error(34, "create link", "vx0 (vxlan) in r1");
  error.kernel("VXLAN ID must be lower than 16777216", "IFLA_VXLAN_ID");
  error.origin({lab(), 3, 10});
  error.origin({lab(), 1, 1});
  error.hint("choose a smaller one");
  EXPECT_STREQ(error.what(), "create link vx0 (vxlan) in r1: Numerical result out of range");
  EXPECT_EQ(error.render(),
            "lab.yaml:3:10: create link vx0 (vxlan) in r1: Numerical result out of range\n"
            "    kernel: VXLAN ID must be lower than 16777216 (attribute IFLA_VXLAN_ID)\n"
            "   3 |  - {vni: 16777216}\n"
            "     |          ^\n"
            "    hint: choose a smaller one\n");
}

TEST(Diagnostics, SortsByPlaceAndCounts) {
  Diagnostics diagnostics;
  const auto source = lab();
  diagnostics.warning({source, 2, 1}, "second");
  diagnostics.error({source, 1, 1}, "first", "a hint");
  EXPECT_EQ(diagnostics.errors(), 1U);
  EXPECT_EQ(diagnostics.warnings(), 1U);
  EXPECT_EQ(diagnostics.render(),
            "lab.yaml:1:1: error: first\n   1 | name: x\n     | ^\n    hint: a hint\n"
            "lab.yaml:2:1: warning: second\n   2 | links:\n     | ^\n");
  EXPECT_EQ(
      diagnostics.render(1),
      "lab.yaml:1:1: error: first\n   1 | name: x\n     | ^\n    hint: a hint\n… and 1 more\n");
}

TEST(Location, ShowsThePlaceInAVeryLongLine) {
  const auto source = std::make_shared<SourceFile>("f", std::string(100000, 'a') + "b");
  const std::string shown = Location{source, 1, 100001}.excerpt();
  EXPECT_LT(shown.size(), 400U);
  EXPECT_NE(shown.find("ab\n"), std::string::npos);
}

TEST(Suggest, FindsNearWordsOnly) {
  const std::vector<std::string> keys = {"endpoints", "subnet", "mtu"};
  EXPECT_EQ(nearest("endpoint", keys), "endpoints");
  EXPECT_EQ(nearest("sbunet", keys), "subnet");
  EXPECT_EQ(nearest("zebra", keys), "");
  EXPECT_EQ(did_you_mean("mtuu", keys), "did you mean 'mtu'?");
}

}  // namespace
}  // namespace netyard
