// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "topology/topology.h"

namespace netyard {

/// Finds what hops, tables and neighbours of a file mean in a topology. Mistakes go to diagnostics;
/// the answer is then nullopt or nullptr.
class HopResolver {
 public:
  /// `open`: see number_segments().
  HopResolver(const std::vector<bool>& open, const Topology& topology, Diagnostics& diagnostics);

  /// A way out for packets of a family: the interface, and a gateway that is there.
  std::optional<NextHop> resolve(const Node& node, const spec::Hop& hop, Family family);
  /// The interface of a node with a name.
  const Interface* named(const Node& node, const Located<std::string>& name);
  /// The interface of a node that an address is reached through, the longest prefix decides;
  /// `device` allows but one. Says nothing when there is none.
  static const Interface* towards(const Node& node, const Interface* device,
                                  const IpAddress& address);
  /// "it is in 10.0.0.0/24, …".
  static std::string subnets_of(const Node& node);
  /// The table of a VRF of a node.
  std::optional<std::uint32_t> vrf_table(const Node& node, const Located<std::string>& vrf);
  /// Table of `table` or `vrf`, of which there is at most one; `usual` when there is none.
  std::optional<std::uint32_t> table(const Node& node,
                                     const std::optional<Located<std::uint32_t>>& table,
                                     const std::optional<Located<std::string>>& vrf,
                                     std::uint32_t usual);
  /// Who has an address on the segment of an interface; nullptr when nobody of the lab.
  const Interface* owner(const Interface& interface, const IpAddress& address) const;

 private:
  struct Owner {
    const Node* node;
    const Interface* interface;
  };
  std::optional<NextHop> through(const Node& node, const Interface* device, const spec::Hop& hop);
  bool is_own(const Node& node, const Located<IpAddress>& via);
  void check_owner(const Interface& interface, const Located<IpAddress>& via);

  const std::vector<bool>& open_;
  const Topology& topology_;
  Diagnostics& diagnostics_;
  std::map<std::pair<std::uint32_t, IpAddress>, Owner> owners_;
};

/// The table of a VRF, from the link that makes it; nullopt for an interface that is none.
std::optional<std::uint32_t> vrf_table_of(const Topology& topology, NodeId node,
                                          const Interface& interface);

/// Turns what the file says of interfaces beyond links into what is set: DAD, sysctls, tokens.
void resolve_interfaces(const spec::File& file, Topology& topology, Diagnostics& diagnostics);
/// Fill in Node::nexthops, routes, mpls_routes, rules and neighbors of one node of the file.
void resolve_nexthops(const spec::Node& from, Node& node, HopResolver& hops,
                      Diagnostics& diagnostics);
void resolve_routes(const spec::Node& from, Node& node, HopResolver& hops,
                    Diagnostics& diagnostics);
void resolve_rules(const spec::Node& from, Node& node, HopResolver& hops, Diagnostics& diagnostics);
void resolve_neighbors(const spec::Node& from, Node& node, HopResolver& hops,
                       Diagnostics& diagnostics);

}  // namespace netyard
