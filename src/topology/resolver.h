// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "topology/topology.h"

namespace netyard {

/// The layer-2 side of resolve(): nodes, interfaces, links; everything named and numbered.
class Resolver {
 public:
  Resolver(const spec::File& file, Diagnostics& diagnostics, const InterfaceNumbers& numbers)
      : file_(file), diagnostics_(diagnostics), numbers_(numbers) {
    for (const auto& [name, number] : numbers) next_ifindex_ = std::max(next_ifindex_, number + 1);
  }
  Topology run();

 private:
  /// What a file says of an end, and which node that is.
  struct End {
    NodeId node = 0;
    const spec::Endpoint* spec = nullptr;
  };

  void add_nodes();
  NodeId add_node(const spec::Node& node);
  void add_switch_bridge(NodeId id, const spec::Node& node);
  void add_sysctls();
  void note_names();
  void note_name(const spec::Endpoint& endpoint);

  std::optional<End> find_end(const spec::Endpoint& endpoint);
  std::string name_for(const End& end, const char* stem);
  std::optional<InterfaceRef> add_end(const End& end, const char* kind, std::uint32_t mtu);
  void add_details(InterfaceRef ref, Interface& interface, const spec::Interface& details);
  std::uint32_t add_bridge(NodeId node, const std::string& name,
                           const std::vector<spec::Setting>& fields, const Location& at);
  std::uint32_t number_of(NodeId node, const std::string& interface) {
    const auto found = numbers_.find(topology_.nodes[node].name + ":" + interface);
    return found != numbers_.end() ? found->second : next_ifindex_++;
  }

  void add_links();
  void add_pair(const spec::Link& link);
  void add_single(const spec::Link& link);
  void add_physical(const spec::Link& link);
  bool set_parent(const spec::Link& link, TopologyLink& out);
  void join(InterfaceRef a, InterfaceRef b, const spec::Link& link);
  void share_traffic(const spec::SharedTraffic& shared, std::span<const InterfaceRef> ends);
  void add_networks();
  void add_uplinks();
  void add_uplink(NodeId id, const spec::Node& node);
  void add_network(const spec::Network& network);
  std::optional<InterfaceRef> add_segment_port(const spec::Network& network,
                                               const spec::Endpoint& endpoint,
                                               std::uint32_t bridge);
  NodeId segments_node(const Location& at);

  std::optional<std::uint32_t> find_interface(NodeId node, const Located<std::string>& name);
  const TopologyLink* link_of(NodeId node, std::uint32_t ifindex) const;
  void apply_parents();
  void apply_masters();
  void apply_details();
  void name_interfaces();
  void add_port_settings(InterfaceRef ref, const spec::LinkDetails& given);
  void add_vlans(InterfaceRef ref, const spec::Interface& spec);
  void add_fdb(InterfaceRef ref, const spec::Fdb& given);
  void add_mdb(InterfaceRef ref, const spec::Mdb& given);
  void check_unused_details();
  void give_macs();

  const spec::File& file_;
  Diagnostics& diagnostics_;
  const InterfaceNumbers& numbers_;
  Topology topology_;
  std::unordered_map<std::string, NodeId> by_name_;
  std::vector<std::unordered_map<std::string, std::uint32_t>>
      interfaces_;                                         // by node: name -> index
  std::vector<std::unordered_set<std::string>> reserved_;  // names that the file uses
  std::vector<std::unordered_map<std::string, const spec::Interface*>> details_;
  struct Master {
    InterfaceRef port;
    Located<std::string> bridge;
  };
  std::vector<Master> masters_;
  struct Parent {
    std::size_t link;  // into Topology::links
    Located<std::string> name;
  };
  std::vector<Parent> parents_;
  std::vector<std::pair<InterfaceRef, spec::Interface>> described_;
  std::unordered_map<std::string, Location> taken_;  // host links
  std::uint32_t next_ifindex_ = 100;                 // below, distributions' tunnels may already be
  std::uint32_t next_port_ = 1;
  std::optional<NodeId> segments_;
};

inline constexpr const char* kSwitchBridge = "br0";
inline constexpr const char* kSegmentsNode = "_networks";

/// Numbers the layer-2 segments (Interface::segment) and tells which may have ends that the file
/// does not show. Index is the segment.
std::vector<bool> number_segments(Topology& topology);

/// Deals out addresses from the file's subnets.
void deal_addresses(const spec::File& file, Topology& topology, Diagnostics& diagnostics);

/// Finds the workloads that others wait for, and an order to start them in that keeps to it and
/// else to the file.
void resolve_services(const spec::File& file, Topology& topology, Diagnostics& diagnostics);

/// Writes the files that nodes see in /etc.
void resolve_names(const spec::File& file, Topology& topology, Diagnostics& diagnostics);

/// Writes the rulesets of nodes and of the host: `nftables:`, `nat:` and `uplink:`.
void resolve_rulesets(const spec::File& file, Topology& topology, Diagnostics& diagnostics);
/// Notes which wireguard links are peers, for the segments.
void join_wireguard(const spec::File& file, Topology& topology, Diagnostics& diagnostics);
/// Settles with whom wireguard links speak, and where those are.
void resolve_wireguard(const spec::File& file, Topology& topology, Diagnostics& diagnostics);
/// The same of macsec links.
void join_macsec(const spec::File& file, Topology& topology, Diagnostics& diagnostics);
void resolve_macsec(const spec::File& file, Topology& topology, Diagnostics& diagnostics);

/// Gives tunnels the MTU that what is below leaves them, and checks those of the file.
void settle_mtus(Topology& topology, Diagnostics& diagnostics);

/// Looks for links that cannot stand on each other, or not beside each other.
void check_links(const Topology& topology, Diagnostics& diagnostics);

/// Gives hosts on large segments no link-local address, and warns of those where IPv6 will cost
/// much all the same.
void settle_segment_sizes(Topology& topology, Diagnostics& diagnostics);

/// Looks for what is wrong with a topology as a whole.
void check_topology(const spec::File& file, const Topology& topology, Diagnostics& diagnostics);

/// A locally administered unicast MAC from names: the same names give the same one, for ever.
MacAddress mac_from_names(const std::string& lab, const std::string& node,
                          const std::string& interface, unsigned attempt);

}  // namespace netyard
