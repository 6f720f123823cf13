// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "netlink/link.h"
#include "netlink/socket.h"

namespace netyard {

/// How a link makes its IPv6 addresses.
struct Link6State {
  AddressGeneration generation = AddressGeneration::eui64;
  std::optional<IpAddress> token;
};

/// Of the links that have IPv6, by ifindex. Empty on a kernel without. net/ipv6/addrconf.c.
std::map<std::uint32_t, Link6State> observe_links6(Socket& socket);

}  // namespace netyard
