// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "netlink/address.h"
#include "netlink/socket.h"

namespace netyard {

using InterfaceNames = std::map<std::uint32_t, std::string>;  // by ifindex

/// What the kernel holds, in the keys and words that a topology file would say it with, and
/// `protocol` to tell who made it. Interfaces have their names.
nlohmann::json address_words(const AddressState& address);
/// `routes`, `mpls`, `nexthops`, `rules` and `neighbors` of the namespace of a socket, lists.
nlohmann::json layer3_words(Socket& socket, const InterfaceNames& names);

}  // namespace netyard
