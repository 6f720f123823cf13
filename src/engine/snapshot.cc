// SPDX-License-Identifier: Apache-2.0
#include "engine/snapshot.h"

#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>

#include "base/error.h"
#include "engine/namespace_mark.h"
#include "netlink/generic.h"
#include "netlink/observe.h"
#include "netns/namespace.h"
#include "netns/pin.h"
#include "netns/sysctl.h"

namespace netyard {
namespace {

// What of a namespace is worth a dump: of most nodes no file says a word about rules.
struct Wanted {
  bool rules = false;
  bool nexthops = false;
  bool neighbors = false;
  bool mpls = false;
  bool tables = false;
  std::set<std::string> filters;  // interfaces that have some
  std::set<std::string> sysctls;
};

void add(const Node& node, Wanted& wanted) {
  wanted.rules |= !node.rules.empty();
  wanted.nexthops |= !node.nexthops.empty();
  wanted.neighbors |= !node.neighbors.empty();
  wanted.mpls |= !node.mpls_routes.empty();
  for (const auto* sysctls : {&node.early_sysctls, &node.late_sysctls}) {
    for (const auto& sysctl : *sysctls) wanted.sysctls.insert(sysctl.path);
  }
  for (const auto& interface : node.interfaces) {
    const InterfaceDetails& details = interface.details;
    wanted.tables |=
        !details.vlans.empty() || details.drop_vlan || !details.fdb.empty() || !details.mdb.empty();
    for (const auto& step : interface.shaping.steps) {
      if (std::holds_alternative<TrafficFilter>(step.object)) wanted.filters.insert(interface.name);
    }
    for (const auto& sysctl : interface.sysctls) wanted.sysctls.insert(sysctl.path);
  }
}

// Of the calling thread's namespace.
void look_at_wireguard(LiveNode& out) {
  std::optional<Socket> socket;
  std::optional<std::uint16_t> family;
  for (const auto& link : out.links) {
    if (link.kind != "wireguard") continue;
    if (!socket) {
      socket.emplace(NETLINK_GENERIC);
      family = find_generic_family(*socket, "wireguard");
    }
    if (family) out.wireguard[link.ifindex] = observe_wireguard(*socket, *family, link.ifindex);
  }
}

void look_at_filters(Socket& socket, const Wanted& wanted, LiveNode& out) {
  for (const auto& name : wanted.filters) {
    const LinkState* link = out.find(name);
    const QdiscState* root = link != nullptr ? out.traffic.root(link->ifindex) : nullptr;
    if (root == nullptr) continue;
    out.tables.filters[link->ifindex] = observe_filters(socket, link->ifindex, root->qdisc.handle);
  }
}

void look(Socket& socket, const Wanted& wanted, LiveNode& out) {
  out.there = true;
  out.links = observe_links(socket);
  look_at_wireguard(out);
  out.addresses = observe_addresses(socket);
  out.traffic = TrafficView(socket);
  if (!wanted.filters.empty()) look_at_filters(socket, wanted, out);
  if (wanted.tables) {
    out.tables.vlans = observe_bridge_vlans(socket);
    out.tables.fdb = observe_fdb(socket);
    out.tables.mdb = observe_mdb(socket);
  }
  out.routes = observe_routes(socket);
  if (wanted.rules) out.rules = observe_rules(socket);
  if (wanted.nexthops) out.nexthops = observe_nexthops(socket);
  if (wanted.neighbors) out.neighbors = observe_neighbors(socket);
  if (wanted.mpls) out.mpls_routes = observe_mpls_routes(socket);
}

class Camera {
 public:
  Camera(const std::string& lab, const std::vector<const Topology*>& topologies) : lab_(lab) {
    for (const Topology* topology : topologies) {
      for (const auto& node : topology->nodes) add(node, wanted_[node.name]);
      const Node& host = topology->nodes.front();
      looks_at_host_ |= !host.interfaces.empty();
    }
  }

  LiveNode look_at(const RecordedNode& record) {
    LiveNode out;
    FileDescriptor fd;
    try {
      fd = open_namespace(record.netns);
    } catch (const Error& error) {
      out.stale = is_stale_pin(record.netns);
      if (error.code() == ENOENT || out.stale) return out;
      throw;
    }
    const Wanted& wanted = wanted_[record.name];
    const NamespaceScope inside(fd.get());
    Socket socket;
    require_ours(lab_, record, fd.get(), socket);
    look(socket, wanted, out);
    if (wanted.sysctls.empty()) return out;
    sysctls_.next_namespace();
    for (const auto& path : wanted.sysctls) {
      try {
        out.sysctls[path] = sysctls_.read(path);
      } catch (const Error&) {
        continue;  // one of a link that is not there
      }
    }
    return out;
  }

  LiveNode look_at_host() const {
    LiveNode out;
    if (!looks_at_host_) return out;
    Socket socket;
    look(socket, {}, out);
    return out;
  }

 private:
  // The mark tells where an `up` that was killed did not come to note which one it is.
  static void require_ours(const std::string& lab, const RecordedNode& record, int fd,
                           Socket& socket) {
    const NamespaceIdentity& known = record.identity;
    const bool ours =
        known == NamespaceIdentity{}
            ? mark_of(socket) == NamespaceMark{lab, record.name}
            : identify(fd).inode == known.inode && socket.namespace_cookie() == known.cookie;
    if (ours) return;
    throw Error(EEXIST, "look at node", record.name)
        .reason("another namespace is called " + record.netns + " now")
        .hint("it is not netyard's to change: rename or delete it, and repeat this");
  }

  const std::string& lab_;
  std::map<std::string, Wanted> wanted_;
  bool looks_at_host_ = false;
  SysctlWriter sysctls_;
};

}  // namespace

const LinkState* LiveNode::find(const std::string& link) const {
  const auto found =
      std::find_if(links.begin(), links.end(), [&](const auto& l) { return l.name == link; });
  return found != links.end() ? &*found : nullptr;
}

const LinkState* LiveNode::find(std::uint32_t ifindex) const {
  const auto found =
      std::find_if(links.begin(), links.end(), [&](const auto& l) { return l.ifindex == ifindex; });
  return found != links.end() ? &*found : nullptr;
}

Snapshot take_snapshot(const LabRecord& record, const std::vector<const Topology*>& topologies) {
  Camera camera(record.name, topologies);
  Snapshot out;
  for (const auto& node : record.nodes) out[node.name] = camera.look_at(node);
  out[spec::kHostNode] = camera.look_at_host();
  return out;
}

}  // namespace netyard
