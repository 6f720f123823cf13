// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/snapshot.h"
#include "topology/plan.h"

namespace netyard::test {

inline LinkState as_made(const Topology& topology, const Interface& interface) {
  LinkState out;
  out.ifindex = interface.ifindex;
  out.name = interface.name;
  out.kind = interface.kind == "loopback" ? "" : interface.kind;
  out.mac = interface.mac;
  out.mtu = interface.mtu != 0 ? interface.mtu : 1500;
  out.up = interface.details.up;
  out.master = interface.master;
  if (interface.peer) out.parent = topology.interface(*interface.peer).ifindex;
  return out;
}

/// What the kernel would show of a lab of veth pairs and bridges that was just made.
inline Snapshot as_made(const Topology& topology) {
  Snapshot out;
  for (const auto& node : topology.nodes) {
    LiveNode& live = out[node.name];
    live.there = true;
    for (const auto& interface : node.interfaces) {
      live.links.push_back(as_made(topology, interface));
      for (const auto& address : interface.addresses) {
        AddressState state;
        state.ifindex = interface.ifindex;
        state.prefix = address.value;
        state.permanent = true;
        state.nodad = true;
        live.addresses.push_back(state);
      }
    }
    for (const auto& route : node.routes) live.routes.push_back({route.route, 4});
    for (const auto& rule : node.rules) live.rules.push_back({rule.value, 4});
    for (const auto* sysctls : {&node.early_sysctls, &node.late_sysctls}) {
      for (const auto& sysctl : *sysctls) live.sysctls[sysctl.path] = sysctl.value;
    }
  }
  return out;
}

}  // namespace netyard::test
