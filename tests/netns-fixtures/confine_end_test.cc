// SPDX-License-Identifier: Apache-2.0
// How workloads end, and that nothing of them stays: not of those that try, and not of those whose
// netyard is killed.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <set>
#include <thread>

#include "netns-fixtures/confine.h"
#include "process/cgroup.h"

namespace netyard::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class ConfineEndTest : public ConfineTest {
 protected:
  // Processes whose command line has the word, which no other test uses.
  static std::string processes_with(const std::string& word) {
    std::string out;
    for (const auto& pid : pids_with(word)) out += std::to_string(pid) + " ";
    return out;
  }
  static std::vector<pid_t> pids_with(const std::string& word) {
    std::vector<pid_t> out;
    const std::string list = netyard::test::run("ls /proc").text;
    for (std::size_t at = 0; at < list.size();) {
      const std::size_t end = list.find('\n', at);
      const std::string name = list.substr(at, end - at);
      at = end + 1;
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      std::string line;
      try {
        line = read_text("/proc/" + name + "/cmdline");
      } catch (const Error&) {
        continue;
      }
      if (line.find(word) != std::string::npos) out.push_back(std::stoi(name));
    }
    return out;
  }
  // A word for a sleeping workload's command line.
  static std::string new_word() {
    static int count = 0;
    return "netyard-test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
  }
  static Workload sleeper(const std::string& word) {
    Workload out;
    out.argv = {"sh", "-c", "trap '' TERM; while :; do sleep 60; done", word};
    return out;
  }
  static pid_t start(const Workload& workload) {
    return in_child([&] {
      RunRequest request;
      request.workload = workload;
      return run_workload(request).ending.status;
    });
  }
  static bool is_gone(const std::string& word, milliseconds patience) {
    const auto end = Clock::now() + patience;
    while (!pids_with(word).empty()) {
      if (Clock::now() > end) return false;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }
  static void wait_until_it_runs(const std::string& word) {
    EXPECT_TRUE(eventually([&] { return !pids_with(word).empty(); })) << word;
  }
};

TEST_F(ConfineEndTest, TellsTheStatus) {
  EXPECT_EQ(shell("exit 42").status, 42);
  const Ran killed = shell("kill -9 $$");
  EXPECT_EQ(killed.status, 137);
  EXPECT_EQ(killed.complaint, "was ended by SIGKILL");
  const Ran ended = shell("kill -15 $$");
  EXPECT_EQ(ended.status, 143);
  EXPECT_EQ(ended.signal, SIGTERM);
  EXPECT_EQ(shell("kill -ABRT $$").status, 134);
  EXPECT_EQ(shell("exit 137").signal, 0) << "a status is no signal";
}

TEST_F(ConfineEndTest, TellsWhyItDidNotStart) {
  mkdir("/run/programs", 0755);
  write_file("/run/programs/text", "no program\n");
  write_file("/run/programs/closed", "#!/bin/sh\n");
  write_file("/run/programs/lost", "#!/no/such/interpreter\n");
  chmod("/run/programs/text", 0755);
  chmod("/run/programs/closed", 0644);
  chmod("/run/programs/lost", 0755);
  Workload workload;
  workload.mounts = {{Mount::Kind::bind, "/run/programs", "/tmp/programs", true, {}}};
  const std::map<std::string, std::pair<int, std::string>> wanted = {
      {"/tmp/programs/none", {127, "execute /tmp/programs/none: No such file or directory"}},
      {"/tmp/programs/lost", {127, "execute /tmp/programs/lost: No such file or directory"}},
      {"/tmp/programs/closed", {126, "execute /tmp/programs/closed: Permission denied"}},
      {"/tmp/programs/text", {126, "execute /tmp/programs/text: Exec format error"}},
      {"/tmp/programs", {126, "execute /tmp/programs: Permission denied"}}};
  for (const auto& [program, came] : wanted) {
    workload.argv = {program};
    const Ran ran = run(workload);
    EXPECT_EQ(ran.status, came.first) << program;
    EXPECT_EQ(ran.error, came.second);
  }
  workload.argv = {"sh"};
  workload.cwd = "/no/such";
  const Ran ran = run(workload);
  EXPECT_EQ(ran.status, 125);
  EXPECT_EQ(ran.error, "change directory to /no/such for sh: No such file or directory");
  netyard::test::run("rm -r /run/programs");
}

TEST_F(ConfineEndTest, RunsOutOfTime) {
  RunRequest request;
  request.workload = sleeper(new_word());
  request.timeout = milliseconds(100);
  const auto start = Clock::now();
  const Ran ran = run(request);
  EXPECT_TRUE(ran.timed_out);
  EXPECT_EQ(ran.signal, SIGKILL) << "it ignores SIGTERM";
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(6));
  request.workload.argv = {"sleep", "60"};
  EXPECT_EQ(run(request).signal, SIGTERM);
}

TEST_F(ConfineEndTest, OrphansAreReaped) {
  EXPECT_EQ(attempt("orphans:1000"), "2");
}

TEST_F(ConfineEndTest, ADaemonEndsWithIt) {
  const std::string word = new_word();
  Workload workload;
  workload.argv = {kProbe, "daemon", "cwd:" + word};
  workload.mounts = {{Mount::Kind::bind, probe_path(), kProbe, true, {}}};
  const Ran ran = run(workload);
  EXPECT_EQ(ran.status, 0) << ran.error;
  EXPECT_EQ(processes_with(word), "");
}

