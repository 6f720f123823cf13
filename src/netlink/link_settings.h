// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "netlink/field.h"
#include "netlink/socket.h"

namespace netyard {

/// What a link is set to, as far as one attribute tells it: fields with layouts of their own are
/// passed over.
struct LinkSettings {
  Settings kind;    // of its kind
  Settings port;    // as a port of its master
  Settings common;  // of link_fields()
  std::vector<std::string> altnames;
};

/// Of every link in the namespace of the socket, by ifindex. Throws Error.
std::map<std::uint32_t, LinkSettings> observe_link_settings(Socket& socket);

}  // namespace netyard
