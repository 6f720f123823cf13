// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netlink/mpls_route.h"
#include "netlink/neighbor.h"
#include "netlink/nexthop.h"
#include "netlink/route.h"
#include "netlink/rule.h"
#include "netlink/socket.h"

namespace netyard {

/// A route as the kernel shows it.
struct RouteState {
  Route route;
  std::uint8_t protocol = 0;  // RTPROT_KERNEL (2): the kernel made it along with an address
  std::string unsaid;         // what of it `route` has no word for; "" when it says all
};

struct RuleState {
  Rule rule;
  std::uint8_t protocol = 0;
};

struct NextHopState {
  NextHopObject nexthop;
  std::uint8_t protocol = 0;
  std::string unsaid;  // as of a route
};

/// What the kernel shows of the namespace a socket lives in, each one consistent dump. Decoded here
/// and not by libnl-route, which knows neither nexthop objects nor half of a rule. Throws Error.
/// Routes of all tables and types, without those the kernel keeps in `local` for addresses.
std::vector<RouteState> observe_routes(Socket& socket);
std::vector<RuleState> observe_rules(Socket& socket);
/// Entries in all states, then proxies; without those the kernel makes for multicast and loopback.
std::vector<Neighbor> observe_neighbors(Socket& socket);
/// Empty on a kernel without nexthop objects.
std::vector<NextHopState> observe_nexthops(Socket& socket);
/// Empty on a kernel without MPLS.
std::vector<MplsRoute> observe_mpls_routes(Socket& socket);

}  // namespace netyard