TEST_F(ConfineEndTest, ADaemonEndsWithItInASharedPidNamespaceToo) {
  if (!is_real_root()) GTEST_SKIP() << "a shared pid namespace and cgroups need real root";
  const std::string word = new_word();
  Workload workload;
  workload.share = {"pid"};
  workload.argv = {kProbe, "daemon", "cwd:" + word};
  workload.mounts = {{Mount::Kind::bind, probe_path(), kProbe, true, {}}};
  const Ran ran = run(workload);
  EXPECT_EQ(ran.status, 0) << ran.error;
  const auto left = pids_with(word);
  EXPECT_TRUE(left.empty());
  for (const pid_t pid : left) kill(pid, SIGKILL);
}

TEST_F(ConfineEndTest, DiesWithNetyard) {
  for (int i = 0; i < 10; ++i) {
    const std::string word = new_word();
    const pid_t netyard = start(sleeper(word));
    wait_until_it_runs(word);
    kill(netyard, SIGKILL);
    EXPECT_TRUE(is_gone(word, milliseconds(100)));
    waitpid(netyard, nullptr, 0);
  }
}

TEST_F(ConfineEndTest, DiesWithNetyardInASharedPidNamespace) {
  if (!is_real_root()) GTEST_SKIP() << "a shared pid namespace's /proc needs real root";
  const std::string word = new_word();
  Workload workload = sleeper(word);
  workload.share = {"pid"};
  const pid_t netyard = start(workload);
  wait_until_it_runs(word);
  kill(netyard, SIGKILL);
  EXPECT_TRUE(is_gone(word, milliseconds(100)));
  waitpid(netyard, nullptr, 0);
  // The next one removes the cgroup that it left.
  workload.argv = {"true"};
  int status = -1;
  waitpid(start(workload), &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(ConfineEndTest, DiesWithItsInit) {
  const std::string word = new_word();
  const pid_t netyard = start(sleeper(word));
  wait_until_it_runs(word);
  const std::string init = netyard::test::run("pgrep -P " + std::to_string(netyard)).text;
  ASSERT_FALSE(init.empty());
  kill(std::stoi(init), SIGKILL);
  EXPECT_TRUE(is_gone(word, milliseconds(100)));
  int status = 0;
  waitpid(netyard, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 137);
}

TEST_F(ConfineEndTest, OutlivesTheThreadThatItWasNotStartedBy) {
  // Started by a thread of its own that stays: others may come and go.
  int status = -1;
  std::thread starter([&] {
    RunRequest request;
    request.workload.argv = {"sh", "-c", "sleep 0.2; exit 7"};
    status = run_workload(request).ending.status;
  });
  std::thread([] {}).join();
  starter.join();
  EXPECT_EQ(status, 7);
}

TEST_F(ConfineEndTest, ThreadsMayStartThemAtOnce) {
  std::vector<std::thread> threads;
  std::vector<int> statuses(8, -1);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&statuses, i] {
      for (int round = 0; round < 10; ++round) {
        RunRequest request;
        request.workload.argv = {"sh", "-c", "exit " + std::to_string(i)};
        statuses[static_cast<std::size_t>(i)] = run_workload(request).ending.status;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(statuses, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST_F(ConfineEndTest, OfAFailedStartNothingStays) {
  Workload workload;
  workload.argv = {"/tmp/no-such-program"};
  for (int i = 0; i < 20; ++i) EXPECT_EQ(run(workload).status, 127);
  workload.argv = {"true"};
  workload.cwd = "/no/such";
  for (int i = 0; i < 20; ++i) EXPECT_EQ(run(workload).status, 125);
}

class ConfineKilledTest : public ConfineEndTest {
 protected:
  static std::string groups() {
    std::string out;
    for (const auto& name : Cgroup::children("run")) out += name + " ";
    return out;
  }
};

// Wherever netyard is when it is killed: no process, no mount, and no cgroup after the next run.
TEST_F(ConfineKilledTest, AtAnyMomentNothingStays) {
  const bool limits = is_real_root();
  const std::string mounts = read_text("/proc/self/mountinfo");
  const std::string word = new_word();
  Workload workload = sleeper(word);
  if (limits) workload.limits.pids = 16;
  if (limits) workload.limits.memory = std::uint64_t{64} << 20;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  constexpr int kTries = 200;
  for (int i = 0; i < kTries; ++i) {
    const pid_t netyard = start(workload);
    std::this_thread::sleep_for(std::chrono::microseconds(i * 100));
    kill(netyard, SIGKILL);
    waitpid(netyard, nullptr, 0);
  }
  EXPECT_TRUE(is_gone(word, milliseconds(1000))) << processes_with(word);
  // Whoever lost its parent is ours by now, and has to end.
  EXPECT_TRUE(eventually([] {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    return errno == ECHILD;
  }));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  EXPECT_EQ(read_text("/proc/self/mountinfo"), mounts);
  if (!limits) return;
  workload.argv = {"true"};
  EXPECT_EQ(run(workload).status, 0);
  EXPECT_EQ(groups(), "");
}

TEST_F(ConfineKilledTest, ItsCgroupGoesWithTheNextRun) {
  if (!is_real_root()) GTEST_SKIP() << "cgroups need root outside of user namespaces";
  const std::string word = new_word();
  Workload workload = sleeper(word);
  workload.limits.pids = 16;
  const pid_t netyard = start(workload);
  wait_until_it_runs(word);
  EXPECT_NE(groups(), "");
  kill(netyard, SIGKILL);
  waitpid(netyard, nullptr, 0);
  EXPECT_TRUE(is_gone(word, milliseconds(100)));
  workload.argv = {"true"};
  EXPECT_EQ(run(workload).status, 0);
  EXPECT_EQ(groups(), "");
}

}  // namespace
}  // namespace netyard::test
