// SPDX-License-Identifier: Apache-2.0
#include "engine/nft_tables.h"

#include <gtest/gtest.h>

namespace netyard::test {
namespace {

TEST(NftTables, AreToldApart) {
  const auto tables = nft_tables_of(
      "# Warning: table ip nat is managed by iptables-nft, do not touch!\n"
      "table inet f {\n"
      "\tcomment \"of us\"\n"
      "\n"
      "\tset fixed {\n"
      "\t\ttype ipv4_addr\n"
      "\t\telements = { 10.0.0.1, 10.0.0.3,\n"
      "\t\t\t     10.0.0.9 }\n"
      "\t}\n"
      "\n"
      "\tset seen {\n"
      "\t\ttype ipv4_addr\n"
      "\t\tflags dynamic,timeout\n"
      "\t\ttimeout 1m\n"
      "\t\telements = { 10.0.0.1 timeout 1m,\n"
      "\t\t\t     10.0.0.9 timeout 1m }\n"
      "\t}\n"
      "\n"
      "\tchain c {\n"
      "\t\tip saddr @fixed counter accept\n"
      "\t}\n"
      "}\n"
      "table ip empty {\n"
      "}\n");
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables.at("ip empty"), "");
  EXPECT_EQ(tables.at("inet f"),
            "\tcomment \"of us\"\n"
            "\tset fixed {\n"
            "\t\ttype ipv4_addr\n"
            "\t\telements = { 10.0.0.1, 10.0.0.3,\n"
            "\t\t\t     10.0.0.9 }\n"
            "\t}\n"
            "\tset seen {\n"
            "\t\ttype ipv4_addr\n"
            "\t\tflags dynamic,timeout\n"
            "\t\ttimeout 1m\n"
            "\t}\n"
            "\tchain c {\n"
            "\t\tip saddr @fixed counter accept\n"
            "\t}\n");
}

TEST(NftTables, OfNothing) {
  EXPECT_TRUE(nft_tables_of("").empty());
}

}  // namespace
}  // namespace netyard::test
