// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "netns-fixtures/fixture.h"
#include "netns/namespace.h"
#include "netns/pin.h"
#include "netns/processes.h"
#include "netns/sysctl.h"

namespace netyard::test {
namespace {

class PinTest : public CleanNetnsTest {
 protected:
  void SetUp() override {
    CleanNetnsTest::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) prepare_netns_directory();
  }
  static FileDescriptor create(const std::string& name) {
    const FileDescriptor home = current_namespace();
    const NamespaceScope back(home.get());
    return create_pinned_namespace(name);
  }
  static int code_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code();
    }
    return 0;
  }
};

TEST_F(PinTest, SharesTheDirectoryWithIp) {
  create("ours");
  ASSERT_EQ(run("ip netns add theirs").status, 0);
  const std::string listed = run("ip netns list").text;
  EXPECT_NE(listed.find("ours"), std::string::npos);
  const auto entries = list_pinned();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].name, "theirs");
  EXPECT_TRUE(entries[1].is_namespace);
  EXPECT_EQ(run("ip netns exec ours ip -o link show | wc -l").text, "1\n");
  EXPECT_EQ(run("ip netns del ours").status, 0);
  unpin_namespace("theirs");
  EXPECT_TRUE(list_pinned().empty());
}

TEST_F(PinTest, TheThreadIsInsideAfterCreatingAndHomeAfterTheScope) {
  const FileDescriptor home = current_namespace();
  const NamespaceIdentity here = identify(home.get());
  FileDescriptor made;
  {
    const NamespaceScope back(home.get());
    made = create_pinned_namespace("x");
    EXPECT_EQ(identify(current_namespace().get()), identify(made.get()));
  }
  EXPECT_EQ(identify(current_namespace().get()), here);
  EXPECT_EQ(identify(open_namespace("x").get()), identify(made.get()));
  unpin_namespace("x");
}

TEST_F(PinTest, ATakenNameIsRefusedAndKept) {
  create("x");
  const NamespaceIdentity before = identify(open_namespace("x").get());
  EXPECT_EQ(code_of([&] { create("x"); }), EEXIST);
  EXPECT_EQ(identify(open_namespace("x").get()), before);
  unpin_namespace("x");
  EXPECT_EQ(code_of([] { unpin_namespace("x"); }), ENOENT);
}

TEST_F(PinTest, NamesThatLeadElsewhereAreRefused) {
  for (const std::string& name :
       {std::string("../../proc/1/ns/net"), std::string("a/b"), std::string(),
        std::string(256, 'x'), std::string("a\nb"), std::string(".."), std::string("-x")}) {
    EXPECT_EQ(code_of([&] { open_namespace(name); }), EINVAL) << name;
    EXPECT_EQ(code_of([&] { create(name); }), EINVAL) << name;
    EXPECT_EQ(code_of([&] { unpin_namespace(name); }), EINVAL) << name;
  }
}

TEST_F(PinTest, WhatIsNoNamespaceIsRefusedWithoutHanging) {
  ASSERT_EQ(mkfifo("/run/netns/fifo", 0600), 0);
  ASSERT_EQ(symlink("/proc/self/ns/net", "/run/netns/link"), 0);
  write_file("/run/netns/file", "");
  write_file("/run/netns/mnt", "");
  ASSERT_EQ(mount("/proc/self/ns/uts", "/run/netns/mnt", "none", MS_BIND, nullptr), 0);
  for (const char* name : {"fifo", "link", "file", "mnt"}) {
    EXPECT_EQ(code_of([&] { open_namespace(name); }), EINVAL) << name;
  }
  for (const auto& entry : list_pinned()) EXPECT_FALSE(entry.is_namespace) << entry.name;
  umount("/run/netns/mnt");
  for (const char* name : {"fifo", "link", "file", "mnt"})
    unlink(fmt::format("/run/netns/{}", name).c_str());
}

