// SPDX-License-Identifier: Apache-2.0
#include "process/seccomp_shorten.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace netyard {
namespace {

constexpr std::uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr std::uint16_t kAnd = BPF_ALU | BPF_AND | BPF_K;
constexpr std::uint16_t kJump = BPF_JMP | BPF_JA;
constexpr std::uint16_t kEqual = BPF_JMP | BPF_JEQ | BPF_K;
constexpr std::uint16_t kGreater = BPF_JMP | BPF_JGT | BPF_K;
constexpr std::uint16_t kNotLess = BPF_JMP | BPF_JGE | BPF_K;
constexpr std::uint16_t kReturn = BPF_RET | BPF_K;
constexpr std::uint32_t kNumber = offsetof(seccomp_data, nr);
constexpr std::uint32_t kArchitecture = offsetof(seccomp_data, arch);
constexpr std::size_t kFarthest = std::numeric_limits<std::uint8_t>::max();

bool compares(std::uint16_t code) {
  return code == kEqual || code == kGreater || code == kNotLess;
}

bool holds(const sock_filter& test, std::uint32_t value) {
  if (test.code == kEqual) return value == test.k;
  return test.code == kGreater ? value > test.k : value >= test.k;
}

/// Where a comparison leads.
struct Target {
  enum Kind { action, program, node } kind = action;
  std::uint32_t value = 0;  // SECCOMP_RET_*; an instruction of the program; a node of the tree
  friend auto operator<=>(const Target&, const Target&) = default;
};

/// Numbers from one on, to that of the next segment, and what is decided for them: an action, or
/// what begins at an instruction that looks at arguments.
struct Segment {
  std::uint32_t first = 0;
  Target decision;
};
using Segments = std::vector<Segment>;

/// A program is not of the kind that can be shortened.
struct Unfit {};

/// The decisions of a program, by architecture and number.
class Decisions {
 public:
  explicit Decisions(const SeccompFilter& filter) : filter_(filter) {
    for (const auto& one : filter) {
      if (!compares(one.code)) continue;
      borders_.insert(one.k);
      if (one.k != ~0U) borders_.insert(one.k + 1);
    }
  }

  // Architecture 0, which is none, goes past every comparison with one: that finds them all.
  std::map<std::uint32_t, Segments> all() {
    std::map<std::uint32_t, Segments> out = {{0, segments(0)}};
    for (bool found = true; found;) {
      found = false;
      for (const std::uint32_t architecture : std::set(architectures_)) {
        if (out.contains(architecture)) continue;
        out[architecture] = segments(architecture);
        found = true;
      }
    }
    return out;
  }

 private:
  Segments segments(std::uint32_t architecture) {
    Segments out;
    for (const std::uint32_t number : borders_) {
      const Target decision = follow(architecture, number);
      if (out.empty() || out.back().decision != decision) out.push_back({number, decision});
    }
    return out;
  }

  Target follow(std::uint32_t architecture, std::uint32_t number) {
    std::uint32_t loaded = 0, source = kNumber;
    for (std::size_t at = 0; at < filter_.size(); ++at) {
      const sock_filter& one = filter_[at];
      if (one.code == kReturn) return {Target::action, one.k};
      if (one.code == kJump) {
        at += one.k;
      } else if (one.code == kLoad) {
        if (one.k != kNumber && one.k != kArchitecture) {
          return {Target::program, static_cast<std::uint32_t>(at)};
        }
        source = one.k;
        loaded = source == kNumber ? number : architecture;
      } else if (compares(one.code)) {
        if (source == kArchitecture) note_architecture(one);
        at += holds(one, loaded) ? one.jt : one.jf;
      } else {
        throw Unfit();
      }
    }
    throw Unfit();
  }

  void note_architecture(const sock_filter& test) {
    if (test.code != kEqual || test.k == 0) throw Unfit();
    architectures_.insert(test.k);
  }

  const SeccompFilter& filter_;
  std::set<std::uint32_t> borders_ = {0}, architectures_;
};

/// The part of a program that is for one architecture. Jumps lead forward and at most 255 far: the
/// tree of comparisons comes first, what looks at arguments behind it, actions last.
class Block {
 public:
  Block(const SeccompFilter& filter, const Segments& segments) : filter_(filter) {
    put({kLoad, 0, 0, kNumber});
    if (segments.size() == 1) {
      put({kJump, 0, 0, 0}, want(segments.front().decision));
    } else {
      tree(segments.data(), segments.size());
    }
    copy_wanted();
    for (const std::uint32_t action : actions_) {
      labels_[{Target::action, action}] = out_.size();
      put({kReturn, 0, 0, action});
    }
  }

