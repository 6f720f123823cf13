// SPDX-License-Identifier: Apache-2.0
// Namespaces, descriptors, signals, terminal, and what else a process gets from who started it.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

#include "base/words.h"
#include "netns-fixtures/confine.h"
#include "process/spawn.h"

namespace netyard::test {
namespace {

using testing::Test;

class ConfineNamespacesTest : public ConfineTest {
 protected:
  // "ipc" to "ipc:[4026531839]", of this process or of a workload.
  static std::map<std::string, std::string> namespaces(const std::string& text) {
    std::map<std::string, std::string> out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      out[line.substr(0, line.find(':'))] = line;
    }
    return out;
  }
  static std::map<std::string, std::string> outside() {
    return namespaces(netyard::test::run(kList).text);
  }
  static std::map<std::string, std::string> inside(Workload workload) {
    const Ran ran = shell(kList, std::move(workload));
    EXPECT_EQ(ran.status, 0) << ran.error << ran.output;
    return namespaces(ran.output);
  }
  static constexpr const char* kList =
      "for kind in cgroup ipc mnt net pid time user uts; do readlink /proc/self/ns/$kind; done";
};

TEST_F(ConfineNamespacesTest, HasAllOfItsOwnBySilence) {
  const auto here = outside();
  auto there = inside({});
  for (const char* kind : {"cgroup", "ipc", "mnt", "net", "pid", "uts"}) {
    EXPECT_NE(there[kind], here.at(kind));
  }
  for (const char* kind : {"time", "user"}) EXPECT_EQ(there[kind], here.at(kind));
}

TEST_F(ConfineNamespacesTest, SharesThoseOfTheListAndNoOther) {
  const auto here = outside();
  const std::map<std::string, std::string> names = {
      {"cgroup", "cgroup"}, {"ipc", "ipc"}, {"mount", "mnt"}, {"pid", "pid"}, {"uts", "uts"}};
  for (const auto& [word, shared] : names) {
    if (word == "pid" && !is_real_root()) continue;  // a new /proc shows a pid namespace of its own
    Workload workload;
    workload.share = {word};
    auto there = inside(workload);
    for (const auto& [other, kind] : names) {
      EXPECT_EQ(there[kind] == here.at(kind), other == word) << word << " " << kind;
    }
  }
}

TEST_F(ConfineNamespacesTest, IsNumberTwoOfItsPids) {
  EXPECT_EQ(shell("echo $$; grep NSpid /proc/$$/status").output, "2\nNSpid:\t2\n");
}

TEST_F(ConfineNamespacesTest, InheritsNoDescriptor) {
  const int leaked = open("/", O_RDONLY);
  ASSERT_EQ(dup2(leaked, 77), 77);
  const std::string seen = attempt("descriptors");
  close(77);
  close(leaked);
  EXPECT_EQ(seen, "0,1,2");
}

TEST_F(ConfineNamespacesTest, InheritsNoDescriptorWhenCallsAreReported) {
  Workload workload;
  workload.seccomp.report = true;
  EXPECT_EQ(attempt("descriptors", workload), "0,1,2");
}

TEST_F(ConfineNamespacesTest, InheritsNoStateOfSignals) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGUSR2, SIG_IGN);
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, &old);
  const Ran ran = shell("exec grep -E 'Sig(Blk|Ign)' /proc/self/status");
  sigprocmask(SIG_SETMASK, &old, nullptr);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGUSR2, SIG_DFL);
  EXPECT_EQ(ran.output, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(ConfineNamespacesTest, AnIgnoredChildSignalLosesNoStatus) {
  signal(SIGCHLD, SIG_IGN);
  const Ran ran = shell("(exit 3); echo $?; exit 4");
  signal(SIGCHLD, SIG_DFL);
  EXPECT_EQ(ran.output, "3\n");
  EXPECT_EQ(ran.status, 4);
}

TEST_F(ConfineNamespacesTest, CannotSignalWhatIsOutside) {
  const Ran ran = probe({"kill:" + std::to_string(getpid()), "kill:" + std::to_string(getppid())});
  for (const auto& [what, came] : ran.attempts()) EXPECT_EQ(came, "ESRCH") << what;
}

TEST_F(ConfineNamespacesTest, AKillOfAllReachesItsOwnOnly) {
  const pid_t outside = fork();
  if (outside == 0) {
    for (;;) pause();
  }
  const Ran ran = shell("sleep 30 & kill -9 -1; echo survived");
  EXPECT_EQ(ran.status, 0) << "kill(-1) spares who calls it";
  EXPECT_EQ(ran.output, "survived\n");
  EXPECT_EQ(kill(outside, 0), 0);
  kill(outside, SIGKILL);
  waitpid(outside, nullptr, 0);
}

TEST_F(ConfineNamespacesTest, CannotEndItsInit) {
  const Ran ran = shell("kill -9 1; kill -STOP 1; echo survived");
  EXPECT_EQ(ran.output, "survived\n");
  EXPECT_EQ(ran.status, 0);
}

TEST_F(ConfineNamespacesTest, HidesItsInit) {
  const Ran ran =
      probe({"read:/proc/1/exe", "write:/proc/1/exe", "read:/proc/1/environ", "write:/proc/1/mem",
             "read:/proc/1/maps", "ptrace-init", "read-init", "entries:/proc/1/cwd",
             "entries:/proc/1/root", "setns:/proc/1/ns/net", "setns:/proc/1/ns/mnt"});
  for (const auto& [what, came] : ran.attempts()) {
    EXPECT_TRUE(came == "EACCES" || came == "EPERM") << what << " " << came;
  }
  EXPECT_EQ(ran.attempts().size(), 11U);
  const Ran files = shell(
      "for file in /proc/1/fd/*; do readlink $file; true <$file && echo opened; done 2>/dev/null");
  EXPECT_EQ(files.output, "");
}

TEST_F(ConfineNamespacesTest, HidesItsInitInAUserNamespaceToo) {
  Workload workload;
  workload.uid_map = workload.gid_map = {{0, 0, 1}};
  const Ran ran =
      probe({"read:/proc/1/exe", "write:/proc/1/mem", "ptrace-init", "read-init"}, workload);
  for (const auto& [what, came] : ran.attempts()) {
    EXPECT_TRUE(came == "EACCES" || came == "EPERM") << what << " " << came;
  }
  EXPECT_EQ(ran.attempts().size(), 4U) << ran.error << ran.output;
}

TEST_F(ConfineNamespacesTest, InheritsNoEnvironment) {
  setenv("LD_PRELOAD", "/tmp/evil.so", 1);
  setenv("IFS", "x", 1);
  setenv("SECRET", "s3cret", 1);
  Workload workload;
  workload.env = {"MODE=test"};
  workload.argv = {"env"};
  const Ran ran = run(workload);
  for (const char* name : {"LD_PRELOAD", "IFS", "SECRET"}) unsetenv(name);
  EXPECT_EQ(ran.output,
            "HOME=/root\nLOGNAME=root\nMODE=test\n"
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nUSER=root\n");
}

TEST_F(ConfineNamespacesTest, RefusesAnEmptyCommand) {
  for (const std::vector<std::string>& argv : {std::vector<std::string>{}, {""}}) {
    Workload workload;
    workload.argv = argv;
    EXPECT_EQ(run(workload).error, "there is no command\n");
    EXPECT_THROW(prepare(workload), Error);
  }
}

TEST_F(ConfineNamespacesTest, HasAHostNameOfItsOwn) {
  const std::string before = netyard::test::run("hostname").text;
  Workload workload;
  workload.hostname = "elsewhere";
  EXPECT_EQ(shell("hostname", workload).output, "elsewhere\n");
  EXPECT_EQ(netyard::test::run("hostname").text, before);
}

TEST_F(ConfineNamespacesTest, SetsUmaskAndDirectory) {
  umask(0);
  EXPECT_EQ(shell("umask; pwd; readlink /proc/1/cwd || echo hidden").output, "0022\n/\nhidden\n");
  umask(022);
  Workload workload;
  workload.umask = 0;
  workload.cwd = "/usr/bin";
  EXPECT_EQ(shell("umask; pwd", workload).output, "0000\n/usr/bin\n");
}

TEST_F(ConfineNamespacesTest, IsFirstOfItsSession) {
  EXPECT_EQ(attempt("session"), "ok");
}

TEST_F(ConfineNamespacesTest, ADirectoryCannotBeOneOfADescriptor) {
  const int leaked = open("/", O_RDONLY);
  for (const char* cwd : {"/proc/self/fd/7", "/proc/1/fd/7", "/proc/self/fd/3", "/proc/1/cwd",
                          "/proc/self/root", "/proc/self/fd/4"}) {
    Workload workload;
    workload.cwd = cwd;
    const Ran ran = probe({"cwd"}, workload);
    EXPECT_EQ(ran.status, 125) << cwd << ran.output;
    EXPECT_EQ(ran.output, "");
    EXPECT_NE(ran.error.find(cwd), std::string::npos) << ran.error;
  }
  close(leaked);
}

TEST_F(ConfineNamespacesTest, ADirectoryIsNoWayOutOfASharedPidNamespace) {
  Workload workload;
  workload.rootfs = make_rootfs();
  workload.share = {"pid"};
  ASSERT_EQ(symlink("/proc/1/cwd", (workload.rootfs + "/way").c_str()), 0);
  ASSERT_EQ(symlink(("/proc/" + std::to_string(getpid()) + "/root").c_str(),
                    (workload.rootfs + "/out").c_str()),
            0);
  for (const char* cwd : {"/way", "/out", "/out/etc", "/proc/1/root"}) {
    workload.cwd = cwd;
    const Ran ran = probe({"cwd"}, workload);
    EXPECT_EQ(ran.status, 125) << cwd << " " << ran.error << ran.output;
  }
  netyard::test::run("rm -rf " + workload.rootfs);
}

TEST_F(ConfineNamespacesTest, MovesItsClocks) {
  Workload workload;
  workload.boottime_offset = 1'000'000;
  workload.monotonic_offset = 2'000'000;
  const auto clocks = probe({"clock:1", "clock:7"}, workload).attempts();
  ASSERT_EQ(clocks.size(), 2U);
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  EXPECT_NEAR(std::stod(clocks.at("clock:1")), static_cast<double>(now.tv_sec) + 2'000'000, 5);
  clock_gettime(CLOCK_BOOTTIME, &now);
  EXPECT_NEAR(std::stod(clocks.at("clock:7")), static_cast<double>(now.tv_sec) + 1'000'000, 5);
}

TEST_F(ConfineNamespacesTest, WhoJoinsIsSeenOnlyAsWhatItBecomes) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  Workload workload;
  workload.seccomp.base = SeccompPolicy::Base::unconfined;
  workload.argv = {kProbe, "watch:3000"};
  workload.mounts = {{Mount::Kind::bind, probe_path(), kProbe, true, {}}};
  SpawnOptions options;
  options.new_netns = true;
  options.output = ends[1];
  const Process host = spawn(prepare(workload), options);
  close(ends[1]);
  Workload guest;
  guest.argv = {kProbe, "sleep:2"};
  const Prepared prepared = prepare(guest);
  SpawnOptions joining;
  joining.join_pidfd = host.pidfd.get();
  int ended = 0;
  for (int i = 0; i < 5000 && (ended = waitpid(host.pid, nullptr, WNOHANG)) == 0; ++i) {
    try {
      const Process process = spawn(prepared, joining);
      waitpid(process.pid, nullptr, 0);
    } catch (const SpawnError&) {
      // It has seen enough, and there is nothing to join.
    }
  }
  char text[256] = {};
  EXPECT_GT(read(ends[0], text, sizeof text - 1), 0);
  close(ends[0]);
  if (ended == 0) kill(host.pid, SIGKILL);
  if (ended == 0) waitpid(host.pid, nullptr, 0);
  EXPECT_STREQ(text, "watch:3000 ok\n");
}

// A terminal of its own for the test's child: what `script` is for, without its file.
class ConfineTerminalTest : public RootConfineTest {
 protected:
  // Runs attempts with the caller's terminal as standard input, and no other in between.
  static std::string on_the_callers_terminal(const std::string& attempts) {
    const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    grantpt(master);
    unlockpt(master);
    const std::string name = ptsname(master);
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = in_child([&] {
      setsid();
      const int slave = open(name.c_str(), O_RDWR | O_CLOEXEC);  // controlling, from now on
      RunRequest request;
      request.workload.argv = {kProbe};
      std::istringstream words(attempts);
      for (std::string word; words >> word;) request.workload.argv.push_back(word);
      request.workload.mounts = {{Mount::Kind::bind, probe_path(), kProbe, true, {}}};
      dup2(slave, 0);
      dup2(ends[1], 1);
      return run_workload(request).ending.status;
    });
    close(ends[1]);
    std::string text;
    char chunk[512];
    for (ssize_t got = 0; (got = read(ends[0], chunk, sizeof chunk)) > 0;) {
      text.append(chunk, static_cast<std::size_t>(got));
    }
    close(ends[0]);
    waitpid(child, nullptr, 0);
    close(master);
    return text;
  }
};

TEST_F(ConfineTerminalTest, CannotTypeOnTheCallersTerminal) {
  EXPECT_EQ(on_the_callers_terminal("terminal tiocsti tiocsti-high tioclinux tioclinux-high"),
            "terminal ok\ntiocsti EPERM\ntiocsti-high EPERM\ntioclinux EPERM\n"
            "tioclinux-high EPERM\n");
}

TEST_F(ConfineTerminalTest, CannotTypeOnItByA32BitCall) {
  if (!has_i386_calls()) GTEST_SKIP() << "this kernel has no 32-bit calls";
  EXPECT_EQ(on_the_callers_terminal("i386-tiocsti"), "i386-tiocsti EPERM\n");
}

}  // namespace
}  // namespace netyard::test
