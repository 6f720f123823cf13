// SPDX-License-Identifier: Apache-2.0
// Who a workload is, and what it may do: users, groups, capabilities, resource limits.
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns-fixtures/confine.h"
#include "process/capabilities.h"

namespace netyard::test {
namespace {

class ConfineIdentityTest : public RootConfineTest {
 protected:
  static std::string status_lines(const Workload& workload) {
    return shell("grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs):' /proc/self/status", workload)
        .output;
  }
  static Workload as(const std::string& user) {
    Workload out;
    out.user = user;
    return out;
  }
};

class ConfineUserTest : public ConfineTest {};

constexpr const char* kNoCapabilities =
    "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
    "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n";

TEST_F(ConfineIdentityTest, RootHasNoCapability) {
  EXPECT_EQ(status_lines({}),
            std::string("Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t \n") + kNoCapabilities);
}

TEST_F(ConfineIdentityTest, AUserHasItsIdsAndNoOther) {
  const gid_t groups[] = {4, 24, 27};
  ASSERT_EQ(setgroups(3, groups), 0);
  const std::string bare = status_lines(as("1000:1001"));
  Workload grouped = as("1000");
  grouped.groups = {"adm", "27"};
  const std::string some = status_lines(grouped);
  ASSERT_EQ(setgroups(0, nullptr), 0);
  EXPECT_EQ(bare, std::string("Uid:\t1000\t1000\t1000\t1000\nGid:\t1001\t1001\t1001\t1001\n"
                              "Groups:\t \n") +
                      kNoCapabilities);
  EXPECT_NE(some.find("Groups:\t4 27 \n"), std::string::npos) << some;
}

TEST_F(ConfineIdentityTest, TheInitKeepsOneCapability) {
  const Ran ran = shell("grep -E '^(Cap...|NoNewPrivs|SigIgn):' /proc/1/status", as("1000"));
  EXPECT_EQ(ran.output,
            "SigIgn:\t0000000000000000\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000020\n"
            "CapEff:\t0000000000000020\nCapBnd:\t" +
                ran.output.substr(ran.output.find("CapBnd:") + 8, 16) +
                "\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n")
      << "CAP_KILL, to pass signals on";
}

TEST_F(ConfineIdentityTest, KeepsTheCapabilitiesOfTheList) {
  Workload workload;
  workload.capabilities = {"NET_ADMIN", "cap_net_raw"};
  EXPECT_EQ(status_lines(workload),
            "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t \n"
            "CapInh:\t0000000000000000\nCapPrm:\t0000000000003000\nCapEff:\t0000000000003000\n"
            "CapBnd:\t0000000000003000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n");
  workload.user = "1000";
  EXPECT_EQ(status_lines(workload),
            "Uid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t \n"
            "CapInh:\t0000000000003000\nCapPrm:\t0000000000003000\nCapEff:\t0000000000003000\n"
            "CapBnd:\t0000000000003000\nCapAmb:\t0000000000003000\nNoNewPrivs:\t1\n");
}

TEST_F(ConfineIdentityTest, AUserWithNetAdminAdministersTheNetworkAndNothingElse) {
  Workload workload = as("1000");
  workload.capabilities = {"NET_ADMIN"};
  workload.hostname = "node";
  const Ran ran = shell(
      "ip address add 192.0.2.1/24 dev lo && ip -4 -br address show lo\n"
      "ip link add d0 type dummy && ip -br link show d0 | cut -d' ' -f1\n"
      "echo 1 >/proc/sys/net/ipv4/ip_forward && cat /proc/sys/net/ipv4/ip_forward\n"
      "echo x 2>/dev/null >/proc/sys/kernel/hostname || echo no sysctl\n"
      "mount -t tmpfs none /tmp 2>/dev/null || echo no mount\n"
      "hostname evil 2>/dev/null || echo no name; hostname",
      workload);
  const std::string wanted_end = "1\nno sysctl\nno mount\nno name\nnode\n";
  EXPECT_NE(ran.output.find("192.0.2.1/24"), std::string::npos) << ran.output;
  EXPECT_TRUE(ran.output.ends_with(wanted_end)) << ran.output;
  EXPECT_EQ(attempt("raw-socket", workload), "EPERM") << "that is NET_RAW";
  EXPECT_EQ(attempt("write:/proc/sys/kernel/core_pattern", workload), "EACCES");
}

TEST_F(ConfineIdentityTest, EveryCapabilityStillMeetsTheRestOfTheWalls) {
  Workload workload;
  workload.capabilities = {"ALL"};
  const Ran ran = probe({"write:/proc/sys/kernel/core_pattern", "keyctl", "io_uring", "socket:40",
                         "userfaultfd", "tiocsti", "descriptors"},
                        workload);
  const auto came = ran.attempts();
  EXPECT_EQ(came.at("write:/proc/sys/kernel/core_pattern"), "EROFS");
  EXPECT_EQ(came.at("descriptors"), "0,1,2");
  for (const char* what : {"keyctl", "io_uring", "socket:40", "userfaultfd", "tiocsti"}) {
    EXPECT_EQ(came.at(what), "EPERM") << what;
  }
}

TEST_F(ConfineIdentityTest, ACapabilityOpensTheCallsThatAreItsOwn) {
  Workload workload;
  workload.capabilities = {"SYS_ADMIN", "SYS_CHROOT"};
  EXPECT_EQ(attempt("mount:tmpfs", workload), "ok");
  EXPECT_EQ(attempt("chroot", workload), "ok");
  EXPECT_EQ(attempt("bpf", workload), "EPERM");
}

TEST_F(ConfineIdentityTest, SetuidProgramsDoNotRaise) {
  netyard::test::run("cp " + probe_path() + " /run/setuid; chmod 4755 /run/setuid");
  Workload workload = as("1000");
  workload.argv = {"/tmp/setuid", "setuid:0", "setgroups:4"};
  workload.mounts = {{Mount::Kind::bind, "/run/setuid", "/tmp/setuid", true, {}}};
  const auto came = run(workload).attempts();
  unlink("/run/setuid");
  EXPECT_EQ(came.at("setuid:0"), "EPERM");
  EXPECT_EQ(came.at("setgroups:4"), "EPERM");
}

TEST_F(ConfineIdentityTest, ADirectoryOnlyRootCanReachIsRefusedToOthers) {
  mkdir("/run/closed", 0700);
  Workload workload = as("1000");
  workload.mounts = {{Mount::Kind::bind, "/run/closed", "/tmp/closed", false, {}}};
  workload.cwd = "/tmp/closed";
  const Ran ran = shell("pwd", workload);
  rmdir("/run/closed");
  EXPECT_EQ(ran.status, 125);
  EXPECT_EQ(ran.error, "change directory to /tmp/closed for sh: Permission denied");
}

TEST_F(ConfineIdentityTest, DeviceNodesCannotBeMadeByRoot) {
  EXPECT_EQ(attempt("mknod:/tmp/mem"), "EPERM");
}

TEST_F(ConfineIdentityTest, SetsResourceLimitsPriorityAndOomScore) {
  Workload workload = as("1000");
  workload.rlimits = {{"nofile", 100, 200}, {"core", 0, 0}, {"nproc", 64, 64}};
  workload.nice = 5;
  workload.oom_score_adj = 500;
  const Ran ran = shell(
      "ulimit -n; ulimit -Hn; ulimit -c; nice; cat /proc/self/oom_score_adj; "
      "awk '/processes/ {print $3}' /proc/self/limits",
      workload);
  EXPECT_EQ(ran.output, "100\n200\n0\n5\n500\n64\n") << ran.error;
  workload.nice = -5;
  EXPECT_EQ(shell("nice", workload).output, "-5\n");
  workload.oom_score_adj = -500;
  const bool resources = (own_capabilities() >> CAP_SYS_RESOURCE & 1) != 0;
  const Ran lower = shell("cat /proc/self/oom_score_adj", workload);
  EXPECT_EQ(lower.output, resources ? "-500\n" : "");
  EXPECT_EQ(lower.status, resources ? 0 : 125) << lower.error;
  EXPECT_EQ(netyard::test::run("nice; cat /proc/self/oom_score_adj").text, "0\n0\n");
}

TEST_F(ConfineIdentityTest, AUserNamespaceHasItsMapsAndNoMore) {
  Workload workload;
  workload.uid_map = {{0, 100000, 1000}, {1000, 5000, 1}};
  workload.gid_map = {{0, 200000, 1000}};
  const Ran ran =
      shell("cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; id -G", workload);
  EXPECT_EQ(ran.output,
            "         0     100000       1000\n      1000       5000          1\n"
            "         0     200000       1000\nallow\n0\n")
      << ran.error;
  EXPECT_EQ(attempt("mount:tmpfs", workload), "EPERM");
  EXPECT_EQ(attempt("write:/proc/sys/kernel/core_pattern", workload), "EACCES");
}

// A plain user has one id to be, in a user namespace made for it.
TEST_F(ConfineIdentityTest, APlainUserRunsInAUserNamespace) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = in_child([&] {
    dup2(ends[1], 1);
    dup2(ends[1], 2);
    const gid_t groups[] = {4, 24};
    if (setgroups(2, groups) != 0 || setresgid(2000, 2000, 2000) != 0 ||
        setresuid(2000, 2000, 2000) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0) {
      return 98;
    }
    RunRequest request;
    request.workload.mounts = {{Mount::Kind::bind, probe_path(), kProbe, true, {}}};
    request.workload.argv = {
        "sh", "-c",
        "id -u; cat /proc/self/uid_map /proc/self/setgroups; "
        "/tmp/probe descriptors setgroups:0 mount:tmpfs write:/proc/sys/kernel/core_pattern "
        "make:/x write:/dev/null unshare:0x10000000"};
    return run_workload(request).ending.status;
  });
  close(ends[1]);
  std::string text;
  char chunk[1024];
  for (ssize_t got = 0; (got = read(ends[0], chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(text,
            "0\n         0       2000          1\ndeny\ndescriptors 0,1,2\nsetgroups:0 EPERM\n"
            "mount:tmpfs EPERM\nwrite:/proc/sys/kernel/core_pattern EACCES\nmake:/x EROFS\n"
            "write:/dev/null ok\nunshare:0x10000000 EPERM\n");
}

TEST_F(ConfineUserTest, WordsThatLookLikeIdsAreNone) {
  const std::map<std::string, std::string> wrong = {
      {"1000:", "find group '': there is no such group\n"},
      {"0x0", "find user '0x0': there is no such user\n"},
      {" 0", "find user ' 0': there is no such user\n"},
      {"+0", "find user '+0': there is no such user\n"},
      {"4294967295", "find user '4294967295': there is no such user\n"},
      {"4294967296", "find user '4294967296': there is no such user\n"},
      {"-1", "find user '-1': there is no such user\n"},
      {"1000abc", "find user '1000abc': there is no such user\n"},
      {":5", "find user '': there is no such user\n"},
      {"0:-1", "find group '-1': there is no such group\n"},
      {"0:4294967295", "find group '4294967295': there is no such group\n"},
      {"0:0:0", "find group '0:0': there is no such group\n"}};
  for (const auto& [user, error] : wrong) {
    Workload workload;
    workload.user = user;
    const Ran ran = shell("id -u", workload);
    EXPECT_EQ(ran.error, error) << user;
    EXPECT_EQ(ran.output, "") << user;
  }
}

TEST_F(ConfineUserTest, HasNoCapabilityAndNoWayToOne) {
  EXPECT_EQ(shell("grep -E '^(Cap...|NoNewPrivs):' /proc/self/status").output, kNoCapabilities);
  const auto came = probe({"setgroups:4", "raw-socket", "sethostname"}).attempts();
  for (const auto& [what, result] : came) EXPECT_EQ(result, "EPERM") << what;
}

}  // namespace
}  // namespace netyard::test
