// SPDX-License-Identifier: Apache-2.0
// Answers as a kernel, or an enemy, might send them.
#include "netlink/reply.h"

#include <gtest/gtest.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <cstring>

#include "netlink/link.h"

namespace netyard {
namespace {

using Bytes = std::vector<char>;

/// An NLMSG_ERROR for a request; uncapped it holds a copy of the request, and then the sentence.
Bytes answer_to(const nlmsghdr* request, int error, const std::string& sentence, bool capped,
                std::uint32_t offset = 0) {
  Bytes bytes(8192);
  nlmsghdr* header = mnl_nlmsg_put_header(bytes.data());
  header->nlmsg_type = NLMSG_ERROR;
  header->nlmsg_seq = request->nlmsg_seq;
  header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0));
  auto* body = static_cast<nlmsgerr*>(mnl_nlmsg_put_extra_header(header, sizeof(nlmsgerr)));
  body->error = -error;
  body->msg = *request;
  if (!capped) {
    const std::size_t rest = request->nlmsg_len - sizeof(nlmsghdr);
    std::memcpy(mnl_nlmsg_put_extra_header(header, rest), request + 1, rest);
  }
  mnl_attr_put_strz(header, NLMSGERR_ATTR_MSG, sentence.c_str());
  if (offset != 0) mnl_attr_put_u32(header, NLMSGERR_ATTR_OFFS, offset);
  bytes.resize(header->nlmsg_len);
  return bytes;
}

const nlmsghdr* as_message(const Bytes& bytes) {
  return reinterpret_cast<const nlmsghdr*>(bytes.data());
}

Message request_with_vni(std::uint32_t seq) {
  NewLink link;
  link.kind = find_link_kind("vxlan");
  link.name = "vx0";
  link.settings.push_back({link.kind->find("vni"), std::uint64_t{5}});
  Message message = new_link(link);
  message.raw()->nlmsg_seq = seq;
  return message;
}

// Where the attribute begins that holds the VNI: the last of the message.
std::uint32_t vni_offset(const Message& message) {
  return static_cast<std::uint32_t>(message.size() - 8);
}

TEST(Ack, HasTheSentenceAndTheAttributeCappedOrNot) {
  const Message request = request_with_vni(3);
  for (const bool capped : {true, false}) {
    const Bytes bytes = answer_to(request.raw(), ERANGE, "too big", capped, vni_offset(request));
    const Ack ack = parse_ack(as_message(bytes), request.raw());
    EXPECT_EQ(ack, (Ack{ERANGE, "too big", "IFLA_VXLAN_ID", true}));
    EXPECT_EQ(parse_ack(as_message(bytes), nullptr).attribute, "");
  }
}

TEST(Ack, OfADumpsEnd) {
  Bytes bytes(256);
  nlmsghdr* header = mnl_nlmsg_put_header(bytes.data());
  header->nlmsg_type = NLMSG_DONE;
  header->nlmsg_flags = NLM_F_ACK_TLVS;
  *static_cast<int*>(mnl_nlmsg_put_extra_header(header, sizeof(int))) = -EOPNOTSUPP;
  mnl_attr_put_strz(header, NLMSGERR_ATTR_MSG, "no dump");
  EXPECT_EQ(parse_ack(header, nullptr), (Ack{EOPNOTSUPP, "no dump", "", true}));
}

// At every length it must neither read past the end nor invent success.
TEST(Ack, TruncatedAnywhere) {
  const Message request = request_with_vni(3);
  const Bytes whole = answer_to(request.raw(), ERANGE, "too big", false, vni_offset(request));
  for (std::size_t length = sizeof(nlmsghdr); length < whole.size(); ++length) {
    Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    part.shrink_to_fit();
    reinterpret_cast<nlmsghdr*>(part.data())->nlmsg_len = static_cast<std::uint32_t>(length);
    EXPECT_FALSE(parse_ack(as_message(part), request.raw()).ok()) << length;
  }
}

