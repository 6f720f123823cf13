// SPDX-License-Identifier: Apache-2.0
#include "base/directory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace netyard {
namespace {

TEST(Directory, NamesAreSorted) {
  char made[] = "/tmp/netyard-directory.XXXXXX";
  ASSERT_NE(mkdtemp(made), nullptr);
  const std::string place = made;
  for (const char* name : {"b", "a", ".c"}) std::ofstream(place + "/" + name) << "x";
  EXPECT_EQ(names_in(place), (std::vector<std::string>{".c", "a", "b"}));
  EXPECT_TRUE(is_there(place + "/a"));
  EXPECT_FALSE(is_there(place + "/d"));
  // Below a file there is nothing.
  EXPECT_TRUE(names_in(place + "/a/d").empty());
  EXPECT_FALSE(is_there(place + "/a/d"));
  std::filesystem::remove_all(place);
  EXPECT_TRUE(names_in(place).empty());
}

TEST(Directory, WhatCannotBeReadIsSaid) {
  const std::string endless(5000, 'x');
  EXPECT_THROW(names_in("/" + endless), Error);
  EXPECT_TRUE(is_there("/" + endless));
}

}  // namespace
}  // namespace netyard
