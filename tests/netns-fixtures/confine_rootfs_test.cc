// SPDX-License-Identifier: Apache-2.0
// A root file system from others, who may have laid traps in it.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns-fixtures/confine.h"

namespace netyard::test {
namespace {

class ConfineRootTest : public ConfineTest {
 protected:
  void SetUp() override {
    ConfineTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    root_ = make_rootfs();
    mkdir("/run/victim", 0755);
    write_file("/run/victim/file", "unharmed");
    before_ = everything();
  }
  void TearDown() override {
    if (!IsSkipped() && !HasFatalFailure()) {
      EXPECT_EQ(everything(), before_) << "the host, or the root file system, was written";
    }
    netyard::test::run("rm -rf /run/victim " + root_);
    ConfineTest::TearDown();
  }

  // Names, types, sizes and times of all that must not be touched.
  static std::string everything() {
    return netyard::test::run(
               "find /run/victim /run/rootfs /etc/netns -printf '%p %y %s %m %T@ %l\\n' 2>&1 | "
               "sort; cat /run/victim/file")
        .text;
  }
  // Traps are laid before what is there is noted.
  void trap(const std::string& path, const std::string& to) {
    netyard::test::run("rm -rf " + root_ + path);
    ASSERT_EQ(symlink(to.c_str(), (root_ + path).c_str()), 0);
    before_ = everything();
  }
  Workload workload(std::vector<Mount> mounts = {}) const {
    Workload out;
    out.rootfs = root_;
    out.mounts = std::move(mounts);
    return out;
  }
  static Mount bind(const std::string& source, const std::string& target, bool read_only = false) {
    return {Mount::Kind::bind, source, target, read_only, {}};
  }
  static void expect(const std::map<std::string, std::string>& wanted, Workload workload) {
    std::vector<std::string> attempts;
    for (const auto& [what, came] : wanted) attempts.push_back(what);
    const Ran ran = probe(attempts, std::move(workload));
    EXPECT_EQ(ran.attempts(), wanted) << ran.status << ran.error << ran.output;
  }

