// SPDX-License-Identifier: Apache-2.0
// Netyard is killed at its system calls, and its system calls fail: `down` leaves nothing, `up`
// comes to what the file says. NETYARD_CAMPAIGN=1 takes every call, otherwise a sample; the counts
// are printed, and kept in docs/reliability.md.
#include <errno.h>
#include <fmt/format.h>

#include <cstdlib>

#include "e2e/program.h"

namespace netyard::test {
namespace {

struct Labs {
  const char* name;
  const char* before;
  const char* after;  // the file that it is changed into
};

constexpr Labs kNetwork = {
    "network",
    "name: k\n"
    "nodes:\n"
    "  a: {routes: [default via 10.0.0.1]}\n"
    "  r: {kind: router}\n"
    "  s: {kind: switch}\n"
    "links:\n"
    "  - {endpoints: ['a:eth0', 's:p1'], ipv4: [10.0.0.2/24, '']}\n"
    "  - {endpoints: ['r:eth0', 's:p2'], ipv4: [10.0.0.1/24, '']}\n"
    "  - {endpoints: ['r:out', 'host:hk'], ipv4: [192.0.2.1/30, '']}\n",
    "name: k\n"
    "nodes:\n"
    "  new: {}\n"
    "  a: {routes: [default via 10.0.0.9], nftables: 'table ip t {}'}\n"
    "  s: {kind: switch}\n"
    "links:\n"
    "  - {endpoints: ['new:eth0', 's:p9'], ipv4: [10.0.0.9/24, '']}\n"
    "  - {endpoints: ['a:eth0', 's:p1'], mtu: 1400, ipv4: [10.0.0.3/24, '']}\n"};

constexpr Labs kWorkloads = {"workloads",
                             "name: k\n"
                             "nodes:\n"
                             "  a: {run: {one: {command: sleep 900}, two: {command: sleep 901}}}\n"
                             "  b: {}\n"
                             "links:\n"
                             "  - {endpoints: ['a:eth0', 'b:eth0'], ipv4: [10.0.0.1/24, '']}\n",
                             "name: k\n"
                             "nodes:\n"
                             "  a: {run: {one: {command: sleep 900}, two: {command: sleep 902}}}\n"
                             "  b: {run: {three: {command: sleep 903}}}\n"
                             "links:\n"
                             "  - {endpoints: ['a:eth0', 'b:eth0'], ipv4: [10.0.0.2/24, '']}\n"};

constexpr int kFewerCalls = 99;  // of fault

class CampaignTest : public CleanNetnsTest, public testing::WithParamInterface<Labs> {
 protected:
  void SetUp() override {
    CleanNetnsTest::SetUp();
    if (IsSkipped()) return;
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "most system calls are the sanitizer's, not netyard's";
#endif
    before_.emplace(GetParam().before, "/run/before.yaml");
    after_.emplace(GetParam().after, "/run/after.yaml");
    clean_ = Traces::take();
  }
  void TearDown() override {
    before_.reset();
    after_.reset();
    CleanNetnsTest::TearDown();
  }

  static bool everything() {
    return getenv("NETYARD_CAMPAIGN") != nullptr;
  }
  static Output fault(const std::string& how, const std::string& arguments) {
    return run(fmt::format("{} {} {} {}", NETYARD_FAULT, how, NETYARD_PROGRAM, arguments));
  }
  static int calls(const std::string& arguments) {
    std::string text = fault("count", arguments).text;
    text.pop_back();
    return std::atoi(text.substr(text.rfind('\n') + 1).c_str());
  }
  std::string up_before() const {
    return "up " + before_->path();
  }
  std::string up_after() const {
    return "up " + after_->path();
  }

  // Nothing of the lab is there, or the test ends: what follows would tell nothing.
  void expect_nothing(const std::string& when, const Output& last) {
    const auto left = Traces::new_since(clean_);
    residues_ += left.empty() ? 0 : 1;
    ASSERT_TRUE(left.empty()) << when << ": " << last.text << "left: " << left.front();
  }
  static void expect_is(const LabFile& file, const std::string& when, const Output& last) {
    const Output plan = netyard("plan " + file.path());
    ASSERT_EQ(plan.text, "k: up, no change\n") << when << ": " << last.text;
  }

  // Each call in turn, or every so many.
  template <class F>
  void kill_at_each(const std::string& arguments, int stride, const F& check) {
    int total = 0;
    for (int number = 1;; number += everything() ? 1 : stride) {
      const Output out = fault(fmt::format("kill {}", number), arguments);
      if (out.status == kFewerCalls) break;
      ++total;
      check(number, fmt::format("'{}' killed at call {}", arguments, number));
      if (HasFatalFailure()) return;
    }
    netyard("down k");
    std::printf("%s: '%s' killed %d times, %d residues\n", GetParam().name, arguments.c_str(),
                total, residues_);
    RecordProperty("kills", total);
  }

