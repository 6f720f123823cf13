// SPDX-License-Identifier: Apache-2.0
#include "process/identity.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "unit/process/temporary.h"

namespace netyard::test {
namespace {

class IdentityTest : public testing::Test {
 protected:
  IdentityTest() {
    root_.put("etc/passwd",
              "root:x:0:0::/root:/bin/sh\nweb:x:1234:1235::/srv/web:/bin/sh\nbroken\n"
              "1000:x:77:77::/:/bin/sh\n");
    root_.put("etc/group", "root:x:0:\nwww:x:1235:web\nlog:x:99:\n");
  }
  Identity of(const std::string& user, const std::vector<std::string>& groups = {}) const {
    return resolve_identity(user, groups, root_.path());
  }
  std::string refusal(const std::string& user) const {
    try {
      of(user);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  Temporary root_;
};

TEST_F(IdentityTest, IsRootBySilence) {
  const Identity root = of("");
  EXPECT_EQ(root.uid, 0U);
  EXPECT_EQ(root.gid, 0U);
  EXPECT_EQ(root.name, "root");
  EXPECT_EQ(root.home, "/root");
  EXPECT_TRUE(root.groups.empty());
}

TEST_F(IdentityTest, ReadsNamesOfTheRootFileSystem) {
  const Identity web = of("web", {"log", "7"});
  EXPECT_EQ(web.uid, 1234U);
  EXPECT_EQ(web.gid, 1235U);
  EXPECT_EQ(web.home, "/srv/web");
  EXPECT_EQ(web.groups, (std::vector<std::uint32_t>{99, 7}));
  EXPECT_EQ(of("web:log").gid, 99U);
  EXPECT_EQ(of("web:5").gid, 5U);
}

TEST_F(IdentityTest, ANumberIsANumberWhateverUsersAreCalled) {
  EXPECT_EQ(of("1000").uid, 1000U) << "not the user of that name";
  EXPECT_EQ(of("1000").gid, 1000U) << "a number that nobody has is its own group";
  EXPECT_EQ(of("1234").gid, 1235U);
  EXPECT_EQ(of("4294967294").uid, 4294967294U);
}

TEST_F(IdentityTest, RefusesWhatOnlyLooksLikeOne) {
  for (const char* user : {"nobody-here", "0x0", " 0", "0 ", "+0", "-1", "4294967295",
                           "99999999999", "1000abc", ":0"}) {
    EXPECT_NE(refusal(user).find("there is no such user"), std::string::npos) << user;
  }
  for (const char* user : {"0:", "0:-1", "0:4294967295", "0:0:0", "0: 0", "0:nogroup-here"}) {
    EXPECT_NE(refusal(user).find("there is no such group"), std::string::npos) << user;
  }
}

TEST_F(IdentityTest, LinksOfTheRootStayInIt) {
  std::filesystem::remove(root_.path() + "/etc/passwd");
  std::filesystem::create_symlink("/etc/other", root_.path() + "/etc/passwd");
  root_.put("etc/other", "inner:x:5:5::/:/bin/sh\n");
  EXPECT_EQ(of("inner").uid, 5U);
  std::filesystem::remove(root_.path() + "/etc/passwd");
  std::filesystem::create_symlink("../../../../../../etc/passwd", root_.path() + "/etc/passwd");
  EXPECT_NE(refusal("daemon"), "") << "the host's own users";
}

}  // namespace
}  // namespace netyard::test
