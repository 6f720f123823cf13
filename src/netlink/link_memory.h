// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netlink/socket.h"

namespace netyard {

/// What the kernel forgets when a link goes down, and what is not of its own making: routes through
/// the link and its IPv6 addresses. Each as the bytes of the message that makes it again, in
/// hexadecimal digits: what `ip route save` keeps.
std::vector<std::string> save_link_memory(Socket& socket, std::uint32_t ifindex);

/// Makes them again on the link, which is up. What is there already stays. The refusals.
std::vector<Ack> restore_link_memory(Socket& socket, const std::vector<std::string>& saved);

}  // namespace netyard
