// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "base/ip.h"
#include "base/location.h"
#include "netlink/kind.h"
#include "process/service.h"
#include "topology/link_details.h"
#include "topology/setting.h"
#include "topology/spec_layer3.h"
#include "topology/traffic.h"

/// What a topology file says, value by value with its place: defaults, includes and variables are
/// already applied, nothing is resolved yet.
namespace netyard::spec {

enum class NodeKind { host, router, switch_ };
const char* to_string(NodeKind kind);

/// The word that names the namespace netyard was started in, in `host:IF` endpoints.
inline constexpr const char* kHostNode = "host";

/// What may be said of an interface: in a node's `interfaces:`, or in an endpoint written at
/// length.
struct Interface {
  Located<std::string> name;  // "" in an endpoint: the next free ethN
  std::vector<InterfaceAddress> addresses;
  std::optional<Located<MacAddress>> mac;
  std::optional<Located<std::uint32_t>> mtu;
  std::optional<Located<std::string>> master;  // a bridge, bond or vrf of the same node
  LinkDetails details;
  std::optional<bool> dad;
  std::optional<Located<AddressGeneration>> address_generation;
  std::optional<Located<IpAddress>> token;
  std::optional<Located<std::uint32_t>> cost;
  std::vector<Sysctl> sysctls;
  std::vector<Neighbor> neighbors;
  Traffic traffic;
  Location at;
};

struct Endpoint {
  Located<std::string> node;  // kHostNode for the host
  Interface interface;
  Location at;
};

/// A one-shot command after wiring.
struct Exec {
  std::vector<std::string> argv;
  Location at;
};

/// Where the file says what of a workload: by key and, in a list or a mapping, by word, as
/// WorkloadProblem names them.
class Places {
 public:
  /// The first place that is noted for a key and a word counts.
  void note(const std::string& key, const std::string& word, const Location& at) {
    places_.try_emplace({key, word}, at);
  }
  /// The place of the word, else of the key, else `fallback`.
  Location find(const std::string& key, const std::string& word, const Location& fallback) const;

 private:
  std::map<std::pair<std::string, std::string>, Location> places_;
};

/// A workload of `run:`. Its paths on the host are absolute; Service::after is empty still.
struct Run {
  Service service;
  std::vector<Located<std::string>> after;  // NAME, NODE/NAME or NODE
  Places places;
  Location at;
};

/// A line of /etc/hosts beyond the lab's own nodes.
struct HostEntry {
  Located<std::string> name;
  IpAddress address;
};

/// `hosts:` of the file or of a node.
struct Hosts {
  bool none = false;  // no /etc/hosts of netyard's: the host's is seen
  std::vector<HostEntry> entries;
};

/// `dns:`: what stands in /etc/resolv.conf. All empty: no name server.
struct Dns {
  std::vector<IpAddress> servers;
  std::vector<std::string> search;
  std::vector<std::string> options;
};

/// First and last, both in it.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

/// How a masquerading NAT treats peers, in the words of RFC 3489.
enum class NatType { port_restricted, restricted_cone, full_cone, symmetric };

/// One item of `nat:`. Which keys belong together is told by the one that is given of masquerade,
/// forward, one_to_one and cgnat.
struct Nat {
  std::optional<Located<std::string>> masquerade;  // the interface packets leave by
  std::optional<Located<IpPrefix>> from;
  NatType type = NatType::port_restricted;
  Family family = Family::ipv4;

  std::optional<Located<PortRange>> forward;      // ports
  std::vector<std::string> protocols;             // tcp, udp; none: tcp
  std::optional<Located<std::string>> interface;  // the interface with the outer addresses
  std::optional<Located<IpAddress>> to;           // the inner address …
  std::uint16_t to_port = 0;                      // … and its port; 0: the same
  bool hairpin = false;

  std::optional<Located<IpAddress>> one_to_one;  // the outer address

