// SPDX-License-Identifier: Apache-2.0
#include "netlink/mpls_route.h"

#include <fmt/format.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

#include "netlink/encap.h"
#include "netlink/message.h"
#include "netlink/names.h"

namespace netyard {
namespace {

constexpr std::uint8_t kLabelBits = 20;

void put_labels(Message& message, std::uint16_t attribute,
                const std::vector<std::uint32_t>& labels) {
  const auto stack = label_stack(labels);
  message.put_bytes(attribute, stack.data(), stack.size() * sizeof stack[0]);
}

}  // namespace

std::string to_string(const MplsRoute& route) {
  std::string out = std::to_string(route.label);
  if (!route.swap.empty()) out += " as " + labels_to_string(route.swap);
  if (route.gateway) out += " via " + route.gateway->to_string();
  return out;
}

static Message mpls_message(std::uint16_t type, std::uint16_t flags, const MplsRoute& route) {
  Message message(type, flags);
  rtmsg header{};
  header.rtm_family = AF_MPLS;
  header.rtm_dst_len = kLabelBits;
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_protocol = RTPROT_STATIC;
  header.rtm_scope = RT_SCOPE_UNIVERSE;
  header.rtm_type = RTN_UNICAST;
  message.header(header);
  put_labels(message, RTA_DST, {route.label});
  if (!route.swap.empty()) put_labels(message, RTA_NEWDST, route.swap);
  if (route.gateway) {
    std::uint8_t via[2 + 16] = {};
    const std::uint16_t family = family_number(route.gateway->family);
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&family), 2, via);
    std::copy_n(route.gateway->bytes.begin(), route.gateway->size(), via + 2);
    message.put_bytes(RTA_VIA, via, 2 + route.gateway->size());
  }
  if (route.ifindex != 0) message.put_u32(RTA_OIF, route.ifindex);
  return message;
}

Message new_mpls_route(const MplsRoute& route) {
  return mpls_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
}
Message delete_mpls_route(const MplsRoute& route) {
  return mpls_message(RTM_DELROUTE, 0, route);
}

Message get_mpls_routes() {
  Message message(RTM_GETROUTE, 0);
  rtmsg header{};
  header.rtm_family = AF_MPLS;
  message.header(header);
  return message;
}

}  // namespace netyard
