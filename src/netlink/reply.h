// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "netlink/ack.h"
#include "netlink/message.h"

namespace netyard {

/// Whether a datagram, or what is left of one, begins with a whole message.
bool is_whole(const char* data, std::size_t size);

/// Puts the answers of the kernel to the requests they belong to. Pure: is fed with datagrams.
/// Requests have consecutive serials; only the last asked for an ack.
class ReplyCollector {
 public:
  ReplyCollector(std::span<const Message> sent, std::span<Ack> answers);

  /// Takes one datagram, sent by netlink port `sender` (0: the kernel; others are passed over).
  /// Answers to other requests, left over from before, are passed over too.
  void take(const char* data, std::size_t size, std::uint32_t sender);
  /// Tells that answers were lost (ENOBUFS): requests without one are then not known to be done.
  void lost() { lost_ = true; }
  /// True when the ack of the last request is here.
  bool finished() const { return finished_; }
  bool anything_lost() const { return lost_; }
  /// Decides about the requests that got no answer. Call once, at the end.
  void settle();

 private:
  std::span<const Message> sent_;
  std::span<Ack> answers_;
  std::vector<bool> answered_;
  bool lost_ = false;
  bool finished_ = false;
};

/// Follows one dump. Pure: is fed with datagrams.
class DumpCollector {
 public:
  DumpCollector(const nlmsghdr* request, const std::function<void(const nlmsghdr*)>& each)
      : request_(request), each_(each) {}

  void take(const char* data, std::size_t size, std::uint32_t sender);
  /// Tells that a part was truncated or lost.
  void lost() { consistent_ = false; }
  bool finished() const { return finished_; }
  /// False when the kernel changed things meanwhile (NLM_F_DUMP_INTR) or a part is missing.
  bool consistent() const { return consistent_; }
  const Ack& result() const { return result_; }

 private:
  const nlmsghdr* request_;
  const std::function<void(const nlmsghdr*)>& each_;
  Ack result_;
  bool finished_ = false;
  bool consistent_ = true;
};

}  // namespace netyard