TEST(AttributeName, ForEveryOffsetOfARequest) {
  const Message request = request_with_vni(1);
  for (std::uint32_t offset = 0; offset < request.size() + 8; ++offset) {
    const std::string name = attribute_name(request.raw(), offset);
    const bool inside = offset >= sizeof(nlmsghdr) + sizeof(ifinfomsg) && offset < request.size();
    if (!inside) {
      EXPECT_EQ(name, "");
    } else if (offset >= vni_offset(request)) {
      EXPECT_EQ(name, "IFLA_VXLAN_ID");
    }
  }
  NewLink veth;
  veth.kind = find_link_kind("veth");
  veth.name = "a";
  veth.peer = LinkPeer{"b", 0, {}};
  const Message pair = new_link(veth, -1, 9);
  EXPECT_EQ(attribute_name(pair.raw(), static_cast<std::uint32_t>(pair.size() - 8)),
            "IFLA_NET_NS_FD");
}

class ReplyTest : public testing::Test {
 protected:
  ReplyTest() {
    for (std::uint32_t seq = 10; seq < 13; ++seq) sent_.push_back(request_with_vni(seq));
  }
  void give(ReplyCollector& replies, std::size_t index, int error, std::uint32_t sender = 0) {
    const Bytes bytes = answer_to(sent_[index].raw(), error, "", true);
    replies.take(bytes.data(), bytes.size(), sender);
  }
  std::vector<Message> sent_;
  std::vector<Ack> answers_{3};
};

TEST_F(ReplyTest, SilenceMeansDoneOnceTheLastIsAnswered) {
  ReplyCollector replies(sent_, answers_);
  give(replies, 1, EEXIST);
  EXPECT_FALSE(replies.finished());
  give(replies, 2, 0);
  EXPECT_TRUE(replies.finished());
  replies.settle();
  EXPECT_TRUE(answers_[0].ok());
  EXPECT_EQ(answers_[1].error, EEXIST);
  EXPECT_TRUE(answers_[2].ok());
}

TEST_F(ReplyTest, WhatMayHaveBeenLostIsNotDone) {
  ReplyCollector replies(sent_, answers_);
  give(replies, 0, EEXIST);
  replies.lost();
  replies.settle();
  EXPECT_EQ(answers_[0].error, EEXIST);
  EXPECT_FALSE(answers_[1].answered);
  EXPECT_FALSE(answers_[2].ok());
}

TEST_F(ReplyTest, StrangersAndStaleAnswersArePassedOver) {
  ReplyCollector replies(sent_, answers_);
  give(replies, 2, EPERM, 4711);
  Message old = request_with_vni(9);
  const Bytes stale = answer_to(old.raw(), EPERM, "", true);
  replies.take(stale.data(), stale.size(), 0);
  replies.take("short", 5, 0);
  EXPECT_FALSE(replies.finished());
  give(replies, 2, 0);
  replies.settle();
  for (const auto& ack : answers_) EXPECT_TRUE(ack.ok());
}

TEST(Dump, SeesInterruptionsAndEnds) {
  const Message request = request_with_vni(5);
  int parts = 0;
  const std::function<void(const nlmsghdr*)> each = [&](const nlmsghdr*) { ++parts; };
  const auto message = [](std::uint16_t type, std::uint16_t flags, std::uint32_t seq) {
    Bytes bytes(64);
    nlmsghdr* header = mnl_nlmsg_put_header(bytes.data());
    header->nlmsg_type = type;
    header->nlmsg_flags = flags;
    header->nlmsg_seq = seq;
    *static_cast<int*>(mnl_nlmsg_put_extra_header(header, sizeof(int))) = 0;
    bytes.resize(header->nlmsg_len);
    return bytes;
  };
  DumpCollector dump(request.raw(), each);
  for (const auto& bytes :
       {message(RTM_NEWLINK, NLM_F_MULTI, 5), message(RTM_NEWLINK, NLM_F_MULTI, 4),
        message(RTM_NEWLINK, NLM_F_MULTI | NLM_F_DUMP_INTR, 5)}) {
    dump.take(bytes.data(), bytes.size(), 0);
  }
  EXPECT_FALSE(dump.finished());
  const Bytes done = message(NLMSG_DONE, NLM_F_MULTI, 5);
  dump.take(done.data(), done.size(), 0);
  EXPECT_TRUE(dump.finished());
  EXPECT_TRUE(dump.result().ok());
  EXPECT_FALSE(dump.consistent());
  EXPECT_EQ(parts, 2) << "one was of an older dump";
}

}  // namespace
}  // namespace netyard
