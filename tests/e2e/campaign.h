// SPDX-License-Identifier: Apache-2.0
// Netyard and what goes wrong around it: `down` leaves nothing, `up` comes to what the file says.
// NETYARD_CAMPAIGN=1 takes every system call, otherwise it is a sample; the counts are printed, and
// kept in docs/reliability.md.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "e2e/program.h"

namespace netyard::test {

struct Labs {
  const char* name;
  const char* before;
  const char* after;  // the file that it is changed into
};

inline constexpr Labs kNetwork = {
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

inline constexpr Labs kWorkloads = {
    "workloads",
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

class CampaignTest : public CleanNetnsTest, public testing::WithParamInterface<Labs> {
 protected:
  void SetUp() override {
    CleanNetnsTest::SetUp();
    if (IsSkipped()) return;
#ifdef NETYARD_SANITIZED
    GTEST_SKIP() << "most system calls are the sanitizer's, not netyard's";
#endif
    before_.emplace(GetParam().before, "/run/before.yaml");
    after_.emplace(GetParam().after, "/run/after.yaml");
    clean_ = Traces::take();
  }
  void TearDown() override {
    // What one case left must not be found in those that follow.
    if (HasFailure()) run("timeout -k 5 60 " NETYARD_PROGRAM " down k");
    before_.reset();
    after_.reset();
    CleanNetnsTest::TearDown();
  }

  static bool everything() {
    return getenv("NETYARD_CAMPAIGN") != nullptr;
  }

  /// Runs netyard under fault; 99 when there were fewer calls, 124 when it hangs.
  static Output fault(const std::string& how, const std::string& arguments) {
    return run(
        fmt::format("timeout -k 5 90 {} {} {} {}", NETYARD_FAULT, how, NETYARD_PROGRAM, arguments));
  }
  static int calls(const std::string& how, const std::string& arguments) {
    std::string text = fault(how, arguments).text;
    text.pop_back();
    return std::atoi(text.substr(text.rfind('\n') + 1).c_str());
  }
  static bool ended(const Output& out) {
    return out.status < 128 && out.status != kHangs;
  }

  std::string up_before() const {
    return "up " + before_->path();
  }
  std::string up_after() const {
    return "up " + after_->path();
  }

  void expect_nothing(const std::string& when, const Output& last) {
    const auto left = Traces::new_since(clean_);
    if (left.empty()) return;
    ++residues_;
    ADD_FAILURE() << when << ": " << last.text << "left: " << left.front();
  }
  static void expect_is(const LabFile& file, const std::string& when, const Output& last) {
    const Output plan = netyard("plan " + file.path());
    EXPECT_EQ(plan.text, "k: up, no change\n") << when << ": " << last.text;
  }
  void expect_down(const std::string& when, const Output& last) {
    const Output down = netyard("down k");
    EXPECT_EQ(down.status, 0) << when << ": " << last.text << down.text;
    const int before = residues_;
    expect_nothing(when, last);
    if (residues_ == before) return;
    // What one case left must not be found in those that follow.
    netyard("gc");
    clean_ = Traces::take();
  }

  /// An `up` that began from nothing: the lab is there, or nothing is; anything else is said.
  void expect_done_or_undone(const std::string& when, const Output& up) {
    EXPECT_TRUE(ended(up)) << when << ": " << up.status << " " << up.text;
    if (is_there(up)) {
      expect_is(*before_, when, up);
    } else if (up.status == kLeft) {
      EXPECT_NE(up.text.find("left"), std::string::npos) << when << ": " << up.text;
    } else {
      expect_nothing(when, up);
    }
  }
  /// An `up` of the second file on the first.
  void expect_changed_or_unchanged(const std::string& when, const Output& up) const {
    EXPECT_TRUE(ended(up)) << when << ": " << up.status << " " << up.text;
    if (up.status == kLeft) {
      EXPECT_NE(up.text.find("between two files"), std::string::npos) << when << ": " << up.text;
    } else {
      expect_is(is_there(up) ? *after_ : *before_, when, up);
    }
  }
  /// Its output may be what failed.
  static bool is_there(const Output& up) {
    return up.status == 0 || up.text.find("standard output") != std::string::npos;
  }

  /// Lets a command meet one fault after another, the first at `first`, every `stride`th or all of
  /// them, until it makes fewer calls. `check` gets what it came to and a word for the case.
  template <class F>
  void strike(const std::string& how, const std::string& arguments, int stride, int first,
              const F& check) {
    for (int number = first;; number += everything() ? 1 : stride) {
      const std::string fault_words = fmt::format(fmt::runtime(how), number);
      const Output out = fault(fault_words, arguments);
      if (out.status == kFewerCalls) return;
      ++struck_;
      check(number, fmt::format("'{}', {}", arguments, fault_words), out);
      if (HasFatalFailure() || failures() > kEnough) return;
    }
  }
  static int failures() {
    return testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
  }
  void tell(const std::string& what) {
    std::printf("campaign: %s: %s: %d, residues %d\n", GetParam().name, what.c_str(), struck_,
                residues_);
    std::fflush(stdout);
    RecordProperty("struck", struck_);
  }

  static constexpr int kFewerCalls = 99, kHangs = 124, kLeft = 4;
  static constexpr int kEnough = 12;  // failures that tell what is wrong

  std::optional<LabFile> before_;
  std::optional<LabFile> after_;
  Traces clean_;
  int struck_ = 0;
  int residues_ = 0;
};

/// For INSTANTIATE_TEST_SUITE_P.
inline std::string name_of_labs(const testing::TestParamInfo<Labs>& labs) {
  return labs.param.name;
}

}  // namespace netyard::test
