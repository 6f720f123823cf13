// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

struct nlmsghdr;

namespace netyard {

/// The kernel's answer to one request: an errno value, and its extended acknowledgement.
struct Ack {
  int error = 0;          // 0: done
  std::string sentence;   // NLMSGERR_ATTR_MSG
  std::string attribute;  // name at NLMSGERR_ATTR_OFFS: "IFLA_VXLAN_ID"; "" when unknown
  bool answered = true;   // false: never sent, or the answer was lost

  bool ok() const { return answered && error == 0; }
  friend bool operator==(const Ack&, const Ack&) = default;
};

/// Decodes an NLMSG_ERROR, capped or not, or the NLMSG_DONE of a dump. request gives names to
/// offsets and may be nullptr. Bounds-checked against answer->nlmsg_len.
/// include/uapi/linux/netlink.h.
Ack parse_ack(const nlmsghdr* answer, const nlmsghdr* request);

/// The name of the attribute at `offset` bytes from the start of a request, by walking it: nested
/// attributes and the fields of link kinds included. "" when it points at none.
std::string attribute_name(const nlmsghdr* request, std::uint32_t offset);

}  // namespace netyard
