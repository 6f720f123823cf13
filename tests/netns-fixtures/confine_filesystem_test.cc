// SPDX-License-Identifier: Apache-2.0
// The file system of a workload on the host's: what is read-only, private, covered, put in.
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "netns-fixtures/confine.h"

namespace netyard::test {
namespace {

class ConfineFileSystemTest : public ConfineTest {
 protected:
  void SetUp() override {
    ConfineTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    mkdir("/run/shared", 0755);
    write_file("/run/shared/file", "theirs");
  }
  void TearDown() override {
    netyard::test::run("rm -rf /run/shared");
    ConfineTest::TearDown();
  }
  // What meets who writes a file of the host's root: others are stopped before the mount is looked
  // at.
  static std::string refusal() { return is_real_root() ? "EROFS" : "EACCES"; }
  static bool is_there(const char* path) { return access(path, F_OK) == 0; }
  static Mount bind(const std::string& source, const std::string& target, bool read_only = false) {
    return {Mount::Kind::bind, source, target, read_only, {}};
  }
  static Workload with(std::vector<Mount> mounts) {
    Workload out;
    out.mounts = std::move(mounts);
    return out;
  }
  static void expect(const std::map<std::string, std::string>& wanted, Workload workload) {
    std::vector<std::string> attempts;
    for (const auto& [what, came] : wanted) attempts.push_back(what);
    const Ran ran = probe(attempts, std::move(workload));
    EXPECT_EQ(ran.attempts(), wanted) << ran.status << ran.error << ran.output;
  }
};

TEST_F(ConfineFileSystemTest, IsReadOnly) {
  expect({{"make:/netyard-probe", "EROFS"},
          {"make:/etc/netyard-probe", "EROFS"},
          {"mkdir:/usr/netyard-probe", "EROFS"},
          {"make:/home/netyard-probe", "EROFS"},
          {"write:/etc/hostname", refusal()},
          {"truncate:/etc/hostname", refusal()},
          {"read:/etc/hostname", "ok"}},
         {});
}

TEST_F(ConfineFileSystemTest, EveryMountOfItIsReadOnly) {
  mkdir("/run/shared/sub", 0755);
  ASSERT_EQ(mount("none", "/run/shared/sub", "tmpfs", 0, nullptr), 0);
  // Not below /run, which is covered: below what is left of the host.
  ASSERT_EQ(mount("/run/shared", "/mnt", nullptr, MS_BIND | MS_REC, nullptr), 0);
  expect({{"make:/mnt/sub/x", "EROFS"}, {"make:/mnt/x", "EROFS"}, {"show:/mnt/file", "'theirs'"}},
         {});
  umount2("/mnt", MNT_DETACH);
  umount2("/run/shared/sub", MNT_DETACH);
}

TEST_F(ConfineFileSystemTest, OfKernelSettingsNothingIsWritable) {
  expect({{"write:/proc/sys/kernel/core_pattern", refusal()},
          {"write:/proc/sys/vm/overcommit_memory", refusal()},
          {"write:/proc/sys/net/ipv4/ip_forward", refusal()},
          {"write:/proc/sysrq-trigger", is_there("/proc/sysrq-trigger") ? refusal() : "ENOENT"},
          {"write:/proc/irq/default_smp_affinity", refusal()},
          {"make:/sys/kernel/uevent_helper", "EROFS"},
          {"write:/sys/power/state", refusal()},
          {"mkdir:/sys/fs/x", "EROFS"}},
         {});
}

TEST_F(ConfineFileSystemTest, NoCgroupIsInSight) {
  expect({{"entries:/sys/fs/cgroup", "0"},
          {"write:/sys/fs/cgroup/cgroup.procs", "ENOENT"},
          {"write:/sys/fs/cgroup/memory/cgroup.procs", "ENOENT"},
          {"make:/sys/fs/cgroup/release_agent", "ENOENT"}},
         {});
  const Ran ran = shell("sed 's/.*:/:/' /proc/self/cgroup | sort -u");
  EXPECT_EQ(ran.output, ":/\n") << "its cgroup is the root that it sees";
}

TEST_F(ConfineFileSystemTest, WhatTellsOfTheHostIsCovered) {
  expect({{"show:/proc/keys", "''"},
          {"show:/proc/kallsyms", "''"},
          {"show:/proc/timer_list", "''"},
          {"status:/proc/keys", "device 666 1:3"},
          {"entries:/sys/kernel", "0"},
          {"make:/sys/kernel/x", "EROFS"},
          {"umount:/proc/keys", "EPERM"}},
         {});
}

TEST_F(ConfineFileSystemTest, PrivateDirectoriesAreEmptyAndItsOwn) {
  expect({{"entries:/run", "0"},
          {"entries:/tmp", "1"},  // the probe
          {"entries:/var/tmp", "0"},
          {"entries:/dev/shm", "0"},
          {"make:/tmp/netyard-probe", "ok"},
          {"make:/run/netyard-probe", "ok"},
          {"make:/var/tmp/netyard-probe", "ok"},
          {"make:/dev/shm/netyard-probe", "ok"}},
         {});
  for (const char* directory : {"/tmp", "/run", "/var/tmp", "/dev/shm"}) {
    EXPECT_NE(access((std::string(directory) + "/netyard-probe").c_str(), F_OK), 0) << directory;
  }
}

TEST_F(ConfineFileSystemTest, HasTheDevicesThatEveryoneNeedsAndNoOther) {
  expect({{"status:/dev/null", "device 666 1:3"},
          {"status:/dev/zero", "device 666 1:5"},
          {"status:/dev/urandom", "device 666 1:9"},
          {"write:/dev/null", "ok"},
          {"read:/dev/urandom", "ok"},
          {"read:/dev/mem", "ENOENT"},
          {"read:/dev/vda", "ENOENT"},
          {"read:/dev/kmsg", "ENOENT"},
          {"read:/dev/console", "ENOENT"},
          {"entries:/dev/pts", "1"},
          {"mknod:/tmp/mem", "EPERM"},
          {"mknod:/dev/mem", "EPERM"}},
         {});
}

TEST_F(ConfineFileSystemTest, ADeviceOfTheHostIsNoneElsewhere) {
  // A node that was there before the workload, on the host's own file system.
  if (!is_real_root()) GTEST_SKIP() << "device nodes need root outside of user namespaces";
  ASSERT_EQ(mount("none", "/mnt", "tmpfs", 0, nullptr), 0);
  ASSERT_EQ(mknod("/mnt/null", S_IFCHR | 0666, makedev(1, 3)), 0);
  for (const bool read_only : {true, false}) {
    Workload workload;
    workload.read_only = read_only;
    EXPECT_EQ(attempt("read:/mnt/null", workload), "EACCES");
  }
  umount2("/mnt", MNT_DETACH);
}

TEST_F(ConfineFileSystemTest, DevicesThatAreLetInWork) {
  Mount device{Mount::Kind::device, "/dev/null", "/dev/nil", false, {}};
  expect({{"status:/dev/nil", "device 666 1:3"}, {"write:/dev/nil", "ok"}}, with({device}));
}

TEST_F(ConfineFileSystemTest, BindsAreReadOnlyWhenAsked) {
  expect({{"show:/tmp/ro/file", "'theirs'"},
          {"make:/tmp/ro/mine", "EROFS"},
          {"write:/tmp/ro/file", "EROFS"},
          {"make:/tmp/rw/mine", "ok"},
          {"show:/tmp/one", "'theirs'"},
          {"write:/tmp/one", "EROFS"}},
         with({bind("/run/shared", "/tmp/ro", true), bind("/run/shared", "/tmp/rw"),
               bind("/run/shared/file", "/tmp/one", true)}));
  EXPECT_EQ(access("/run/shared/mine", F_OK), 0);
}

TEST_F(ConfineFileSystemTest, ReadOnlyBindsAreReadOnlyAllTheWayDown) {
  mkdir("/run/shared/sub", 0755);
  ASSERT_EQ(mount("none", "/run/shared/sub", "tmpfs", 0, nullptr), 0);
  expect({{"make:/tmp/ro/sub/x", "EROFS"}, {"make:/tmp/rw/sub/x", "ok"}},
         with({bind("/run/shared", "/tmp/ro", true), bind("/run/shared", "/tmp/rw")}));
  umount2("/run/shared/sub", MNT_DETACH);
}

TEST_F(ConfineFileSystemTest, BindsBringNoDeviceAndNoSetuid) {
  const Ran ran =
      shell("grep -E ' /tmp/(ro|rw) ' /proc/self/mountinfo | cut -d' ' -f6",
            with({bind("/run/shared", "/tmp/ro", true), bind("/run/shared", "/tmp/rw")}));
  EXPECT_EQ(ran.output, "ro,nosuid,nodev,relatime\nrw,nosuid,nodev,relatime\n") << ran.error;
}

TEST_F(ConfineFileSystemTest, MemoryFileSystemsHaveTheirSize) {
  Mount memory{Mount::Kind::tmpfs, "", "/tmp/small", false, 65536};
  const Ran ran = shell(
      "head -c 1000000 /dev/zero >/tmp/small/x; stat -c %s /tmp/small/x; df -k --output=size "
      "/tmp/small | grep -o '[0-9]*$'",
      with({memory}));
  EXPECT_NE(ran.output.find("No space left on device"), std::string::npos) << ran.error;
  EXPECT_TRUE(ran.output.ends_with("\n65536\n64\n")) << ran.output;
}

TEST_F(ConfineFileSystemTest, RefusesTargetsThatCannotBe) {
  const auto error = [](const std::string& source, const std::string& target) {
    return shell("true", with({bind(source, target)})).error;
  };
  EXPECT_EQ(error("/run/shared", "/"), "'/' cannot be mounted over\n");
  EXPECT_EQ(error("/run/shared", "/tmp/../etc"), "'/tmp/../etc' leads upward\n");
  EXPECT_EQ(error("/run/shared", "tmp"), "'tmp' is not absolute\n");
  EXPECT_EQ(error("/run/shared", "/no/such"), "/no/such: No such file or directory\n");
  EXPECT_EQ(error("/run/shared", "/etc/hostname"),
            "/run/shared is a directory, /etc/hostname is a file\n");
  EXPECT_EQ(error("/no/such", "/tmp/x"), "/no/such: No such file or directory\n");
}

TEST_F(ConfineFileSystemTest, MountsOfTheHostStayAsTheyAre) {
  const std::string before = read_text("/proc/self/mountinfo");
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(shell("true", with({bind("/run/shared", "/tmp/x", true)})).status, 0);
  }
  EXPECT_EQ(read_text("/proc/self/mountinfo"), before);
}

TEST_F(ConfineFileSystemTest, LandlockLeavesWhatIsNamed) {
  // Landlock has known of truncation since its third version, Linux 6.2.
  const bool truncating =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 3;
  Workload workload =
      with({bind("/run/shared", "/tmp/shared"), bind("/run/closed", "/tmp/closed")});
  mkdir("/run/closed", 0755);
  write_file("/run/closed/file", "theirs");
  workload.read_only = false;
  workload.landlock = LandlockPolicy{
      {"/usr", "/lib", "/lib64", kProbe, "/etc/hostname", "/tmp/closed"}, {"/tmp/shared"}};
  expect({{"read:/etc/hostname", "ok"},
          {"write:/etc/hostname", "EACCES"},
          {"truncate:/tmp/probe", "EROFS"},
          {"truncate:/tmp/closed/file", truncating ? "EACCES" : "ok"},
          {"read:/etc/passwd", "EACCES"},
          {"make:/tmp/x", "EACCES"},
          {"make:/tmp/shared/x", "ok"},
          {"mkdir:/tmp/shared/d", "ok"},
          {"unlink:/tmp/shared/x", "ok"},
          {"read:/proc/self/status", "EACCES"},
          {"entries:/usr", attempt("entries:/usr")}},
         workload);
  netyard::test::run("rm -r /run/closed");
}

TEST_F(ConfineFileSystemTest, LandlockNamesAPathThatIsNot) {
  Workload workload;
  workload.landlock = LandlockPolicy{{"/no/such"}, {}};
  const Ran ran = shell("true", workload);
  EXPECT_EQ(ran.status, 125);
  EXPECT_EQ(ran.error, "open /no/such for sh: No such file or directory");
}

TEST_F(ConfineFileSystemTest, SysShowsItsOwnNetwork) {
  EXPECT_EQ(shell("ls /sys/class/net").output, "lo\n");
}

}  // namespace
}  // namespace netyard::test
