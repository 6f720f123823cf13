// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "netlink/message.h"
#include "netlink/socket.h"

namespace netyard {

/// The number of a generic netlink family ("wireguard") in the socket's namespace; nullopt when the
/// kernel has none. The socket is one of NETLINK_GENERIC. net/netlink/genetlink.c.
std::optional<std::uint16_t> find_generic_family(Socket& socket, const char* name);

/// A request of a generic netlink family.
Message generic_message(std::uint16_t family, std::uint8_t command, std::uint8_t version);

}  // namespace netyard
