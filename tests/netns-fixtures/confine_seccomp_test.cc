// SPDX-License-Identifier: Apache-2.0
// System calls: what the default profile refuses, by every way into the kernel, and what lists,
// files and actions make of it.
#include <signal.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>

#include "netns-fixtures/confine.h"

namespace netyard::test {
namespace {

using Words = std::vector<std::string>;

class ConfineSeccompTest : public ConfineTest {
 protected:
  void TearDown() override {
    netyard::test::run("rm -rf /run/netyard/seccomp; rmdir /run/netyard; rm -f /run/profile.json");
    ConfineTest::TearDown();
  }
  static void expect(std::map<std::string, std::string> wanted, const Workload& workload) {
    if (!has_i386_calls()) {
      std::erase_if(wanted, [](const auto& one) { return one.first.starts_with("i386-"); });
    }
    Words attempts;
    for (const auto& [what, came] : wanted) attempts.push_back(what);
    const Ran ran = probe(attempts, workload);
    EXPECT_EQ(ran.attempts(), wanted) << ran.status << ran.error << ran.output;
  }
  static Workload with(SeccompPolicy policy) {
    Workload out;
    out.seccomp = std::move(policy);
    return out;
  }
  static Workload with_profile(const std::string& text) {
    write_file("/run/profile.json", text);
    SeccompPolicy policy;
    policy.base = SeccompPolicy::Base::file;
    policy.file = "/run/profile.json";
    return with(policy);
  }
};

// With every capability in the way out: what refuses is the filter alone.
const std::map<std::string, std::string> kRefused = {
    {"mount:tmpfs", "EPERM"},
    {"remount:/proc", "EPERM"},
    {"umount:/proc", "EPERM"},
    {"pivot_root", "EPERM"},
    {"open_tree:/", "EPERM"},
    {"fsopen:tmpfs", "EPERM"},
    {"chroot", "EPERM"},
    {"unshare:0x10000000", "EPERM"},
    {"unshare:0x40000000", "EPERM"},
    {"unshare:0x20000", "EPERM"},
    {"clone:0x10000000", "ENOSYS"},
    {"clone:0x20000000", "ENOSYS"},
    {"clone:0", "ok"},
    {"clone3", "ENOSYS"},
    {"setns:/proc/self/ns/net", "EPERM"},
    {"ptrace-child", "EPERM"},
    {"keyctl", "EPERM"},
    {"add_key", "EPERM"},
    {"io_uring", "EPERM"},
    {"userfaultfd", "EPERM"},
    {"bpf", "EPERM"},
    {"perf", "EPERM"},
    {"open_by_handle_at", "EPERM"},
    {"kexec", "EPERM"},
    {"module", "EPERM"},
    {"syslog", "EPERM"},
    {"sethostname", "EPERM"},
    {"settimeofday", "EPERM"},
    {"reboot", "EPERM"},
    {"swapon", "EPERM"},
    {"personality:0x40000", "ENOSYS"},
    {"personality:0", "ok"},
    {"socket:40", "EPERM"},
    {"socket:38", "EPERM"},
    {"socket:1", "ok"},
    {"socket:2", "ok"},
    {"tiocsti", "EPERM"},
    {"tiocsti-high", "EPERM"},
    {"tioclinux", "EPERM"},
    {"tioclinux-high", "EPERM"},
};

TEST_F(ConfineSeccompTest, TheDefaultRefusesWhatReachesTheHost) {
  expect(kRefused, {});
}

#if defined(__x86_64__)
TEST_F(ConfineSeccompTest, NoOtherWayIntoTheKernelIsWider) {
  expect({{"i386-getpid", "ok"},
          {"i386-mount", "EPERM"},
          {"i386-ptrace", "EPERM"},
          {"i386-unshare", "EPERM"},
          {"i386-keyctl", "EPERM"},
          {"i386-clone3", "ENOSYS"},
          {"i386-socket:40", "EPERM"},
          {"i386-socket:38", "EPERM"},
          {"i386-socket:1", "ok"},
          {"i386-socketcall-vsock", "EPERM"},
          {"i386-tiocsti", "EPERM"},
          {"x32-getpid", "ENOSYS"},
          {"x32-mount", "ENOSYS"}},
         {});
}

TEST_F(ConfineSeccompTest, ARefusedCallIsRefusedByEveryWay) {
  SeccompPolicy policy;
  policy.deny = {"kill", "getpid", "socket"};
  expect({{"kill:2", "EPERM"},
          {"i386-kill", "EPERM"},
          {"i386-getpid", "EPERM"},
          {"socket:1", "EPERM"},
          {"i386-socket:1", "EPERM"},
          {"i386-socketcall-vsock", "EPERM"},
          {"x32-kill", "ENOSYS"}},
         with(policy));
  policy.base = SeccompPolicy::Base::unconfined;
  expect({{"kill:2", "EPERM"},
          {"i386-kill", "EPERM"},
          {"i386-getpid", "EPERM"},
          {"socket:1", "EPERM"},
          {"i386-socket:1", "EPERM"},
          {"i386-socketcall-vsock", "EPERM"},
          {"x32-kill", "ENOSYS"},
          {"x32-getpid", "ENOSYS"}},
         with(policy));
}
#endif

TEST_F(ConfineSeccompTest, SaysSoInTheStatusOfTheProcess) {
  const auto lines = [](const Workload& workload) {
    return shell("grep -E '^(NoNewPrivs|Seccomp|Seccomp_filters):' /proc/self/status", workload)
        .output;
  };
  EXPECT_EQ(lines({}), "NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n");
  SeccompPolicy policy;
  policy.base = SeccompPolicy::Base::unconfined;
  EXPECT_EQ(lines(with(policy)), "NoNewPrivs:\t1\nSeccomp:\t0\nSeccomp_filters:\t0\n");
}

TEST_F(ConfineSeccompTest, AllowsOnTopOfTheDefault) {
  SeccompPolicy policy;
  policy.allow = {"keyctl", "sethostname"};
  policy.deny = {"keyctl"};
  expect({{"keyctl", "EPERM"}, {"mount:tmpfs", "EPERM"}}, with(policy));
  policy.deny.clear();
  const Ran ran = probe({"keyctl", "sethostname"}, with(policy));
  EXPECT_EQ(ran.attempts().at("keyctl"), "ok");
  EXPECT_EQ(ran.attempts().at("sethostname"), "EPERM") << "it has no capability for it";
}

TEST_F(ConfineSeccompTest, WithoutAFilterCapabilitiesAreInTheWay) {
  SeccompPolicy policy;
  policy.base = SeccompPolicy::Base::unconfined;
  expect({{"mount:tmpfs", "EPERM"},
          {"mount:cgroup", "EPERM"},
          {"umount:/proc", "EPERM"},
          {"chroot", "EPERM"},
          {"setns:/proc/self/ns/net", "EPERM"},
          {"open_by_handle_at", "EPERM"},
          {"sethostname", "EPERM"},
          {"syslog", "EPERM"},
          {"ptrace-init", "EPERM"},
          {"raw-socket", "EPERM"},
          {"socket:17", "EPERM"},
          {"clone3", "ok"}},
         with(policy));
}

TEST_F(ConfineSeccompTest, ABareListHasNothingElse) {
  SeccompPolicy policy;
  policy.base = SeccompPolicy::Base::none;
  policy.allow = {"exit_group", "write",    "brk",        "mmap",      "arch_prctl",
                  "getrandom",  "mprotect", "rseq",       "prlimit64", "set_tid_address",
                  "readlinkat", "readlink", "newfstatat", "uname",     "set_robust_list",
                  "getcwd"};
  expect({{"cwd", "/"},
          {"kill:2", "EPERM"},
          {"clone3", "ENOSYS"},
          {"read:/etc/hostname", "EPERM"},
          {"mount:tmpfs", "EPERM"}},
         with(policy));
}

TEST_F(ConfineSeccompTest, AnActionIsTakenForRefusedCalls) {
  SeccompPolicy policy;
  policy.action = SeccompPolicy::Action::kill;
  EXPECT_EQ(probe({"cwd", "mount:tmpfs"}, with(policy)).signal, SIGSYS);
  policy.action = SeccompPolicy::Action::trap;
  EXPECT_EQ(probe({"cwd", "mount:tmpfs"}, with(policy)).signal, SIGSYS);
  policy.action = SeccompPolicy::Action::log;
  EXPECT_EQ(attempt("keyctl", with(policy)), "ok");
  policy.action = SeccompPolicy::Action::errno_;
  EXPECT_EQ(attempt("keyctl", with(policy)), "EPERM");
}

TEST_F(ConfineSeccompTest, AReportNamesTheRefusedCall) {
  SeccompPolicy policy;
  policy.report = true;
  const Ran ran = probe({"keyctl", "mount:tmpfs", "cwd"}, with(policy));
  const auto came = ran.attempts();
  EXPECT_EQ(came.at("keyctl"), "EPERM");
  EXPECT_EQ(came.at("mount:tmpfs"), "EPERM");
  EXPECT_EQ(came.at("cwd"), "/");
  ASSERT_EQ(ran.refused.size(), 2U);
  EXPECT_EQ(ran.refused[0].name, "keyctl");
  EXPECT_EQ(ran.refused[0].command, "probe");
  EXPECT_EQ(ran.refused[1].name, "mount");
}

TEST_F(ConfineSeccompTest, AnOciProfileIsKept) {
  const Workload workload = with_profile(R"({
    "defaultAction": "SCMP_ACT_ALLOW",
    "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
    "syscalls": [
      {"names": ["getcwd"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95},
      {"names": ["no_such_call_at_all", "keyctl"], "action": "SCMP_ACT_ERRNO"},
      {"names": ["kill"], "action": "SCMP_ACT_ERRNO", "errnoRet": 71,
       "args": [{"index": 1, "value": 10, "op": "SCMP_CMP_EQ"}]},
      {"names": ["mknod", "mknodat"], "action": "SCMP_ACT_ERRNO",
       "excludes": {"caps": ["CAP_MKNOD"]}},
      {"names": ["umask"], "action": "SCMP_ACT_ERRNO", "includes": {"caps": ["CAP_SYS_ADMIN"]}}
    ]})");
  // Twice: the second time from the cache.
  for (int i = 0; i < 2; ++i) {
    expect(
        {
          {"cwd", "EOPNOTSUPP"}, {"keyctl", "EPERM"}, {"kill:2:10", "EPROTO"}, {"kill:2:0", "ok"},
              {"umask", "022"},
#if defined(__x86_64__)
              {"i386-getpid", "ENOSYS"},
#endif
          {
            "clone3", "ok"
          }
        },
        workload);
  }
}

TEST_F(ConfineSeccompTest, RefusesAProfileThatItCannotKeep) {
  const std::map<std::string, std::string> broken = {
      {R"({"defaultAction": "SCMP_ACT_NOTIFY"})",
       "read seccomp profile /run/profile.json: action SCMP_ACT_NOTIFY is not one of kill, trap, "
       "errno, log, allow\n"},
      {R"({"syscalls": []})", "read seccomp profile /run/profile.json: it has no defaultAction\n"},
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action":
         "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_LIKE"}]}]})",
       "compile seccomp profile SCMP_CMP_LIKE: it is no comparison\n"},
  };
  for (const auto& [text, wanted] : broken) {
    const Ran ran = probe({"cwd"}, with_profile(text));
    EXPECT_EQ(ran.error, wanted);
    EXPECT_EQ(ran.status, 125);
  }
  EXPECT_NE(probe({"cwd"}, with_profile("{")).error.find("read seccomp profile /run/profile.json"),
            std::string::npos);
}

TEST_F(ConfineSeccompTest, RefusesNamesThatAreNone) {
  SeccompPolicy policy;
  policy.deny = {"killl"};
  EXPECT_EQ(probe({"cwd"}, with(policy)).error, "there is no system call 'killl'\n");
}

}  // namespace
}  // namespace netyard::test
