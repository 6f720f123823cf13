// SPDX-License-Identifier: Apache-2.0
// What fuzzing found: answers that are shorter than they should be, or say what no kernel says.
#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <climits>

#include "base/error.h"
#include "netlink/ack.h"
#include "netlink/attributes.h"
#include "netlink/link_memory.h"
#include "netlink/reply.h"

namespace netyard {
namespace {

TEST(Malformed, AnErrorThatHasNoNegativeIsNoErrno) {
  struct {
    nlmsghdr header;
    nlmsgerr error;
  } answer{};
  answer.header.nlmsg_len = sizeof answer;
  answer.header.nlmsg_type = NLMSG_ERROR;
  for (const int code : {INT_MIN, -4096}) {
    answer.error.error = code;
    EXPECT_EQ(parse_ack(&answer.header, nullptr).error, EPROTO) << code;
  }
  answer.error.error = -4095;
  EXPECT_EQ(parse_ack(&answer.header, nullptr).error, 4095);
}

// Exactly as large as it says: AddressSanitizer sees what reads on.
TEST(Malformed, AMessageWithoutItsFamilyHeaderHasZeros) {
  std::vector<std::uint32_t> bytes(sizeof(nlmsghdr) / 4 + 1, 0xffffffff);
  auto* message = reinterpret_cast<nlmsghdr*>(bytes.data());
  message->nlmsg_len = static_cast<std::uint32_t>(bytes.size() * 4);
  const auto header = family_header<rtmsg>(message);
  EXPECT_EQ(header.rtm_family, 0xff);
  EXPECT_EQ(header.rtm_table, 0);
  EXPECT_EQ(header.rtm_flags, 0U);
  EXPECT_FALSE(Attributes(message, sizeof(rtmsg)).has(RTA_OIF));
}

TEST(Malformed, AnAttributeThatIsTooShortIsFilledUp) {
  alignas(nlattr) const unsigned char bytes[8] = {5, 0, 1, 0, 'x', 0, 0, 0};
  const auto* attribute = reinterpret_cast<const nlattr*>(bytes);
  EXPECT_EQ(payload<std::uint32_t>(attribute), std::uint32_t{'x'});
  EXPECT_EQ(text_of(attribute), "x");  // with no 0 byte
}

TEST(Malformed, WhatARecordSaysALinkHadIsNotSentWhenItIsNone) {
  Socket socket;
  for (const char* digits : {"", "zz", "1", "1c000000", "1c000000180001000000000000000000x"}) {
    try {
      restore_link_memory(socket, {digits});
      ADD_FAILURE() << digits;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), EBADMSG) << digits;
    }
  }
}

TEST(Malformed, AMessageThatIsLongerThanAllThereIsIsNotWhole) {
  std::vector<std::uint32_t> bytes(sizeof(nlmsghdr) / 4);
  auto* message = reinterpret_cast<nlmsghdr*>(bytes.data());
  const auto* data = reinterpret_cast<const char*>(bytes.data());
  for (const std::uint32_t length : {0U, 15U, 17U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    message->nlmsg_len = length;
    EXPECT_FALSE(is_whole(data, sizeof(nlmsghdr))) << length;
  }
  message->nlmsg_len = 16;
  EXPECT_TRUE(is_whole(data, sizeof(nlmsghdr)));
  EXPECT_FALSE(is_whole(data, 15));
}

}  // namespace
}  // namespace netyard
