// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/ip.h"
#include "netlink/socket.h"

namespace netyard {

struct AwaitedAddress {
  IpAddress address;
  std::string link;
  std::string node;           // for messages
  std::uint32_t ifindex = 0;  // 0: found by the name
};

/// Returns when duplicate address detection (RFC 4862, 5.4) has passed an address, or when
/// interrupted. Throws Error when another node has the address, or when it takes so long that
/// something is wrong.
void await_address(Socket& socket, const AwaitedAddress& awaited,
                   const std::function<bool()>& interrupted);

}  // namespace netyard
