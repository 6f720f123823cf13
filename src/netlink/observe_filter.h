// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netlink/filter.h"
#include "netlink/socket.h"

namespace netyard {

/// A filter as the kernel shows it.
struct FilterState {
  std::string name;      // of its kind: "u32", "flower"
  std::string unsaid;    // what of it `filter` has no word for; "" when it says all
  TrafficFilter filter;  // right as far as `unsaid` is empty
};

/// The filters that stand at a queueing discipline or a class of a link, in the order in which they
/// are tried. net/sched/cls_api.c.
std::vector<FilterState> observe_filters(Socket& socket, std::uint32_t ifindex,
                                         std::uint32_t parent);

}  // namespace netyard
