// SPDX-License-Identifier: Apache-2.0
#include "base/words.h"

#include <gtest/gtest.h>

#include "base/sysctl_path.h"

namespace netyard {
namespace {

TEST(Words, SplitsAsAShellWould) {
  const std::vector<std::pair<const char*, std::vector<std::string>>> lines = {
      {"", {}},
      {"  a  b\t c ", {"a", "b", "c"}},
      {"'a b' \"c d\" e\\ f", {"a b", "c d", "e f"}},
      {"'' \"\"", {"", ""}},
      {"a'b'\"c\"", {"abc"}},
      {"\"a\\\"b\\\\c\\n\"", {"a\"b\\c\\n"}},
      {"$HOME *", {"$HOME", "*"}},
  };
  for (const auto& [line, expected] : lines) {
    std::vector<std::string> words;
    std::string problem;
    EXPECT_TRUE(split_words(line, words, problem)) << line;
    EXPECT_EQ(words, expected) << line;
    std::vector<std::string> again;
    EXPECT_TRUE(split_words(join_words(words), again, problem));
    EXPECT_EQ(again, expected) << join_words(words);
  }
  std::vector<std::string> words;
  std::string problem;
  EXPECT_FALSE(split_words("a 'b", words, problem));
  EXPECT_EQ(problem, "the quote ' is not closed");
}

TEST(Words, OnOneLine) {
  EXPECT_EQ(on_one_line("a b"), "a b");
  EXPECT_EQ(on_one_line("a\nb\tc\x1b\x7f"), "a\\nb\\tc\\x1b\\x7f");
  EXPECT_EQ(on_one_line("häuser"), "häuser");
  EXPECT_EQ(on_one_line("abcdef", 3), "abc...");
  EXPECT_EQ(on_one_line("abc", 3), "abc");
}

TEST(SysctlPath, StaysUnderNet) {
  EXPECT_EQ(sysctl_path("net.ipv4.ip_forward"), "net/ipv4/ip_forward");
  EXPECT_EQ(sysctl_path("net/ipv4/conf/eth0.1/rp_filter"), "net/ipv4/conf/eth0.1/rp_filter");
  EXPECT_EQ(sysctl_path("net.ipv4.conf.eth0/1.rp_filter"), "net/ipv4/conf/eth0.1/rp_filter");
  for (const char* key :
       {"", "net", "net.", "kernel.x", "net/../kernel/x", "net.ipv4..x", "/net/x", "net/a b"}) {
    EXPECT_EQ(sysctl_path(key), "") << key;
  }
}

}  // namespace
}  // namespace netyard
