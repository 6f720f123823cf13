// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "process/cgroup.h"

namespace netyard::test {
namespace {

std::string base_of(const CgroupLayout& layout, const std::string& controller) {
  const CgroupHierarchy* found = layout.with(controller);
  return found == nullptr ? "none" : found->base;
}

const char* const kOne =
    "30 23 0:25 / /sys/fs/cgroup rw shared:9 - tmpfs tmpfs rw,mode=755\n"
    "31 30 0:26 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup rw,cpu,cpuacct\n"
    "32 30 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "33 30 0:28 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n"
    "34 30 0:29 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
    "35 30 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
    "36 30 0:31 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"
    "37 30 0:32 / /sys/fs/cgroup/net_cls rw - cgroup cgroup rw,net_cls\n"
    "38 30 0:33 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n";
const char* const kOwnOne =
    "7:cpu,cpuacct:/box\n6:memory:/box\n5:blkio:/\n4:pids:/box\n3:cpuset:/\n2:freezer:/\n"
    "1:name=systemd:/box\n";

TEST(CgroupLayout, VersionOneAlone) {
  const CgroupLayout layout = CgroupLayout::parse(kOne, kOwnOne, true);
  EXPECT_EQ(layout.unified(), nullptr);
  EXPECT_EQ(layout.hierarchies().size(), 6U) << "net_cls and names of others are of no use";
  EXPECT_EQ(base_of(layout, "memory"), "/sys/fs/cgroup/memory");
  EXPECT_EQ(base_of(layout, "cpu"), "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(layout.with("cpu"), layout.with("cpuacct"));
  EXPECT_EQ(base_of(layout, "io"), "/sys/fs/cgroup/blkio") << "by the name of version 2";
  EXPECT_EQ(layout.with("blkio"), nullptr);
  EXPECT_EQ(layout.with("net_cls"), nullptr);
}

TEST(CgroupLayout, WithoutPrivilegeGroupsGoBelowTheOwn) {
  const CgroupLayout layout = CgroupLayout::parse(kOne, kOwnOne, false);
  EXPECT_EQ(base_of(layout, "memory"), "/sys/fs/cgroup/memory/box");
  EXPECT_EQ(base_of(layout, "cpu"), "/sys/fs/cgroup/cpu,cpuacct/box");
  EXPECT_EQ(base_of(layout, "io"), "/sys/fs/cgroup/blkio");
}

TEST(CgroupLayout, Hybrid) {
  const CgroupLayout layout = CgroupLayout::parse(
      std::string(kOne) + "39 30 0:34 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
      std::string(kOwnOne) + "0::/box\n", true);
  ASSERT_NE(layout.unified(), nullptr);
  EXPECT_EQ(layout.unified()->base, "/sys/fs/cgroup/unified");
  EXPECT_TRUE(layout.unified()->controllers.empty()) << "what it has is asked of its files";
  EXPECT_FALSE(layout.with("memory")->unified);
}

const char* const kTwo =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

TEST(CgroupLayout, VersionTwoAlone) {
  const CgroupLayout layout = CgroupLayout::parse(kTwo, "0::/init.scope\n", true);
  ASSERT_EQ(layout.hierarchies().size(), 1U);
  EXPECT_TRUE(layout.unified()->unified);
  EXPECT_EQ(layout.unified()->base, "/sys/fs/cgroup");
}

TEST(CgroupLayout, ADelegatedGroupOfAUser) {
  const char* own = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope\n";
  const CgroupLayout layout = CgroupLayout::parse(kTwo, own, false);
  EXPECT_EQ(layout.unified()->base,
            "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope");
}

TEST(CgroupLayout, AContainerSeesAPart) {
  const char* mounts =
      "40 30 0:27 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
      "41 30 0:29 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n";
  const CgroupLayout inside =
      CgroupLayout::parse(mounts, "6:memory:/docker/abc\n4:pids:/docker/abc/deep\n", false);
  EXPECT_EQ(base_of(inside, "memory"), "/sys/fs/cgroup/memory");
  EXPECT_EQ(base_of(inside, "pids"), "/sys/fs/cgroup/pids/deep");
  EXPECT_EQ(base_of(inside, "cpu"), "none");
  const CgroupLayout root = CgroupLayout::parse(mounts, "6:memory:/docker/abc\n", true);
  EXPECT_EQ(base_of(root, "memory"), "/sys/fs/cgroup/memory");
}

TEST(CgroupLayout, AGroupBesideTheMountIsNotBelowIt) {
  const char* mounts = "40 30 0:27 /docker/abc /cg rw - cgroup cgroup rw,memory\n";
  for (const char* own : {"6:memory:/docker/abcdef\n", "6:memory:/elsewhere\n"}) {
    EXPECT_EQ(base_of(CgroupLayout::parse(mounts, own, false), "memory"), "/cg") << own;
  }
}

TEST(CgroupLayout, AControllerMountedTwiceCountsOnce) {
  const CgroupLayout layout = CgroupLayout::parse(
      "40 30 0:27 / /a rw - cgroup cgroup rw,memory\n41 30 0:27 / /b rw - cgroup cgroup rw,memory\n"
      "42 30 0:28 / /c rw - cgroup2 none rw\n43 30 0:28 / /d rw - cgroup2 none rw\n",
      "1:memory:/\n0::/\n", true);
  EXPECT_EQ(layout.hierarchies().size(), 2U);
  EXPECT_EQ(base_of(layout, "memory"), "/a");
  EXPECT_EQ(layout.unified()->base, "/c");
}

TEST(CgroupLayout, OfNothingAndOfNonsenseThereIsNone) {
  EXPECT_TRUE(CgroupLayout::parse("", "", true).hierarchies().empty());
  EXPECT_TRUE(
      CgroupLayout::parse("a b c\n- - -\n\n1 2 3", "x\n:::\n::", false).hierarchies().empty());
}

TEST(CgroupLimits, NeedTheirControllers) {
  Limits limits;
  EXPECT_TRUE(controllers_for(limits).empty());
  limits.memory = 1;
  limits.cpu_weight = 100;
  limits.cpus = "0";
  limits.pids = 4;
  limits.io = {{"/dev/vda", 1, {}}};
  EXPECT_EQ(controllers_for(limits),
            (std::vector<std::string>{"memory", "cpu", "cpuset", "pids", "io"}));
}

TEST(CgroupUsage, SaysWhenMemoryRanOut) {
  CgroupUsage usage;
  EXPECT_EQ(describe_out_of_memory(usage, true), "");
  usage.oom_kills = 1;
  EXPECT_EQ(describe_out_of_memory(usage, true), "killed, out of memory");
  usage.memory_limit = usage.memory_peak = std::uint64_t{64} << 20;
  EXPECT_EQ(describe_out_of_memory(usage, true),
            "killed, out of memory (limit 64 MiB, peak 64 MiB)");
  usage.memory_limit.reset();
  EXPECT_EQ(describe_out_of_memory(usage, false),
            "a process of it was killed, out of memory (peak 64 MiB)");
}

}  // namespace
}  // namespace netyard::test
