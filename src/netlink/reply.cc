// SPDX-License-Identifier: Apache-2.0
#include "netlink/reply.h"

#include <libmnl/libmnl.h>

namespace netyard {
namespace {

template <class F>
void for_each_message(const char* data, std::size_t size, F&& each) {
  while (is_whole(data, size)) {
    const auto* message = reinterpret_cast<const nlmsghdr*>(data);
    const std::size_t step = netlink_align(message->nlmsg_len);
    each(message);
    if (step >= size) return;
    data += step;
    size -= step;
  }
}

}  // namespace

// mnl_nlmsg_ok() takes a length of 2 GiB and more for a negative one, and so for small enough.
bool is_whole(const char* data, std::size_t size) {
  if (size < sizeof(nlmsghdr)) return false;
  const auto* message = reinterpret_cast<const nlmsghdr*>(data);
  return message->nlmsg_len >= sizeof(nlmsghdr) && message->nlmsg_len <= size;
}

ReplyCollector::ReplyCollector(std::span<const Message> sent, std::span<Ack> answers)
    : sent_(sent), answers_(answers), answered_(sent.size(), false) {}

void ReplyCollector::take(const char* data, std::size_t size, std::uint32_t sender) {
  if (sender != 0) return;
  const std::uint32_t first = sent_.front().raw()->nlmsg_seq;
  for_each_message(data, size, [&](const nlmsghdr* message) {
    const std::uint32_t index = message->nlmsg_seq - first;
    if (message->nlmsg_type != NLMSG_ERROR || index >= sent_.size()) return;
    answers_[index] = parse_ack(message, sent_[index].raw());
    answered_[index] = true;
    if (index + 1 == sent_.size()) finished_ = true;
  });
}

void ReplyCollector::settle() {
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    if (!answered_[i]) answers_[i].answered = finished_ && !lost_;
  }
}

void DumpCollector::take(const char* data, std::size_t size, std::uint32_t sender) {
  if (sender != 0) return;
  for_each_message(data, size, [&](const nlmsghdr* message) {
    if (finished_ || message->nlmsg_seq != request_->nlmsg_seq) return;
    if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0) consistent_ = false;
    if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
      result_ = parse_ack(message, request_);
      finished_ = true;
    } else if (message->nlmsg_type >= NLMSG_MIN_TYPE) {
      each_(message);
    }
  });
}

}  // namespace netyard
