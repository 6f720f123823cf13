// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netlink/address.h"
#include "netlink/link.h"
#include "netlink/socket.h"

namespace netyard {

/// What the kernel shows of the namespace a socket lives in: our own strict dumps, decoded by
/// libnl-route. Each is one consistent dump. Throws Error.
std::vector<LinkState> observe_links(Socket& socket);
std::vector<AddressState> observe_addresses(Socket& socket);
/// One link by name; nullopt when there is none.
std::optional<LinkState> observe_link(Socket& socket, const std::string& name);

}  // namespace netyard
