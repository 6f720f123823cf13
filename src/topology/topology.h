// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/location.h"
#include "netlink/link.h"
#include "netlink/route.h"
#include "process/service.h"
#include "topology/spec.h"
#include "topology/traffic.h"

namespace netyard {

/// Index into Topology::nodes. Node 0 is always the host: the namespace netyard was started in.
using NodeId = std::uint32_t;
inline constexpr NodeId kHost = 0;

enum class NodeKind { host, router, switch_, segments };
const char* to_string(NodeKind kind);

struct InterfaceRef {
  NodeId node = 0;
  std::uint32_t index = 0;  // into Node::interfaces
  friend bool operator==(const InterfaceRef&, const InterfaceRef&) = default;
};

struct Interface {
  std::string name;
  std::uint32_t ifindex = 0;      // unique in the lab; 0 on the host: the kernel chooses; lo is 1
  std::string kind;               // "veth", "bridge", …, "physical", "loopback"
  std::optional<MacAddress> mac;  // chosen by us for veth ends and bridges, from the names
  std::uint32_t mtu = 0;
  std::uint32_t master = 0;  // ifindex of the bridge
  std::vector<Located<IpPrefix>> addresses;
  std::optional<InterfaceRef> peer;
  std::uint32_t segment = 0;  // the layer-2 segment; 0: none (lo)
  spec::Traffic traffic;      // of what it sends, as the file says it
  Shaping shaping;            // and what is made of it
  Location at;
};

struct PlannedRoute {
  Route route;
  bool computed = false;  // by `routing: static`
  Location at;
};

struct Node {
  std::string name;
  NodeKind kind = NodeKind::host;
  std::string netns;                  // under /run/netns: "LAB.NODE"; "" for the host
  std::vector<Interface> interfaces;  // lo first, but on the host
  std::vector<PlannedRoute> routes;
  std::vector<spec::Sysctl> early_sysctls;  // before any link is made
  std::vector<spec::Sysctl> late_sysctls;   // name an interface: when it is there
  std::vector<spec::Exec> exec;
  Location at;
};

/// A link to be made (or taken, for physical).
struct TopologyLink {
  const LinkKind* kind = nullptr;  // nullptr: physical
  InterfaceRef end;
  std::optional<InterfaceRef> peer;
  std::string host_link;  // physical: its name on the host
  NodeId parent_node = 0;
  std::uint32_t parent = 0;  // ifindex in parent_node; 0: none, or host_parent
  std::string host_parent;   // name on the host, where the ifindex is found at run time
  std::vector<FieldSetting> settings;
  Location at;
};

/// A workload, with its `after` as "NODE/NAME" of the workloads it waits for.
struct PlannedService {
  Service service;
  spec::Places places;  // of what the file says of it
  Location at;
};

/// A lab with everything decided: names, ifindexes, MACs, addresses, routes.
struct Topology {
  std::string name;
  std::vector<Node> nodes;
  std::vector<TopologyLink> links;
  std::vector<PlannedService> services;  // each behind all that it waits for

  const Interface& interface(InterfaceRef ref) const {
    return nodes[ref.node].interfaces[ref.index];
  }
  Interface& interface(InterfaceRef ref) { return nodes[ref.node].interfaces[ref.index]; }
};

/// Decides all that the file leaves open, and checks what can be checked before any change. Pure
/// and deterministic: the same file gives the same topology. Mistakes go to diagnostics.
Topology resolve(const spec::File& file, Diagnostics& diagnostics);

/// Adds shortest-path routes for every subnet to every node (`routing: static`). Equal paths become
/// multipath routes; a host with one way out gets a default route instead.
void add_static_routes(Topology& topology);

}  // namespace netyard
