// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/drift.h"
#include "engine/record.h"
#include "engine/same_tables.h"
#include "netlink/address.h"
#include "netlink/link.h"
#include "netlink/observe_devices.h"
#include "netlink/observe_layer3.h"
#include "topology/topology.h"

namespace netyard {

/// A namespace as the kernel has it.
struct LiveNode {
  bool there = false;
  bool stale = false;  // what a killed command left in its place
  std::vector<LinkState> links;
  std::vector<AddressState> addresses;
  std::vector<RouteState> routes;
  std::vector<RuleState> rules;
  std::vector<NextHopState> nexthops;
  std::vector<Neighbor> neighbors;
  std::vector<MplsRoute> mpls_routes;
  std::map<std::uint32_t, WireGuardState> wireguard;  // by ifindex, without secrets
  TrafficView traffic;
  LiveTables tables;
  std::map<std::string, std::string> sysctls;  // those that were asked for

  const LinkState* find(const std::string& link) const;
  const LinkState* find(std::uint32_t ifindex) const;
};

/// The namespaces of a lab by the names of their nodes, the host's too.
using Snapshot = std::map<std::string, LiveNode>;

/// Looks at all namespaces that the record knows, and for what the topologies name. A namespace
/// that is gone is not `there`. Throws Error when another one has the name of ours, or without the
/// right to look.
Snapshot take_snapshot(const LabRecord& record, const std::vector<const Topology*>& topologies);

}  // namespace netyard
