// SPDX-License-Identifier: Apache-2.0
// A second tool works on a lab: before, while and after netyard does.
#include <fmt/format.h>

#include "e2e/picture.h"
#include "e2e/program.h"

namespace netyard::test {
namespace {

using HandsTest = CleanNetnsTest;

const char* const kLab = R"(name: c
nodes:
  a: {routes: [default via 10.0.0.1]}
  r: {kind: router}
  s: {kind: switch}
links:
- {endpoints: ['a:eth0', 's:p1'], ipv4: [10.0.0.2/24, '']}
- {endpoints: ['r:eth0', 's:p2'], ipv4: [10.0.0.1/24, '']}
- {endpoints: ['r:out', 'host:hc'], ipv4: [192.0.2.1/30, '']}
)";

struct Hand {
  const char* does;
  const char* status;  // what `status` says of it, somewhere
  const char* undo;    // of what is nobody's but the hand's own
};

constexpr Hand kHands[] = {
    {"ip netns del c.a", "a", "true"},
    {"ip -n c.a link set eth0 down; ip -n c.a link set eth0 name mine", "eth0", "true"},
    {"ip -n c.s link add other type bridge && ip -n c.s link set p1 master other", "p1",
     "ip -n c.s link del other"},
    {"ip link del hc", "out", "true"}};

TEST_F(HandsTest, StatusSaysItUpRepairsIt) {
  const LabFile file(kLab);
  ASSERT_EQ(netyard("up " + file.path()).status, 0);
  const auto before = picture("c");
  for (const auto& hand : kHands) {
    ASSERT_EQ(run(hand.does).status, 0) << hand.does;
    const Output status = netyard("status c");
    const std::size_t repairs = status.text.find("would repair:");
    ASSERT_NE(repairs, std::string::npos) << hand.does << "\n" << status.text;
    EXPECT_NE(status.text.find(hand.status, repairs), std::string::npos) << status.text;
    const Output up = netyard("up " + file.path());
    EXPECT_EQ(up.status, 0) << hand.does << "\n" << up.text;
    ASSERT_EQ(run(hand.undo).status, 0);
    EXPECT_EQ(difference(before, picture("c")), "") << hand.does;
  }
  EXPECT_EQ(netyard("down c").status, 0);
}

TEST_F(HandsTest, DownLeavesNothingBehindThem) {
  const LabFile file(kLab);
  for (const auto& hand : kHands) {
    ASSERT_EQ(netyard("up " + file.path()).status, 0);
    ASSERT_EQ(run(hand.does).status, 0) << hand.does;
    const Output down = netyard("down c");
    EXPECT_EQ(down.status, 0) << hand.does << "\n" << down.text;
    EXPECT_EQ(run("ls /run/netns; ls -A /run/netyard 2>/dev/null").text, "") << hand.does;
    EXPECT_NE(run("ip link show hc").status, 0) << hand.does;
  }
}

// Deletes a namespace again and again while a command runs, and says what that came to.
Output beside(const std::string& command, const char* victim) {
  return run(
      fmt::format("timeout -k 5 60 {} {} & pid=$!; while test -d /proc/$pid; do "
                  "ip netns del {} 2>/dev/null; done; wait $pid",
                  NETYARD_PROGRAM, command, victim));
}

// Whoever comes first: the commands end, the next ones find their way.
TEST_F(HandsTest, IpNetnsDelWhileWeWork) {
  const LabFile file(kLab);
  for (int round = 0; round < 20; ++round) {
    const char* victim = round % 2 == 0 ? "c.a" : "c.r";
    const Output first = beside("up " + file.path(), victim);
    ASSERT_TRUE(first.status < 128 && first.status != 124) << first.status << first.text;
    if (round % 3 != 0) {
      const Output up = netyard("up " + file.path());
      ASSERT_EQ(up.status, 0) << first.text << up.text;
      ASSERT_EQ(netyard("plan " + file.path()).text, "c: up, no change\n") << first.text << up.text;
    }
    const Output down = beside("down c", victim);
    ASSERT_TRUE(down.status < 128 && down.status != 124) << down.status << down.text;
    const Output again = netyard("down c");
    ASSERT_EQ(again.status, 0) << down.text << again.text;
    ASSERT_EQ(run("ls /run/netns; ls -A /run/netyard 2>/dev/null").text, "")
        << first.text << down.text;
    // The kernel is still busy with what the other deleted.
    ASSERT_TRUE(eventually([] { return run("ip link show hc").status != 0; }))
        << first.text << down.text;
  }
}

}  // namespace
}  // namespace netyard::test
