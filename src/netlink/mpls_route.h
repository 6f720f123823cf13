// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"

namespace netyard {

class Message;

/// What happens to packets that come with an MPLS label. net/mpls/af_mpls.c; needs
/// net.mpls.platform_labels above the label and net.mpls.conf.IF.input.
struct MplsRoute {
  std::uint32_t label = 0;
  std::vector<std::uint32_t> swap;   // the labels it gets instead; none: popped
  std::optional<IpAddress> gateway;  // nullopt: out of the link as it is; by lo: taken in here
  std::uint32_t ifindex = 0;
  friend bool operator==(const MplsRoute&, const MplsRoute&) = default;
};

/// Words of ip-route(8) without the device: "100 as 200/300 via inet 10.0.0.1".
std::string to_string(const MplsRoute& route);

/// RTM_NEWROUTE of AF_MPLS, NLM_F_CREATE|NLM_F_EXCL, protocol static.
Message new_mpls_route(const MplsRoute& route);
/// RTM_DELROUTE.
Message delete_mpls_route(const MplsRoute& route);
/// RTM_GETROUTE dump of AF_MPLS; a kernel without it dumps nothing.
Message get_mpls_routes();

}  // namespace netyard
