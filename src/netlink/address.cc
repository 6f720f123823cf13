// SPDX-License-Identifier: Apache-2.0
#include "netlink/address.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "netlink/message.h"

namespace netyard {
namespace {

std::uint8_t scope_of(const IpAddress& address) {
  if (address.is_loopback()) return RT_SCOPE_HOST;
  return address.is_link_local() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

Message address_message(std::uint16_t type, std::uint16_t flags, const Address& address) {
  Message message(type, flags);
  const IpPrefix& prefix = address.prefix;
  ifaddrmsg header{};
  header.ifa_family = prefix.family() == Family::ipv4 ? AF_INET : AF_INET6;
  header.ifa_prefixlen = prefix.length;
  header.ifa_scope = scope_of(prefix.address);
  header.ifa_index = address.ifindex;
  message.header(header);
  message.put(IFA_LOCAL, prefix.address);
  message.put(IFA_ADDRESS, prefix.address);
  return message;
}

}  // namespace

Message new_address(const Address& address) {
  Message message = address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address);
  const bool loopback = address.prefix.address.is_loopback();
  if (const auto broadcast = address.prefix.broadcast(); broadcast && !loopback) {
    message.put(IFA_BROADCAST, *broadcast);
  }
  if (!address.dad && address.prefix.family() == Family::ipv6) {
    message.put_u32(IFA_FLAGS, IFA_F_NODAD);
  }
  return message;
}

Message delete_address(const Address& address) {
  return address_message(RTM_DELADDR, 0, address);
}

Message get_addresses() {
  Message message(RTM_GETADDR, 0);
  message.header(ifaddrmsg{});
  return message;
}

}  // namespace netyard