TEST_F(PinTest, PruneTakesStaleFilesOnly) {
  create("live");
  for (const char* name : {"stale", "young"}) {
    close(open(fmt::format("/run/netns/{}", name).c_str(), O_CREAT | O_RDONLY, 0));
  }
  write_file("/run/netns/text", "mine");
  ASSERT_EQ(mkdir("/run/netns/directory", 0700), 0);
  ASSERT_EQ(symlink("nowhere", "/run/netns/link"), 0);
  EXPECT_TRUE(prune_pinned().empty()) << "all are younger than a second";
  // The age is that of the inode's last change, which only time gives: wait for it.
  ASSERT_TRUE(eventually([] {
    struct stat info {};
    stat("/run/netns/stale", &info);
    return time(nullptr) - info.st_ctim.tv_sec > 1;
  }));
  chmod("/run/netns/young", 0);
  EXPECT_EQ(prune_pinned(), std::vector<std::string>{"stale"});
  for (const char* name : {"young", "text", "link"})
    unlink(fmt::format("/run/netns/{}", name).c_str());
  rmdir("/run/netns/directory");
  unpin_namespace("live");
}

TEST_F(PinTest, ManyCreatorsAtOnceLeaveOneMountEach) {
  constexpr int kProcesses = 8;
  constexpr int kEach = 10;
  umount2(kNetnsDirectory, MNT_DETACH);
  rmdir(kNetnsDirectory);
  for (int process = 0; process < kProcesses; ++process) {
    if (fork() != 0) continue;
    try {
      prepare_netns_directory();
      for (int i = 0; i < kEach; ++i) create(fmt::format("p{}-{}", process, i));
    } catch (const Error&) {
      _exit(1);
    }
    _exit(0);
  }
  for (int process = 0; process < kProcesses; ++process) {
    int status = 0;
    ASSERT_GT(wait(&status), 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(run("grep -c 'nsfs' /proc/self/mountinfo").text,
            fmt::format("{}\n", kProcesses * kEach));
  std::vector<std::string> names;
  for (const auto& entry : list_pinned()) names.push_back(entry.name);
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kProcesses * kEach));
  EXPECT_TRUE(unpin_namespaces(names).empty());
  EXPECT_TRUE(unpin_namespaces(names).empty()) << "a missing one is no failure";
}

TEST_F(PinTest, SysctlsGoToTheNamespaceTheThreadIsIn) {
  SysctlWriter writer;
  std::vector<std::string> names;
  for (int i = 0; i < 70; ++i) names.push_back(fmt::format("n{}", i));  // beyond one private procfs
  {
    const FileDescriptor home = current_namespace();
    const NamespaceScope back(home.get());
    for (const auto& name : names) {
      create_pinned_namespace(name);
      writer.next_namespace();
      writer.write("net/ipv4/ip_forward", "1");
    }
  }
  EXPECT_EQ(writer.read("net/ipv4/ip_forward"), "0") << "the caller's own is untouched";
  for (const char* name : {"n0", "n63", "n64", "n69"}) {
    EXPECT_EQ(run(fmt::format("ip netns exec {} cat /proc/sys/net/ipv4/ip_forward", name)).text,
              "1\n");
  }
  EXPECT_EQ(code_of([&] { writer.write("net/ipv4/no_such", "1"); }), ENOENT);
  unpin_namespaces(names);
}

TEST_F(PinTest, ProcessesAreFoundByNamespace) {
  create("x");
  const NamespaceIdentity wanted = identify(open_namespace("x").get());
  const pid_t pid = fork();
  if (pid == 0) {
    execlp("ip", "ip", "netns", "exec", "x", "sleep", "60", nullptr);
    _exit(127);
  }
  const auto is_there = [&] {
    const auto all = processes_by_namespace();
    return std::any_of(all.begin(), all.end(), [&](const auto& process) {
      return process.pid == pid && process.identity == wanted && process.command == "sleep";
    });
  };
  EXPECT_TRUE(eventually(is_there));
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  EXPECT_FALSE(is_there());
  EXPECT_TRUE(is_running(this_process()));
  EXPECT_FALSE(is_running({pid, 1}));
  unpin_namespace("x");
}

}  // namespace
}  // namespace netyard::test
