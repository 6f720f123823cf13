// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netlink/socket.h"

namespace netyard {

/// The attributes that the kernel shows of a link's kind (IFLA_INFO_DATA), or of it as a port of
/// its master (IFLA_INFO_SLAVE_DATA). Empty when there is no such link. Throws Error.
std::vector<std::uint16_t> shown_attributes(Socket& socket, const std::string& name, bool as_port);

}  // namespace netyard
