// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <vector>

#include "netlink/observe_bridge.h"
#include "netlink/observe_filter.h"
#include "topology/link_steps.h"

namespace netyard {

/// The tables of bridges and links of a namespace, as far as a file fills any, and the filters of
/// links to which a file gives some, by ifindex.
struct LiveTables {
  std::map<std::uint32_t, std::vector<BridgeVlan>> vlans;
  std::vector<FdbState> fdb;
  std::vector<MdbState> mdb;
  std::map<std::uint32_t, std::vector<FilterState>> filters;
};

/// Whether the tables of a link have what a step fills in; more may be there.
bool is_filled(const FillTable& fill, const LinkState& link, const LiveTables& live);
/// Whether a link has a filter that does the same.
bool has_filter(const TrafficFilter& wanted, std::uint32_t ifindex, const LiveTables& live);

}  // namespace netyard
