// SPDX-License-Identifier: Apache-2.0
// Commands on one lab at the same time, and many labs.
#include "e2e/workloads.h"

namespace netyard::test {
namespace {

using ConcurrencyTest = CleanNetnsTest;

const char* const kLab = R"(name: c
nodes: {a: {}, b: {}, r: {kind: router}}
links:
- {endpoints: [a, r], subnet: 10.0.0.0/24}
- {endpoints: [b, r], subnet: 10.0.1.0/24}
routing: static
)";

TEST_F(ConcurrencyTest, FiftyLabsOfOneFile) {
  const LabFile file(kLab);
  const std::string each = "for i in $(seq 50); do ";
  const Output up = run(each + NETYARD_PROGRAM " up " + file.path() +
                        " --name l$i >/run/out.$i 2>&1 || cat /run/out.$i & done; wait");
  EXPECT_EQ(up.text, "");
  EXPECT_EQ(nlohmann::json::parse(netyard("ls --json").text)["labs"].size(), 50U);
  EXPECT_EQ(run("ls /run/netns | wc -l").text, "150\n");
  const Output pings = run(each + NETYARD_PROGRAM
                           " exec -L l$i a ping -c 1 -W 10 10.0.1.1 >/run/out.$i 2>&1 || "
                           "cat /run/out.$i & done; wait");
  EXPECT_EQ(pings.text, "");
  const Output down =
      run(each + NETYARD_PROGRAM " down l$i >/run/out.$i 2>&1 || cat /run/out.$i & done; wait");
  EXPECT_EQ(down.text, "");
  run("rm -f /run/out.*");
  EXPECT_EQ(run("ls /run/netns; ls -A /run/netyard 2>/dev/null").text, "");
}

TEST_F(ConcurrencyTest, OfTwoUpsOneMakesTheLab) {
  const LabFile file(kLab);
  for (int i = 0; i < 10; ++i) {
    const Output both =
        run("for i in 1 2; do " NETYARD_PROGRAM " up --wait " + file.path() +
            " >/run/out.$i 2>&1; echo $? >>/run/out.$i & done; wait; cat /run/out.*");
    EXPECT_NE(both.text.find("\n0\n"), std::string::npos) << both.text;
    const auto status = nlohmann::json::parse(netyard("status c --json").text);
    EXPECT_EQ(status["whole"], true) << both.text;
    EXPECT_EQ(netyard("exec a -- ping -c 1 -W 5 b").status, 0) << both.text;
    EXPECT_EQ(netyard("down c").status, 0);
  }
  run("rm -f /run/out.*");
}

/// Holds the lock of lab `c` as a command that works on it would.
class Holder {
 public:
  explicit Holder(const std::string& seconds) {
    run("mkdir -p /run/netyard; rm -f /run/held; flock /run/netyard/c.lock sh -c 'echo 77 "
        ">/run/netyard/c.lock; echo $$ >/run/held.new; mv /run/held.new /run/held; exec sleep " +
        seconds + "' >/dev/null 2>&1 & ");
    EXPECT_TRUE(eventually([] { return access("/run/held", F_OK) == 0; }, kSoon));
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    run("kill $(cat /run/held); rm -f /run/held");
    EXPECT_TRUE(eventually([] { return run("flock -n /run/netyard/c.lock true").status == 0; }));
    netyard("down c");
  }
};

TEST_F(ConcurrencyTest, ABusyLabIsSaidOrWaitedFor) {
  const LabFile file(kLab);
  {
    const Holder holder("1000");
    for (const std::string& command : {"up " + file.path(), std::string("down c")}) {
      const Output busy = netyard(command);
      EXPECT_EQ(busy.status, 1) << command;
      EXPECT_NE(busy.text.find("another netyard command works on this lab (process 77)"),
                std::string::npos)
          << busy.text;
      EXPECT_NE(busy.text.find("--wait"), std::string::npos) << busy.text;
      EXPECT_EQ(netyard(command + " --wait=1500ms").status, 1);
    }
    // Ctrl-C ends the wait.
    const Output stopped =
        run("timeout -s INT 2 " NETYARD_PROGRAM " up --wait " + file.path() + "; echo $?");
    EXPECT_TRUE(stopped.text.ends_with("\n124\n") || stopped.text.ends_with("\n130\n"))
        << stopped.text;
    EXPECT_EQ(netyard("up --wait=x " + file.path()).status, 2);
  }
  {
    const Holder holder("2");
    const Output up = netyard("up --wait " + file.path());
    EXPECT_EQ(up.status, 0) << up.text;
  }
}

}  // namespace
}  // namespace netyard::test
