// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "netns-fixtures/one_namespace.h"
#include "netns/namespace.h"
#include "netns/pin.h"
#include "process/command.h"

namespace netyard::test {
namespace {

const auto never = [] { return false; };

class CommandTest : public OneNamespaceTest {
 protected:
  CommandTest() : OneNamespaceTest("x") {}

  CommandResult in_x(const std::vector<std::string>& argv) {
    return run_command({argv, "x", fd_.get()}, never);
  }
};

TEST_F(CommandTest, SeesItsNamespaceAndItsSys) {
  const CommandResult result = in_x({"sh", "-c", "ls /sys/class/net; ip -o link | wc -l"});
  EXPECT_TRUE(result.ok()) << result.failure;
  EXPECT_EQ(result.output, "lo\n1\n");
}

TEST_F(CommandTest, MountsStayInside) {
  const std::string before = run("cat /proc/self/mountinfo | wc -l").text;
  EXPECT_TRUE(in_x({"sh", "-c", "mount -t tmpfs none /mnt"}).ok());
  EXPECT_EQ(run("cat /proc/self/mountinfo | wc -l").text, before);
}

TEST_F(CommandTest, TellsHowItEnded) {
  EXPECT_EQ(in_x({"sh", "-c", "echo out; echo err >&2; exit 3"}).status, 3);
  EXPECT_EQ(in_x({"sh", "-c", "echo out; echo err >&2"}).output, "out\nerr\n");
  EXPECT_EQ(in_x({"sh", "-c", "kill -9 $$"}).describe(), "was ended by signal 9 (SIGKILL)");
  const CommandResult missing = in_x({"no-such-program"});
  EXPECT_EQ(missing.status, 127);
  EXPECT_EQ(missing.failure, "execute no-such-program: No such file or directory");
  EXPECT_EQ(in_x({"/etc/passwd"}).status, 126);
  EXPECT_EQ(in_x({}).status, 125);
}

TEST_F(CommandTest, InheritsNothing) {
  const int leaked = open("/", O_RDONLY);
  ASSERT_EQ(dup2(leaked, 77), 77);
  signal(SIGPIPE, SIG_IGN);
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, &old);
  const CommandResult result =
      in_x({"sh", "-c", "ls /proc/self/fd | wc -w; grep -E 'Sig(Blk|Ign)' /proc/self/status"});
  sigprocmask(SIG_SETMASK, &old, nullptr);
  signal(SIGPIPE, SIG_DFL);
  close(leaked);
  close(77);
  // ls itself has its directory open.
  EXPECT_EQ(result.output, "4\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(CommandTest, KeepsTheEndOfLongOutput) {
  const CommandResult result = in_x({"sh", "-c", "yes | head -c 1000000; echo; echo last"});
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.output.size(), 65536U);
  EXPECT_TRUE(result.output.ends_with("last\n"));
}

TEST_F(CommandTest, ABackgroundChildDoesNotHoldIt) {
  const auto start = std::chrono::steady_clock::now();
  const CommandResult result = in_x({"sh", "-c", "sleep 30 & echo $!"});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  ASSERT_TRUE(result.ok());
  kill(std::stoi(result.output), SIGKILL);
}

TEST_F(CommandTest, AnInterruptEndsTheWholeGroup) {
  const auto start = std::chrono::steady_clock::now();
  const CommandResult result =
      run_command({{"sh", "-c", "trap '' TERM; sleep 30 & wait; sleep 30"}, "x", fd_.get()},
                  [] { return true; });
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_EQ(result.signal, SIGKILL) << "it ignores SIGTERM";
}

}  // namespace
}  // namespace netyard::test
