// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netlink/qdisc.h"
#include "netlink/socket.h"

namespace netyard {

/// What a queueing discipline or a class counted (struct tc_stats of TCA_STATS2).
struct QdiscCounters {
  std::uint64_t bytes = 0;  // sent
  std::uint64_t packets = 0;
  std::uint64_t dropped = 0;
  std::uint64_t overlimits = 0;
  std::uint64_t requeues = 0;
  std::uint64_t backlog_bytes = 0;
  std::uint64_t backlog_packets = 0;
};

/// A queueing discipline, or a class, as the kernel shows it.
struct QdiscState {
  std::string name;  // of its kind
  Qdisc qdisc;       // kind: nullptr when it is none of ours; settings: in the kernel's precision
  QdiscCounters counters;
};

/// Every qdisc in the namespace of the socket, but those that the kernel gives by itself and hides.
std::vector<QdiscState> observe_qdiscs(Socket& socket);
/// The classes of one link.
std::vector<QdiscState> observe_classes(Socket& socket, std::uint32_t ifindex);

/// What a link counted (struct rtnl_link_stats64).
struct LinkCounters {
  std::uint32_t ifindex = 0;
  std::uint64_t rx_bytes = 0;
  std::uint64_t rx_packets = 0;
  std::uint64_t rx_dropped = 0;
  std::uint64_t rx_errors = 0;
  std::uint64_t tx_bytes = 0;
  std::uint64_t tx_packets = 0;
  std::uint64_t tx_dropped = 0;
  std::uint64_t tx_errors = 0;
};
std::vector<LinkCounters> observe_link_counters(Socket& socket);

}  // namespace netyard
