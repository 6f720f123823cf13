// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM at random moments. NETYARD_CAMPAIGN=1 takes 200 of each for each command;
// NETYARD_SEED repeats a run.
#include <signal.h>

#include <random>

#include "e2e/campaign.h"

namespace netyard::test {
namespace {

class InterruptTest : public CampaignTest {
 protected:
  void SetUp() override {
    CampaignTest::SetUp();
    const char* given = getenv("NETYARD_SEED");
    seed_ = given != nullptr ? std::strtoul(given, nullptr, 10) : std::random_device()();
    random_.seed(seed_);
  }

  // Sends each signal at random calls of a command, which makes so many when nothing disturbs it.
  template <class F>
  void interrupt(const std::string& who, const std::string& arguments, int total, const F& check) {
    std::uniform_int_distribution<int> moment(1, total);
    for (const int number : {SIGINT, SIGTERM}) {
      for (int i = 0; i < (everything() ? 200 : 3); ++i) {
        const std::string how = fmt::format("{}signal {} {}", who, moment(random_), number);
        const Output out = fault(how, arguments);
        ++struck_;
        const std::string when = fmt::format("'{}', {}, seed {}", arguments, how, seed_);
        EXPECT_NE(out.status, kHangs) << when;
        check(number, when, out);
        if (HasFatalFailure() || failures() > kEnough) return;
      }
    }
  }
  void tell_seed(const std::string& what) { tell(fmt::format("{}, seed {}", what, seed_)); }

  // A signal before netyard listens ends it like any program, and nothing was done; so does one
  // that comes when all is done.
  static bool is_interrupted(const Output& out, int number) { return out.status == 128 + number; }

  unsigned long seed_ = 0;
  std::mt19937 random_;
};

TEST_P(InterruptTest, AnUpIsDoneOrUndone) {
  const int total = calls("count", up_before());
  netyard("down k");
  interrupt("", up_before(), total, [&](int number, const std::string& when, const Output& out) {
    if (is_interrupted(out, number)) {
      expect_nothing(when, out);
    } else {
      EXPECT_TRUE(out.status == 0 || out.status == kFewerCalls) << when << out.text;
      expect_is(*before_, when, out);
    }
    expect_down(when, out);
  });
  tell_seed("interrupts of up");
}

TEST_P(InterruptTest, AChangeIsDoneOrUndone) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  const int total = calls("count", up_after());
  netyard("down k");
  ASSERT_EQ(netyard(up_before()).status, 0);
  interrupt("", up_after(), total, [&](int number, const std::string& when, const Output& out) {
    if (!is_interrupted(out, number)) {
      EXPECT_TRUE(out.status == 0 || out.status == kFewerCalls) << when << out.text;
    }
    expect_is(is_interrupted(out, number) ? *before_ : *after_, when, out);
    // Back to where it begins, by a change now and then, and from nothing.
    if (struck_ % 4 != 0) expect_down(when, out);
    ASSERT_EQ(netyard(up_before()).status, 0) << when;
  });
  netyard("down k");
  tell_seed("interrupts of a change");
}

TEST_P(InterruptTest, ADownGoesToItsEnd) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  const int total = calls("count", "down k");
  ASSERT_EQ(netyard(up_before()).status, 0);
  interrupt("", "down k", total, [&](int number, const std::string& when, const Output& out) {
    if (!is_interrupted(out, number)) {
      EXPECT_TRUE(out.status == 0 || out.status == kFewerCalls) << when << out.text;
      expect_nothing(when, out);
    }
    expect_down(when, out);
    ASSERT_EQ(netyard(up_before()).status, 0) << when;
  });
  netyard("down k");
  tell_seed("interrupts of down");
}

// At a call of any of its processes; netyard gets the signal.
TEST_P(InterruptTest, ALabForACommandGoes) {
  const std::string up = up_before() + " -- ip netns exec k.a ip link";
  const int total = calls("--all count", up);
  interrupt("--all ", up, total, [&](int number, const std::string& when, const Output& out) {
    EXPECT_TRUE(is_interrupted(out, number) || out.status == 0 || out.status == kFewerCalls)
        << when << ": " << out.status << " " << out.text;
    expect_nothing(when, out);
  });
  tell_seed("interrupts of a lab for a command");
}

INSTANTIATE_TEST_SUITE_P(Labs, InterruptTest, testing::Values(kNetwork, kWorkloads), name_of_labs);

}  // namespace
}  // namespace netyard::test