  SeccompFilter take() {
    for (std::size_t at = 0; at < out_.size(); ++at) {
      sock_filter& one = out_[at];
      const auto& [yes, no] = targets_[at];
      if (one.code == kJump) one.k = static_cast<std::uint32_t>(distance(at, yes));
      if (!compares(one.code)) continue;
      one.jt = near(at, yes);
      one.jf = near(at, no);
    }
    return std::move(out_);
  }

 private:
  void put(const sock_filter& instruction, Target yes = {}, Target no = {}) {
    out_.push_back(instruction);
    targets_.emplace_back(yes, no);
  }

  Target want(const Target& target) {
    if (target.kind == Target::action) actions_.insert(target.value);
    if (target.kind == Target::program) programs_.insert(target.value);
    return target;
  }

  void tree(const Segment* segments, std::size_t count) {
    const std::size_t half = count / 2, at = out_.size();
    put({kNotLess, 0, 0, segments[half].first});
    const Target below = branch(segments, half);
    const Target above = branch(segments + half, count - half);
    targets_[at] = {above, below};
  }

  Target branch(const Segment* segments, std::size_t count) {
    if (count == 1) return want(segments->decision);
    const Target here = {Target::node, static_cast<std::uint32_t>(out_.size())};
    labels_[here] = out_.size();
    tree(segments, count);
    return here;
  }

  // What looks at arguments, as it is in the program and in its order: an instruction that is no
  // jump has the next one behind it again, none that can be reached being between them.
  void copy_wanted() {
    while (!programs_.empty()) {
      const std::uint32_t at = *programs_.begin();
      programs_.erase(programs_.begin());
      labels_[{Target::program, at}] = out_.size();
      const sock_filter& one = filter_.at(at);
      if (compares(one.code)) {
        put(one, want(end_of_jumps(at + 1 + one.jt)), want(end_of_jumps(at + 1 + one.jf)));
      } else if (one.code == kJump) {
        put(one, want(end_of_jumps(at)));
      } else if (one.code == kLoad || one.code == kAnd) {
        put(one);
        programs_.insert(at + 1);
      } else if (one.code == kReturn) {
        put(one);
      } else {
        throw Unfit();
      }
    }
  }

  Target end_of_jumps(std::size_t at) const {
    while (at < filter_.size() && filter_[at].code == kJump) at += filter_[at].k + 1;
    if (at >= filter_.size()) throw Unfit();
    if (filter_[at].code == kReturn) return {Target::action, filter_[at].k};
    return {Target::program, static_cast<std::uint32_t>(at)};
  }

  std::size_t distance(std::size_t from, const Target& to) const {
    const auto found = labels_.find(to);
    if (found == labels_.end() || found->second <= from) throw Unfit();
    return found->second - from - 1;
  }

  std::uint8_t near(std::size_t from, const Target& to) const {
    const std::size_t far = distance(from, to);
    if (far > kFarthest) throw Unfit();
    return static_cast<std::uint8_t>(far);
  }

  const SeccompFilter& filter_;
  SeccompFilter out_;
  std::vector<std::pair<Target, Target>> targets_;  // of each instruction: when it holds, and not
  std::map<Target, std::size_t> labels_;
  std::set<std::uint32_t> actions_, programs_;
};

SeccompFilter assemble(const SeccompFilter& filter) {
  const auto decisions = Decisions(filter).all();
  SeccompFilter out = {{kLoad, 0, 0, kArchitecture}};
  for (const auto& [architecture, segments] : decisions) {
    if (architecture == 0) continue;
    const SeccompFilter block = Block(filter, segments).take();
    out.push_back({kEqual, 1, 0, architecture});
    out.push_back({kJump, 0, 0, static_cast<std::uint32_t>(block.size())});
    out.insert(out.end(), block.begin(), block.end());
  }
  const SeccompFilter rest = Block(filter, decisions.at(0)).take();
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

}  // namespace

SeccompFilter shorten(const SeccompFilter& filter) {
  try {
    SeccompFilter out = assemble(filter);
    return out.size() < filter.size() ? out : filter;
  } catch (const Unfit&) {
    return filter;
  }
}

SeccompReturn decide(const SeccompFilter& filter, const seccomp_data& data) {
  std::uint32_t loaded = 0;
  for (std::size_t at = 0; at < filter.size(); ++at) {
    const sock_filter& one = filter[at];
    if (one.code == kReturn) return one.k;
    if (one.code == kLoad && one.k <= sizeof data - sizeof loaded) {
      std::memcpy(&loaded, reinterpret_cast<const char*>(&data) + one.k, sizeof loaded);
    } else if (one.code == kAnd) {
      loaded &= one.k;
    } else if (one.code == kJump) {
      at += one.k;
    } else if (compares(one.code)) {
      at += holds(one, loaded) ? one.jt : one.jf;
    } else {
      break;
    }
  }
  return SECCOMP_RET_KILL_PROCESS;
}

}  // namespace netyard
