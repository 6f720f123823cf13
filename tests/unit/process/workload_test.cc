// SPDX-License-Identifier: Apache-2.0
#include "process/workload.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

namespace netyard::test {
namespace {

Workload plain() {
  Workload out;
  out.argv = {"true"};
  return out;
}

// "KEY MESSAGE; …", of all problems.
std::string problems(const Workload& workload) {
  std::string out;
  for (const auto& problem : check_words(workload)) {
    out += (out.empty() ? "" : "; ") + problem.key + " " + problem.message;
  }
  return out;
}

TEST(WorkloadWords, TheDefaultsAreRight) {
  EXPECT_EQ(problems(plain()), "");
  EXPECT_EQ(problems(Workload()), "command there is no command");
  Workload empty;
  empty.argv = {""};
  EXPECT_EQ(problems(empty), "command there is no command");
}

TEST(WorkloadWords, FiltersGoWithNoNewPrivileges) {
  Workload workload = plain();
  workload.no_new_privs = false;
  EXPECT_EQ(problems(workload), "no_new_privs the default seccomp filter needs no_new_privs");
  workload.seccomp.deny = {"kill"};
  EXPECT_EQ(problems(workload), "no_new_privs a seccomp filter needs no_new_privs");
  workload.seccomp = {SeccompPolicy::Base::unconfined, "", {}, {}, {}, false};
  EXPECT_EQ(problems(workload), "");
}

TEST(WorkloadWords, AReportHasNoOtherAction) {
  Workload workload = plain();
  workload.seccomp.report = true;
  EXPECT_EQ(problems(workload), "");
  workload.seccomp.action = SeccompPolicy::Action::kill;
  EXPECT_EQ(problems(workload),
            "seccomp 'report' answers refused calls with EPERM: there is no other 'action'");
}

TEST(WorkloadWords, LimitsHaveTheirRanges) {
  Workload workload = plain();
  workload.limits.pids = 1;
  EXPECT_EQ(problems(workload), "limits 1 is less than the 2 processes that it begins with");
  workload.limits = {};
  workload.limits.swap = 1;
  EXPECT_EQ(problems(workload), "limits a swap limit needs a memory limit");
  workload.limits = {};
  workload.limits.memory = 4096;
  EXPECT_EQ(problems(workload), "limits 4 KiB of memory are less than a process needs");
  for (const char* cpus : {",", "0-", "a", "-1", "0;1"}) {
    workload.limits = {};
    workload.limits.cpus = cpus;
    EXPECT_EQ(problems(workload), "limits '" + std::string(cpus) + "' is no list of processors");
  }
  workload.limits = {};
  workload.rlimits = {{"nofile", 2, 1}};
  EXPECT_EQ(problems(workload), "rlimits nofile: the soft limit is above the hard one");
}

TEST(WorkloadWords, NamespacesContradict) {
  Workload workload = plain();
  workload.share = {"network"};
  EXPECT_EQ(problems(workload), "share 'network' is no namespace that can be shared");
  workload.share = {"mount"};
  workload.rootfs = "/x";
  EXPECT_EQ(problems(workload), "share mounts and a rootfs need a mount namespace of their own");
  workload = plain();
  workload.share = {"uts"};
  workload.hostname = "x";
  EXPECT_EQ(problems(workload), "share a hostname needs a uts namespace of its own");
  workload = plain();
  workload.share = {"pid"};
  workload.boottime_offset = 1;
  EXPECT_EQ(problems(workload), "share a time namespace needs a pid namespace of its own");
  workload = plain();
  workload.uid_map = {{0, 1, 1}};
  EXPECT_EQ(problems(workload), "uid_map uid_map and gid_map go together");
}

TEST(WorkloadWords, PathsAreAbsoluteAndLeadNowhereUp) {
  Workload workload = plain();
  workload.cwd = "tmp";
  EXPECT_EQ(problems(workload), "cwd 'tmp' is not absolute");
  workload = plain();
  workload.mounts = {{Mount::Kind::bind, "/a", "/b/../../c", false, {}}};
  EXPECT_EQ(problems(workload), "binds '/b/../../c' leads upward");
  workload.mounts = {{Mount::Kind::tmpfs, "", "/", false, {}}};
  EXPECT_EQ(problems(workload), "tmpfs '/' cannot be mounted over");
}

TEST(WorkloadWords, EnvironmentIsKeysAndValues) {
  Workload workload = plain();
  workload.env = {"A=", "B=x=y"};
  EXPECT_EQ(problems(workload), "");
  workload.env = {"A", "=x"};
  EXPECT_EQ(problems(workload), "env 'A' is not KEY=VALUE; env '=x' is not KEY=VALUE");
}

TEST(WorkloadTexts, Binds) {
  std::string problem;
  EXPECT_EQ(*parse_bind("/a:/b:ro", problem), (Mount{Mount::Kind::bind, "/a", "/b", true, {}}));
  EXPECT_EQ(*parse_bind("/a:/b", problem), (Mount{Mount::Kind::bind, "/a", "/b", false, {}}));
  EXPECT_EQ(*parse_bind("/a:rw", problem), (Mount{Mount::Kind::bind, "/a", "/a", false, {}}));
  EXPECT_EQ(*parse_bind("/a", problem), (Mount{Mount::Kind::bind, "/a", "/a", false, {}}));
  for (const char* text : {"", ":", "/a:", ":/b", "/a:/b:/c", "/a:/b:ro:rw", ":ro"}) {
    problem.clear();
    EXPECT_FALSE(parse_bind(text, problem)) << text;
    EXPECT_NE(problem, "") << text;
  }
}

TEST(WorkloadTexts, ResourceLimits) {
  std::string problem;
  EXPECT_EQ(*parse_rlimit("nofile=10", problem), (ResourceLimit{"nofile", 10, 10}));
  EXPECT_EQ(*parse_rlimit("core=0:unlimited", problem), (ResourceLimit{"core", 0, kUnlimited}));
  EXPECT_EQ(*parse_rlimit("as=1M:2M", problem), (ResourceLimit{"as", 1U << 20, 2U << 20}));
  for (const char* text : {"", "nofile", "nofile=", "nofile=x", "nofile=1:2:3", "nofile=-1",
                           "nofile=1=2", "files=1"}) {
    EXPECT_FALSE(parse_rlimit(text, problem)) << text;
    EXPECT_NE(problem, "") << text;
  }
  for (const auto& name : rlimit_names()) EXPECT_GE(rlimit_number(name), 0) << name;
  EXPECT_EQ(rlimit_number("nofile"), static_cast<int>(RLIMIT_NOFILE));
  EXPECT_EQ(rlimit_number("NOFILE"), -1);
}

TEST(WorkloadTexts, IdRanges) {
  std::string problem;
  EXPECT_EQ(*parse_id_range("0:1000:1", problem), (IdRange{0, 1000, 1}));
  EXPECT_EQ(*parse_id_range("0 1000 65536", problem), (IdRange{0, 1000, 65536}));
  for (const char* text :
       {"", "0:1000", "0:1000:0", "0:1000:1:2", "a:b:c", "-1:0:1", "0x0:0:1", "0:0:99999999999"}) {
    EXPECT_FALSE(parse_id_range(text, problem)) << text;
    EXPECT_NE(problem, "") << text;
  }
}

TEST(WorkloadTexts, Signals) {
  for (const char* word : {"TERM", "term", "SIGTERM", "sigterm", "15"}) {
    EXPECT_EQ(signal_number(word), SIGTERM) << word;
  }
  for (const char* word : {"", "SIG", "TERMS", "-1", "65", "999", "1 5"}) {
    EXPECT_EQ(signal_number(word), 0) << word;
  }
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal_name(99), "signal 99");
}

}  // namespace
}  // namespace netyard::test
