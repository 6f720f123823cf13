// SPDX-License-Identifier: Apache-2.0
#include "netlink/ack.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "netlink/attributes.h"
#include "netlink/message.h"

namespace netyard {
namespace {

constexpr int kMostErrno = 4095;  // MAX_ERRNO of include/linux/err.h

// The bytes of extended-acknowledgement attributes in an answer.
struct Tlvs {
  const char* data = nullptr;
  std::size_t size = 0;
};

void parse_tlvs(const Tlvs& tlvs, const nlmsghdr* request, Ack& ack) {
  std::size_t at = 0;
  while (at + sizeof(nlattr) <= tlvs.size) {
    const auto* attribute = reinterpret_cast<const nlattr*>(tlvs.data + at);
    if (mnl_attr_ok(attribute, static_cast<int>(tlvs.size - at)) == 0) return;
    const std::uint16_t type = mnl_attr_get_type(attribute);
    if (type == NLMSGERR_ATTR_MSG) ack.sentence = text_of(attribute);
    if (type == NLMSGERR_ATTR_OFFS &&
        mnl_attr_get_payload_len(attribute) == sizeof(std::uint32_t)) {
      ack.attribute = attribute_name(request, payload<std::uint32_t>(attribute));
    }
    at += netlink_align(attribute->nla_len);
  }
}

// Where the attributes begin: behind the error, and behind the copied request unless that was
// capped.
std::size_t tlv_offset(const nlmsghdr* answer, const nlmsgerr* error) {
  std::size_t offset = sizeof(nlmsgerr);
  if ((answer->nlmsg_flags & NLM_F_CAPPED) == 0 && error->msg.nlmsg_len > sizeof(nlmsghdr)) {
    offset += netlink_align(error->msg.nlmsg_len - sizeof(nlmsghdr));
  }
  return offset;
}

Ack malformed() {
  Ack ack;
  ack.error = EPROTO;
  ack.sentence = "netyard: the answer is malformed";
  return ack;
}

}  // namespace

Ack parse_ack(const nlmsghdr* answer, const nlmsghdr* request) {
  if (answer->nlmsg_len < sizeof(nlmsghdr)) return malformed();
  const std::size_t size = answer->nlmsg_len - sizeof(nlmsghdr);
  const auto* payload = static_cast<const char*>(mnl_nlmsg_get_payload(answer));
  const bool is_error = answer->nlmsg_type == NLMSG_ERROR;
  if (size < (is_error ? sizeof(nlmsgerr) : sizeof(int))) return malformed();
  int code = 0;
  std::memcpy(&code, payload, sizeof code);
  if (code < -kMostErrno) return malformed();
  Ack ack;
  ack.error = code < 0 ? -code : 0;
  if ((answer->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return ack;
  const std::size_t offset =
      is_error ? tlv_offset(answer, reinterpret_cast<const nlmsgerr*>(payload)) : sizeof(int);
  if (offset < size) parse_tlvs({payload + offset, size - offset}, request, ack);
  return ack;
}

}  // namespace netyard