  std::optional<Located<std::string>> cgnat;  // the interface packets leave by
  std::optional<Located<IpPrefix>> subscribers;
  std::vector<Located<IpAddress>> addresses;  // none: the interface's own
  PortRange ports = {1024, 65535};
  std::uint32_t block = 1008;  // ports of a subscriber
  Location at;
};

/// A way to the outside: a veth to the host, which masquerades.
struct Uplink {
  std::string interface = "uplink";
  std::optional<Located<IpPrefix>> subnet;  // a /30; none: from the names
  Location at;
};

struct Node {
  Located<std::string> name;
  NodeKind kind = NodeKind::host;
  std::vector<Interface> interfaces;
  std::vector<Route> routes;
  std::vector<MplsRoute> mpls_routes;
  std::vector<NextHop> nexthops;
  std::vector<Rule> rules;
  std::vector<Neighbor> neighbors;
  bool dad = false;
  std::vector<Sysctl> sysctls;
  std::vector<Exec> exec;
  std::vector<Run> run;
  Hosts hosts;
  std::optional<Dns> dns;
  std::vector<Located<std::string>> nftables;  // lines, each with the place of its first byte
  std::vector<Nat> nat;
  std::vector<Sysctl> conntrack;
  std::optional<Uplink> uplink;
  std::vector<Setting> bridge;             // kind switch: fields of the bridge
  std::vector<Located<IpPrefix>> subnets;  // kind switch: `subnet:`
  Location at;
};

struct Link {
  const LinkKind* kind = nullptr;          // nullptr when physical
  bool physical = false;                   // `type: physical`
  Located<std::string> host_link;          // physical: name of the link on the host
  std::vector<Endpoint> endpoints;         // 2 for a pair, else 1
  std::vector<Located<IpPrefix>> subnets;  // at most one a family
  std::optional<Located<std::uint32_t>> mtu;
  std::optional<Located<std::uint32_t>> cost;  // of both ends
  std::optional<Endpoint> parent;              // `parent: IF`, `parent: host:IF`
  std::vector<Setting> settings;
  WireGuard wireguard;
  Macsec macsec;
  SharedTraffic traffic;
  Location at;
};

/// A segment with many ends and no switch of its own.
struct Network {
  Located<std::string> name;
  std::vector<Located<IpPrefix>> subnets;
  std::vector<Endpoint> endpoints;
  std::optional<Located<std::uint32_t>> mtu;
  std::vector<Setting> bridge;
  SharedTraffic traffic;
  Location at;
};

enum class Routing { none, static_ };

struct File {
  Located<std::string> name;
  std::string instance;  // LoadOptions
  Routing routing = Routing::none;
  Hosts hosts;
  std::optional<Dns> dns;
  std::vector<Node> nodes;  // in file order, included files first
  std::vector<Link> links;
  std::vector<Network> networks;
};

/// Gives the text of an included file, or throws Error. path is relative to nothing: already joined
/// with the directory of the including file.
using FileReader = std::function<std::string(const std::string& path)>;

struct LoadOptions {
  std::map<std::string, std::string> vars;  // --set; stronger than the file's
  std::string name;                         // --name; "" takes the file's, or the file's name
  std::string directory = "/";  // absolute: where a relative path of a topology file begins
  /// Not "": what sets this lab apart from others of its name that are up at the same time, on the
  /// host. Letters, digits and '_'.
  std::string instance;
};

/// Reads a topology file into `file`; all mistakes go to diagnostics. Pure but for `read`. Paths on
/// the host begin at the directory of the file that says them, and are made absolute by their text.
File load(const std::string& path, const FileReader& read, const LoadOptions& options,
          Diagnostics& diagnostics);

/// Empty when the name will do for a lab or a node (letters, digits, '_', '-'; begins with a letter
/// or digit; at most 63 bytes); else what is wrong with it.
std::string name_problem(const std::string& name);

}  // namespace netyard::spec
