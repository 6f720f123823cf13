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
#include "topology/setting.h"
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
  std::vector<Located<IpPrefix>> addresses;
  std::optional<Located<MacAddress>> mac;
  std::optional<Located<std::uint32_t>> mtu;
  std::optional<Located<std::string>> master;  // a bridge of the same node
  Traffic traffic;
  Location at;
};

struct Endpoint {
  Located<std::string> node;  // kHostNode for the host
  Interface interface;
  Location at;
};

struct Route {
  Located<IpPrefix> to;
  std::optional<Located<IpAddress>> via;
  std::optional<Located<std::string>> dev;
  std::optional<Located<std::uint32_t>> metric;
  std::optional<Located<std::uint32_t>> table;
  std::optional<Located<IpAddress>> source;
  Location at;
};

struct Sysctl {
  std::string key;   // as written
  std::string path;  // "net/ipv4/ip_forward"
  std::string value;
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

struct Node {
  Located<std::string> name;
  NodeKind kind = NodeKind::host;
  std::vector<Interface> interfaces;
  std::vector<Route> routes;
  std::vector<Sysctl> sysctls;
  std::vector<Exec> exec;
  std::vector<Run> run;
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
  std::optional<Endpoint> parent;  // `parent: IF`, `parent: host:IF`
  std::vector<Setting> settings;
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
  Routing routing = Routing::none;
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
};

/// Reads a topology file into `file`; all mistakes go to diagnostics. Pure but for `read`. Paths on
/// the host begin at the directory of the file that says them, and are made absolute by their text.
File load(const std::string& path, const FileReader& read, const LoadOptions& options,
          Diagnostics& diagnostics);

/// Empty when the name will do for a lab or a node (letters, digits, '_', '-'; begins with a letter
/// or digit; at most 63 bytes); else what is wrong with it.
std::string name_problem(const std::string& name);

}  // namespace netyard::spec
