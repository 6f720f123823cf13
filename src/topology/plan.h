// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/location.h"
#include "netlink/address.h"
#include "netlink/link.h"
#include "netlink/mpls_route.h"
#include "netlink/neighbor.h"
#include "netlink/nexthop.h"
#include "netlink/route.h"
#include "netlink/rule.h"
#include "topology/link_steps.h"
#include "topology/topology.h"

namespace netyard {

/// Makes and pins the namespace of a node.
struct CreateNamespace {
  NodeId node = 0;
  friend bool operator==(const CreateNamespace&, const CreateNamespace&) = default;
};
struct WriteSysctl {
  NodeId node = 0;
  std::string path;
  std::string value;
  friend bool operator==(const WriteSysctl&, const WriteSysctl&) = default;
};
/// Makes a link in `node`; the peer of a pair in peer_node. Sent through the socket of `through`,
/// where the parent is.
struct CreateLink {
  NodeId node = 0;
  NodeId through = 0;
  NodeId peer_node = 0;
  NewLink link;
  std::string host_parent;  // the parent's name when it is on the host
  friend bool operator==(const CreateLink&, const CreateLink&) = default;
};
/// Moves a link of the host into a node under a new name; set up there by a ChangeLink of its own.
struct TakeLink {
  NodeId node = 0;
  std::string host_name;
  std::string name;
  std::uint32_t ifindex = 0;
  friend bool operator==(const TakeLink&, const TakeLink&) = default;
};
struct ChangeLink {
  NodeId node = 0;
  LinkChange change;
  std::string
      name;  // of the link; on the host it stands in for the ifindex, which only the kernel knows
  friend bool operator==(const ChangeLink&, const ChangeLink&) = default;
};
struct AddAddress {
  NodeId node = 0;
  Address address;
  std::string link;
  friend bool operator==(const AddAddress&, const AddAddress&) = default;
};
struct AddRoute {
  NodeId node = 0;
  Route route;
  bool computed = false;
  bool replace = false;  // the one that has its place
  friend bool operator==(const AddRoute&, const AddRoute&) = default;
};
struct AddMplsRoute {
  NodeId node = 0;
  MplsRoute route;
  friend bool operator==(const AddMplsRoute&, const AddMplsRoute&) = default;
};
struct AddNextHop {
  NodeId node = 0;
  NextHopObject nexthop;
  bool replace = false;  // the one that has its number
  friend bool operator==(const AddNextHop&, const AddNextHop&) = default;
};
struct AddRule {
  NodeId node = 0;
  Rule rule;
  friend bool operator==(const AddRule&, const AddRule&) = default;
};
struct AddNeighbor {
  NodeId node = 0;
  Neighbor neighbor;
  friend bool operator==(const AddNeighbor&, const AddNeighbor&) = default;
};
/// Waits until duplicate address detection is through with an address.
struct AwaitAddress {
  NodeId node = 0;
  IpAddress address;
  std::string link;
  friend bool operator==(const AwaitAddress&, const AwaitAddress&) = default;
};
struct RunCommand {
  NodeId node = 0;
  std::vector<std::string> argv;
  friend bool operator==(const RunCommand&, const RunCommand&) = default;
};

/// Loads the ruleset of a node, or on the host the table that is ours.
struct LoadRuleset {
  NodeId node = 0;
  std::vector<std::string> drop;  // tables that go in the same transaction: "inet filter"
  friend bool operator==(const LoadRuleset&, const LoadRuleset&) = default;
};

/// Makes the files that nodes see in /etc: all of Topology::etc and Node::etc.
struct WriteEtc {
  NodeId node = kHost;  // it is done for all from there
  friend bool operator==(const WriteEtc&, const WriteEtc&) = default;
};

/// Makes a qdisc, a class of one, or a filter.
struct ShapeLink {
  NodeId node = 0;
  std::string link;
  std::variant<Qdisc, TrafficFilter> object;
  friend bool operator==(const ShapeLink&, const ShapeLink&) = default;
};
struct SetOffloads {
  NodeId node = 0;
  std::string link;
  std::uint32_t ifindex = 0;
  std::vector<OffloadSetting> offloads;
  friend bool operator==(const SetOffloads&, const SetOffloads&) = default;
};

/// Starts a workload and waits until it is ready.
struct StartWorkload {
  NodeId node = 0;
  std::size_t service = 0;  // index into Topology::services
  friend bool operator==(const StartWorkload&, const StartWorkload&) = default;
};

struct GoneLink {
  std::uint32_t ifindex = 0;
  friend bool operator==(const GoneLink&, const GoneLink&) = default;
};
struct GoneQdisc {
  std::uint32_t ifindex = 0;
  friend bool operator==(const GoneQdisc&, const GoneQdisc&) = default;
};
/// What a FillTable put there.
struct GoneEntry {
  std::uint32_t ifindex = 0;
  std::variant<AlternativeNames, FdbEntry, MdbEntry> what;
  friend bool operator==(const GoneEntry&, const GoneEntry&) = default;
};
/// Takes away what the file has no more, by one message of rtnetlink. Gone already is no failure.
struct Remove {
  NodeId node = 0;
  std::string link;  // its name, where it is about one
  std::variant<GoneLink, GoneQdisc, GoneEntry, Address, Route, Rule, Neighbor, NextHopObject,
               MplsRoute>
      what;
  friend bool operator==(const Remove&, const Remove&) = default;
};
/// Deletes the namespace of a node that the file has no more.
struct DeleteNamespace {
  NodeId node = kHost;
  std::string name;
  std::string netns;
  friend bool operator==(const DeleteNamespace&, const DeleteNamespace&) = default;
};
/// Moves a link of the host back there.
struct GiveBackLink {
  NodeId node = kHost;
  std::string netns;
  std::string name;       // there
  std::string host_name;  // on the host
  std::uint32_t host_ifindex = 0;
  bool was_up = false;
  friend bool operator==(const GiveBackLink&, const GiveBackLink&) = default;
};
/// Deletes the nftables table of the host that is ours.
struct DropHostTable {
  NodeId node = kHost;
  std::string table;
  friend bool operator==(const DropHostTable&, const DropHostTable&) = default;
};
/// Ends a workload that the file has no more.
struct EndWorkload {
  NodeId node = kHost;
  std::string id;  // "NODE/NAME"
  friend bool operator==(const EndWorkload&, const EndWorkload&) = default;
};

using Operation =
    std::variant<CreateNamespace, WriteSysctl, CreateLink, TakeLink, ChangeLink, AddAddress,
                 AddRoute, LoadRuleset, WriteEtc, RunCommand, StartWorkload, AddMplsRoute,
                 AddNextHop, AddRule, AddNeighbor, AwaitAddress, FillTable, CreateDevice,
                 SetWireGuard, ShapeLink, SetOffloads, SetMacsec, Remove, DeleteNamespace,
                 GiveBackLink, DropHostTable, EndWorkload>;

struct Step {
  Operation operation;
  Location origin;
  friend bool operator==(const Step&, const Step&) = default;
};

/// The steps of an `up`, in an order the kernel accepts: namespaces with their first sysctls;
/// links; rulesets; then node by node changes, shaping, addresses, routes, late sysctls; what needs
/// the other ends to be up: nexthops and their routes, and the end of address detection; files in
/// /etc; commands; workloads last.
struct Plan {
  std::string lab;
  std::vector<Step> steps;
  bool again = false;  // of a lab that is there: some of it may be done already
};

/// The node a step works in.
NodeId node_of(const Operation& operation);

Plan make_plan(const Topology& topology);

/// The words of steps of layer 3, without " in NODE"; nullopt for other steps.
std::optional<std::string> layer3_words(const Topology& topology, const Operation& operation);
/// Name of the interface of a node with a number; "if7" when there is none.
std::string interface_name(const Topology& topology, NodeId node, std::uint32_t ifindex);

/// One line for a step: "add address 10.0.0.1/24 to eth0 in h1".
std::string describe(const Topology& topology, const Operation& operation);
/// What an Error about the step calls its operation and its object: "add address", "10.0.0.1/24 to
/// eth0 in h1".
std::string operation_of(const Operation& operation);
std::string object_of(const Topology& topology, const Operation& operation);
/// What takes an operation back in words: "route 10.0.0.0/8 via 10.0.1.1 dev eth0".
std::string removal_words(const Topology& topology, const Remove& remove);
/// The whole plan, one line a step: "+ add route 10.0.2.0/24 via 10.0.1.1 dev eth0 in h1
/// (computed)".
std::string render_plan(const Topology& topology, const Plan& plan);

}  // namespace netyard
