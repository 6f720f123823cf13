// SPDX-License-Identifier: Apache-2.0
#include "process/steps.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstring>
#include <set>

namespace netyard::test {
namespace {

/// A block as the init has it: in memory, relocated.
class Loaded {
 public:
  explicit Loaded(const StepList& steps, int report_fd = 9) : block_(steps.block(report_fd)) {
    std::memcpy(&header_, block_.data(), sizeof header_);
    for (std::uint32_t i = 0; i < header_.relocation_count; ++i) {
      const auto offset = at<std::uint64_t>(header_.relocations + i * sizeof(std::uint64_t));
      EXPECT_LE(offset + sizeof offset, block_.size());
      EXPECT_TRUE(relocated_.insert(offset).second) << "relocated twice";
      const auto value = at<std::uint64_t>(offset);
      EXPECT_LT(value, block_.size()) << "points out of the block";
      const std::uint64_t moved = value + base();
      std::memcpy(block_.data() + offset, &moved, sizeof moved);
    }
  }
  template <class T>
  T at(std::uint64_t offset) const {
    T out;
    std::memcpy(&out, block_.data() + offset, sizeof out);
    return out;
  }
  std::uint64_t base() const { return reinterpret_cast<std::uint64_t>(block_.data()); }
  const init::Header& header() const { return header_; }
  init::Step step(std::size_t i) const {
    return at<init::Step>(header_.steps + i * sizeof(init::Step));
  }
  static std::string text(std::uint64_t pointer) { return reinterpret_cast<const char*>(pointer); }
  std::size_t size() const { return block_.size(); }

 private:
  std::string block_;
  init::Header header_{};
  std::set<std::uint64_t> relocated_;
};

TEST(StepList, AnEmptyOneIsAHeader) {
  const Loaded loaded{StepList()};
  EXPECT_EQ(loaded.header().magic, init::kMagic);
  EXPECT_EQ(loaded.header().step_count, 0U);
  EXPECT_EQ(loaded.header().relocation_count, 0U);
  EXPECT_EQ(loaded.header().report_fd, 9);
  EXPECT_EQ(loaded.header().size, loaded.size());
}

TEST(StepList, NumbersStayAndPointersAreMoved) {
  StepList steps;
  steps.call("make /a", SYS_mkdirat, {-100, steps.text("/a"), 0755U}, {EEXIST, EROFS});
  const Loaded loaded(steps);
  const init::Step step = loaded.step(0);
  EXPECT_EQ(step.op, init::Op::call);
  EXPECT_EQ(step.number, static_cast<std::uint32_t>(SYS_mkdirat));
  EXPECT_EQ(static_cast<std::int64_t>(step.args[0]), -100);
  EXPECT_EQ(Loaded::text(step.args[1]), "/a");
  EXPECT_EQ(step.args[2], 0755U);
  EXPECT_EQ(step.loads, 0);
  EXPECT_EQ(step.tolerated[0], EEXIST);
  EXPECT_EQ(step.tolerated[1], EROFS);
  EXPECT_EQ(step.tolerated[2], 0);
  EXPECT_EQ(steps.name(0), "make /a");
}

TEST(StepList, ResultsAreStoredWhereLaterStepsLook) {
  StepList steps;
  const auto place = steps.slot();
  steps.call_into(place, "open", SYS_openat, {0, steps.text("/"), 0}, {EACCES});
  steps.call("use", SYS_close, {place});
  const Loaded loaded(steps);
  EXPECT_EQ(loaded.step(0).store, loaded.base() + place.offset);
  EXPECT_EQ(loaded.step(0).tolerated[0], EACCES);
  EXPECT_EQ(loaded.step(1).args[0], loaded.step(0).store);
  EXPECT_EQ(loaded.step(1).loads, 1) << "the argument is what is there, not where it is";
  EXPECT_EQ(loaded.at<std::int64_t>(place.offset), -1) << "no descriptor until then";
}

TEST(StepList, APlaceMayBeInsideData) {
  struct {
    std::uint64_t access = 7;
    std::int32_t fd = -1;
  } rule;
  StepList steps;
  const auto data = steps.bytes(&rule, sizeof rule);
  const auto fd = StepList::slot_in(data, offsetof(decltype(rule), fd));
  steps.call_into(fd, "open", SYS_openat, {0});
  const Loaded loaded(steps);
  EXPECT_EQ(loaded.step(0).store, loaded.base() + data.offset + 8);
  EXPECT_EQ(loaded.at<std::uint64_t>(data.offset), 7U);
}

TEST(StepList, TextsAreAnArrayThatEndsInNull) {
  StepList steps;
  steps.execute("/bin/sh", steps.texts({"sh", "-c", ""}), steps.texts({}));
  const Loaded loaded(steps);
  const init::Step step = loaded.step(0);
  EXPECT_EQ(step.op, init::Op::execute);
  EXPECT_EQ(Loaded::text(step.args[0]), "/bin/sh");
  const auto* argv = reinterpret_cast<const std::uint64_t*>(step.args[1]);
  EXPECT_EQ(Loaded::text(argv[0]), "sh");
  EXPECT_EQ(Loaded::text(argv[1]), "-c");
  EXPECT_EQ(Loaded::text(argv[2]), "");
  EXPECT_EQ(argv[3], 0U);
  EXPECT_EQ(*reinterpret_cast<const std::uint64_t*>(step.args[2]), 0U);
  EXPECT_EQ(steps.name(0), "execute /bin/sh");
}

TEST(StepList, DataMayPointAtData) {
  struct {
    std::uint64_t length = 3, pointer = 0;
  } vector;
  StepList steps;
  const auto outer = steps.bytes(&vector, sizeof vector);
  steps.point(outer, 8, steps.text("xyz"));
  const Loaded loaded(steps);
  EXPECT_EQ(loaded.at<std::uint64_t>(outer.offset), 3U);
  EXPECT_EQ(Loaded::text(loaded.at<std::uint64_t>(outer.offset + 8)), "xyz");
}

TEST(StepList, KnowsWhereTheTwoPart) {
  StepList steps;
  steps.reset_signals();
  steps.fork(0);
  steps.call_is(0, "look", SYS_getpid, {});
  steps.give_up("execute x");
  steps.after_fork();
  steps.write_file("/proc/self/x", "content");
  steps.reap(5);
  const Loaded loaded(steps);
  EXPECT_EQ(loaded.header().after_fork, 4U);
  EXPECT_EQ(loaded.header().step_count, 6U);
  EXPECT_EQ(loaded.step(2).op, init::Op::call_is);
  EXPECT_EQ(loaded.step(2).expected, 0);
  EXPECT_EQ(loaded.step(4).op, init::Op::write_file);
  EXPECT_EQ(Loaded::text(loaded.step(4).args[1]), "content");
  EXPECT_EQ(loaded.step(4).args[2], 7U);
  EXPECT_EQ(loaded.step(5).args[0], 5U);
  EXPECT_EQ(steps.name(4), "write content to /proc/self/x");
}

TEST(StepList, EverythingIsAligned) {
  StepList steps;
  for (const char* text : {"a", "ab", "abc", "abcdefgh"}) {
    EXPECT_EQ(steps.text(text).offset % 8, 0U);
    EXPECT_EQ(steps.slot().offset % 8, 0U);
  }
  const Loaded loaded(steps);
  EXPECT_EQ(loaded.header().steps % 8, 0U);
  EXPECT_EQ(loaded.header().relocations % 8, 0U);
}

}  // namespace
}  // namespace netyard::test
