// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "netlink/socket.h"

namespace netyard {

/// The id by which the socket's namespace knows the one behind namespace_fd (RTM_GETNSID);
/// nullopt when it has none. ip-netns(8) "list-id".
std::optional<int> namespace_id(Socket& socket, int namespace_fd);

}  // namespace netyard
