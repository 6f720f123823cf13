// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/location.h"
#include "netlink/link.h"
#include "netlink/route.h"
#include "process/service.h"
#include "topology/planned_details.h"
#include "topology/spec.h"
#include "topology/traffic.h"

namespace netyard {

/// NodeId is an index into Topology::nodes. Node 0 is always the host: the namespace netyard was
/// started in.
inline constexpr NodeId kHost = 0;

enum class NodeKind { host, router, switch_, segments };
const char* to_string(NodeKind kind);

struct Interface {
  std::string name;
  std::uint32_t ifindex = 0;      // unique in the lab; 0 on the host: the kernel chooses; lo is 1
  std::string kind;               // "veth", "bridge", …, "physical", "loopback"
  std::optional<MacAddress> mac;  // chosen by us for veth ends and bridges, from the names
  std::uint32_t mtu = 0;
  std::uint32_t master = 0;  // ifindex of the bridge, bond or vrf
  const LinkKind* master_kind = nullptr;
  InterfaceDetails details;
  std::vector<InterfaceAddress> addresses;
  std::optional<InterfaceRef> peer;
  std::uint32_t segment = 0;  // the layer-2 segment; 0: none (lo)
  std::uint32_t cost = 0;     // of the way out, for computed routes; 0: not said, 1
  std::optional<bool> dad;    // nullopt: as its node
  std::optional<Located<AddressGeneration>> address_generation;
  std::optional<Located<IpAddress>> token;
  std::vector<spec::Sysctl> sysctls;      // before it is up
  std::vector<spec::Neighbor> neighbors;  // as the file says them
  spec::Traffic traffic;                  // of what it sends, as the file says it
  Shaping shaping;                        // and what is made of it
  Location at;
};

struct PlannedRoute {
  Route route;
  bool computed = false;  // by `routing: static`
  Location at;
};

/// What nft(8) is to load in a node, line by line, each with its place in the file.
struct Ruleset {
  std::string title;  // "nftables, masquerade eth0"
  std::vector<Located<std::string>> lines;
  std::string text() const;
};

/// A file that a node sees in the place of /etc/NAME.
struct EtcFile {
  std::string name;
  std::string text;
  friend bool operator==(const EtcFile&, const EtcFile&) = default;
};

struct Node {
  std::string name;
  NodeKind kind = NodeKind::host;
  std::string netns;                  // under /run/netns: "LAB.NODE"; "" for the host
  std::vector<Interface> interfaces;  // lo first, but on the host
  std::vector<PlannedRoute> routes;
  std::vector<Located<MplsRoute>> mpls_routes;
  std::vector<Located<NextHopObject>> nexthops;  // members before their groups
  std::vector<Located<Rule>> rules;
  std::vector<Located<Neighbor>> neighbors;
  std::vector<spec::Sysctl> early_sysctls;  // before any link is made
  std::vector<spec::Sysctl> late_sysctls;   // name an interface: when it is there
  std::vector<spec::Exec> exec;
  std::vector<EtcFile> etc;  // its own, instead of the lab's of the same name
  bool sees_lab_hosts = true;
  std::optional<Ruleset> ruleset;
  std::string uplink;  // its interface; "": none
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
  std::optional<PlannedWireGuard> wireguard;
  std::optional<PlannedMacsec> macsec;  // has peers, or a key
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
  std::vector<EtcFile> etc;              // of all nodes: hosts, resolv.conf
  std::string host_table;                // nftables table of the host that is ours; "": none

  const Interface& interface(InterfaceRef ref) const {
    return nodes[ref.node].interfaces[ref.index];
  }
  Interface& interface(InterfaceRef ref) { return nodes[ref.node].interfaces[ref.index]; }
};

/// Numbers that interfaces have already, by "NODE:INTERFACE": of a lab that is up. The others get
/// such as are free.
using InterfaceNumbers = std::map<std::string, std::uint32_t>;

/// Decides all that the file leaves open, and checks what can be checked before any change. Pure
/// and deterministic: the same file gives the same topology, but for the numbers of interfaces that
/// are there. Mistakes go to diagnostics.
Topology resolve(const spec::File& file, Diagnostics& diagnostics,
                 const InterfaceNumbers& numbers = {});

/// Adds routes of least cost for every subnet to every node (`routing: static`), VRF by VRF.
/// Equally cheap ways become multipath routes; a host with one way out gets a default route
/// instead.
void add_static_routes(Topology& topology);

}  // namespace netyard