  std::optional<LabFile> before_;
  std::optional<LabFile> after_;
  Traces clean_;
  int residues_ = 0;
  int offset_ = 0;
};

TEST_P(CampaignTest, AnUpThatIsKilledIsClearedByDown) {
  kill_at_each(up_before(), 31, [&](int, const std::string& when) {
    const Output down = netyard("down k");
    EXPECT_EQ(down.status, 0) << when << down.text;
    expect_nothing(when, down);
  });
}

TEST_P(CampaignTest, AnUpThatIsKilledIsDoneByTheNext) {
  kill_at_each(up_before(), 37, [&](int, const std::string& when) {
    const Output up = netyard(up_before());
    EXPECT_EQ(up.status, 0) << when << up.text;
    expect_is(*before_, when, up);
    const Output down = netyard("down k");
    expect_nothing(when, down);
  });
}

TEST_P(CampaignTest, ADownThatIsKilledIsDoneByTheNext) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  kill_at_each("down k", 61, [&](int, const std::string& when) {
    const Output down = netyard("down k");
    EXPECT_EQ(down.status, 0) << when << down.text;
    expect_nothing(when, down);
    ASSERT_EQ(netyard(up_before()).status, 0);
  });
}

TEST_P(CampaignTest, AChangeThatIsKilledGoesOnOrBackOrDown) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  kill_at_each(up_after(), 43, [&](int number, const std::string& when) {
    Output next;
    if (number % 3 != 0) {
      const LabFile& file = number % 3 == 1 ? *before_ : *after_;
      next = netyard("up " + file.path());
      EXPECT_EQ(next.status, 0) << when << next.text;
      expect_is(file, when, next);
    }
    const Output down = netyard("down k");
    EXPECT_EQ(down.status, 0) << when << down.text;
    expect_nothing(when, down);
    ASSERT_EQ(netyard(up_before()).status, 0);
  });
}

constexpr int kErrors[] = {ENOMEM, EMFILE, ENOSPC, EINTR, ENOBUFS, EBUSY, EAGAIN};

// Done, or undone; what is neither is said, and `down` clears it.
TEST_P(CampaignTest, WhatFailsIsUndoneOrSaid) {
  int total = 0;
  for (const int error : kErrors) {
    for (int number = 1 + offset_++ % 7;; number += everything() ? 1 : 17) {
      const Output up = fault(fmt::format("error {} {}", number, error), up_before());
      if (up.status == kFewerCalls) break;
      ++total;
      const std::string when = fmt::format("up, call {} fails with {}", number, error);
      ASSERT_LT(up.status, 128) << when << up.text;
      const bool said = up.status != 4 || up.text.find("left") != std::string::npos;
      EXPECT_TRUE(said) << when << up.text;
      // Its output may be what failed.
      const bool there = up.status == 0 || up.text.find("standard output") != std::string::npos;
      if (there) expect_is(*before_, when, up);
      const Output down = netyard("down k");
      EXPECT_EQ(down.status, 0) << when << down.text;
      expect_nothing(when, up);
      if (HasFatalFailure()) return;
    }
    netyard("down k");
  }
  std::printf("%s: 'up', %d errors injected, %d residues\n", GetParam().name, total, residues_);
}

TEST_P(CampaignTest, AChangeThatFailsIsUndoneOrSaid) {
  int total = 0;
  for (const int error : kErrors) {
    for (int number = 1 + offset_++ % 11;; number += everything() ? 1 : 23) {
      ASSERT_EQ(netyard(up_before()).status, 0);
      const Output up = fault(fmt::format("error {} {}", number, error), up_after());
      if (up.status == kFewerCalls) break;
      ++total;
      const std::string when = fmt::format("change, call {} fails with {}", number, error);
      ASSERT_LT(up.status, 128) << when << up.text;
      const bool there = up.status == 0 || up.text.find("standard output") != std::string::npos;
      if (up.status != 4) expect_is(there ? *after_ : *before_, when, up);
      const Output down = netyard("down k");
      EXPECT_EQ(down.status, 0) << when << down.text;
      expect_nothing(when, up);
      if (HasFatalFailure()) return;
    }
  }
  netyard("down k");
  std::printf("%s: change, %d errors injected, %d residues\n", GetParam().name, total, residues_);
}

TEST_P(CampaignTest, ADownThatFailsIsDoneByTheNext) {
  int total = 0;
  for (const int error : kErrors) {
    for (int number = 1 + offset_++ % 5;; number += everything() ? 1 : 19) {
      ASSERT_EQ(netyard(up_before()).status, 0);
      const Output down = fault(fmt::format("error {} {}", number, error), "down k");
      if (down.status == kFewerCalls) break;
      ++total;
      const std::string when = fmt::format("down, call {} fails with {}", number, error);
      ASSERT_LT(down.status, 128) << when << down.text;
      if (down.status != 0) {
        const Output again = netyard("down k");
        EXPECT_EQ(again.status, 0) << when << again.text;
      }
      expect_nothing(when, down);
      if (HasFatalFailure()) return;
    }
  }
  std::printf("%s: 'down', %d errors injected, %d residues\n", GetParam().name, total, residues_);
}

INSTANTIATE_TEST_SUITE_P(Labs, CampaignTest, testing::Values(kNetwork, kWorkloads),
                         [](const auto& labs) { return std::string(labs.param.name); });

}  // namespace
}  // namespace netyard::test
