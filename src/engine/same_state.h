// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "netlink/address.h"
#include "netlink/observe_layer3.h"

namespace netyard {

/// Whether what the kernel shows is what a file asked for. What the file leaves to the kernel (the
/// metric of an IPv6 route, the link behind a gateway) is as it should be, whatever it is.

/// The same place in a table: a second one of it cannot be.
bool same_place(const Route& wanted, const Route& live);
bool same_route(const Route& wanted, const Route& live);
bool same_rule(const Rule& wanted, const Rule& live);
bool same_neighbor(const Neighbor& wanted, const Neighbor& live);
bool same_nexthop(const NextHopObject& wanted, const NextHopObject& live);
/// Of the same address and prefix on the same link.
bool same_address(const Address& wanted, const AddressState& live);
/// Values of sysctls: blanks of any kind and number are the same.
bool same_sysctl(const std::string& wanted, const std::string& live);

}  // namespace netyard