  std::string root_, before_;
};

TEST_F(ConfineRootTest, IsAllThereIs) {
  expect({{"cwd", "/"},
          {"entries:/", "8"},  // dev etc probe proc run sys tmp var, and no more
          {"read:/etc/passwd", "ENOENT"},
          {"status:/dev/null", "device 666 1:3"},
          {"descriptors", "0,1,2"},
          {"processes", "2"},
          {"make:/x", "EROFS"},
          {"truncate:/probe", "EROFS"},
          {"make:/tmp/x", "ok"}},
         workload());
}

TEST_F(ConfineRootTest, WhatIsWrittenGoesAway) {
  Workload writable = workload();
  writable.read_only = false;
  expect({{"make:/x", "ok"}, {"mkdir:/etc/d", "ok"}, {"unlink:/probe", "ok"}}, writable);
  expect({{"read:/x", "ENOENT"}, {"entries:/etc/d", "ENOENT"}}, writable);
}

TEST_F(ConfineRootTest, TheOldRootIsGone) {
  expect({{"read:/../../../run/victim/file", "ENOENT"},
          {"read:/proc/1/root/run/victim/file", "EACCES"},
          {"read:/proc/self/root/run/victim/file", "ENOENT"},
          {"read:/proc/self/cwd/../run/victim/file", "ENOENT"},
          {"umount:/", "EPERM"}},
         workload());
}

TEST_F(ConfineRootTest, MayBeBelowTmp) {
  ASSERT_EQ(mount("none", "/tmp", "tmpfs", 0, nullptr), 0);
  netyard::test::run("cp -a /run/rootfs '/tmp/a,b:c\\d'");
  Workload elsewhere = workload();
  elsewhere.rootfs = "/tmp/a,b:c\\d";
  EXPECT_EQ(attempt("cwd", elsewhere), "/");
  ASSERT_EQ(umount2("/tmp", MNT_DETACH), 0);
}

TEST_F(ConfineRootTest, ALinkInPlaceOfDevOrProcIsRefused) {
  for (const char* where : {"/dev", "/proc", "/sys"}) {
    for (const char* to : {"../../run/victim", "/etc", "/proc/self/root"}) {
      trap(where, to);
      const Ran ran = probe({"cwd"}, workload());
      EXPECT_EQ(ran.status, 125) << where << ran.output;
      EXPECT_EQ(ran.error, std::string("find a plain directory ") + where +
                               " for /probe: Too many levels of symbolic links");
    }
    netyard::test::run("rm " + root_ + where);
  }
  before_ = everything();
}

TEST_F(ConfineRootTest, ADeviceThatIsALinkIsCovered) {
  mkdir((root_ + "/dev").c_str(), 0755);
  trap("/dev/null", "/proc/sys/kernel/core_pattern");
  expect({{"status:/dev/null", "device 666 1:3"}, {"status:/proc/keys", "device 666 1:3"}},
         workload());
}

TEST_F(ConfineRootTest, ATargetThatLeadsOutwardStaysInside) {
  trap("/etc/x", "../../../../run/victim/made");
  const Ran ran = probe({"show:/run/victim/made"}, workload({bind("/run/victim/file", "/etc/x")}));
  EXPECT_EQ(ran.status, 125) << "a link that leads nowhere is no place for a mount" << ran.output;
  trap("/etc/x", "../../../../etc");
  expect({{"show:/etc/file", "'unharmed'"}}, workload({bind("/run/victim/file", "/etc/x/file")}));
  trap("/etc/x", "/etc/y");
  mkdir((root_ + "/etc/y").c_str(), 0755);
  before_ = everything();
  expect({{"show:/etc/y/file", "'unharmed'"}}, workload({bind("/run/victim", "/etc/x", true)}));
}

TEST_F(ConfineRootTest, ATargetIsNoWayOutThroughProc) {
  // Below a bind of the host's root is the host's /proc, whose links lead anywhere.
  const std::string self = "/host/proc/" + std::to_string(getpid()) + "/root/run/victim";
  trap("/etc/x", self);
  for (const char* target : {"/etc/x/made", "/etc/x/file", "/etc/x/d/made"}) {
    const Ran ran =
        probe({"cwd"}, workload({bind("/", "/host", true), bind("/run/victim/file", target)}));
    EXPECT_EQ(ran.status, 125) << target << ran.output << ran.error;
  }
  trap("/etc/x", "/proc/self/fd");
  for (int fd = 3; fd < 16; ++fd) {
    const std::string target = "/etc/x/" + std::to_string(fd) + "/made";
    const Ran ran = probe(
        {"cwd"}, workload({bind("/run/victim/file", target), bind("/run/victim", "/data", true)}));
    EXPECT_EQ(ran.status, 125) << target << ran.output << ran.error;
  }
}

TEST_F(ConfineRootTest, ATargetIsNoWayOutOfASharedPidNamespace) {
  if (!is_real_root()) GTEST_SKIP() << "a shared pid namespace's /proc needs real root";
  trap("/etc/x", "/proc/" + std::to_string(getpid()) + "/root/run/victim");
  Workload shared = workload({bind("/run/victim/file", "/etc/x/made")});
  shared.share = {"pid"};
  EXPECT_EQ(probe({"cwd"}, shared).status, 125);
  shared.mounts = {{Mount::Kind::tmpfs, "", "/etc/x/made", false, {}}};
  const Ran ran = probe({"cwd"}, shared);
  EXPECT_EQ(ran.status, 125) << ran.output;
}

TEST_F(ConfineRootTest, ATargetThatIsSwappedMeanwhileStaysInside) {
  const std::string x = root_ + "/etc/x";
  const std::string other = root_ + "/etc/y";
  mkdir(x.c_str(), 0755);
  ASSERT_EQ(symlink("../../../../run/victim", other.c_str()), 0);
  const pid_t swapper = in_child([&] {
    for (;;) renameat2(AT_FDCWD, x.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
    return 0;
  });
  for (int i = 0; i < 60; ++i) {
    probe({"cwd"}, workload({bind("/run/victim/file", "/etc/x/made")}));
  }
  kill(swapper, SIGKILL);
  waitpid(swapper, nullptr, 0);
  EXPECT_NE(access("/run/victim/made", F_OK), 0);
  netyard::test::run("rm -rf " + x + " " + other);
  before_ = everything();
}

TEST_F(ConfineRootTest, ATmpThatIsALinkStaysInside) {
  trap("/tmp", "/run/victim");
  const Ran ran = probe({"make:/tmp/x"}, workload());
  EXPECT_TRUE(ran.status == 125 || ran.output == "make:/tmp/x ok\n") << ran.error << ran.output;
}

TEST_F(ConfineRootTest, AnInterpreterThatIsTheProgramItselfReachesNobody) {
  {
    const FileDescriptor script = open_file(root_ + "/script", O_WRONLY | O_CREAT, 0755);
    write_all(script.get(), "#!/proc/self/exe\n", "script");
  }
  before_ = everything();
  Workload trapped = workload();
  trapped.argv = {"/script"};
  const Ran ran = run(trapped);
  EXPECT_EQ(ran.status, 125) << "the init, asked for what it cannot do" << ran.error << ran.output;
}

TEST_F(ConfineRootTest, AnInitOfTheRootIsNeverRun) {
  const Ran ran = probe({"show:/proc/1/comm"}, workload());
  EXPECT_EQ(ran.attempts().at("show:/proc/1/comm"), "'netyard-init'") << ran.output;
}

TEST_F(ConfineRootTest, ALinkAsRootIsRefused) {
  ASSERT_EQ(symlink(root_.c_str(), "/run/link"), 0);
  Workload linked = workload();
  linked.rootfs = "/run/link";
  EXPECT_EQ(probe({"cwd"}, linked).error, "/run/link is a symbolic link\n");
  unlink("/run/link");
}

TEST_F(ConfineRootTest, UsersAreThoseOfTheRoot) {
  write_file(root_ + "/etc/passwd", "web:x:1234:1235::/srv:/bin/sh\n");
  before_ = everything();
  Workload other = workload();
  other.user = "web";
  if (is_real_root()) {
    const Ran ran = probe({"show:/proc/self/loginuid", "show:/etc/passwd"}, other);
    EXPECT_EQ(ran.status, 0) << ran.error;
  }
  other.user = "nobody";
  EXPECT_EQ(probe({"cwd"}, other).error, "find user 'nobody': there is no such user\n");
  // A link out of the root is none.
  netyard::test::run("rm " + root_ + "/etc/passwd");
  trap("/etc/passwd", "/../../../etc/passwd");
  EXPECT_EQ(probe({"cwd"}, other).error, "find user 'nobody': there is no such user\n");
}

TEST_F(ConfineRootTest, WorksInAUserNamespace) {
  Workload other = workload();
  other.uid_map = other.gid_map = {{0, 0, 1}};
  expect({{"cwd", "/"},
          {"processes", "2"},
          {"status:/dev/null", attempt("status:/dev/null", other)},
          {"write:/dev/null", "ok"},
          {"make:/x", "EROFS"}},
         other);
}

}  // namespace
}  // namespace netyard::test
