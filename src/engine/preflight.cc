// SPDX-License-Identifier: Apache-2.0
#include "engine/preflight.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <set>
#include <unordered_set>

#include "base/suggest.h"
#include "engine/features.h"
#include "engine/macsec_keys.h"
#include "engine/preflight_layer3.h"
#include "engine/preflight_traffic.h"
#include "engine/root_file_system.h"
#include "engine/rulesets.h"
#include "engine/wireguard_keys.h"
#include "netlink/observe.h"
#include "netns/pin.h"
#include "netns/tun.h"

namespace netyard {
namespace {

// A namespace and its socket are a descriptor each; a few more for the rest.
void raise_descriptor_limit(std::size_t namespaces) {
  const rlim_t wanted = namespaces * 2 + 64;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  const rlim_t hard = limit.rlim_max;
  limit.rlim_cur = wanted;
  limit.rlim_max = std::max(hard, wanted);
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  limit.rlim_max = hard;
  limit.rlim_cur = hard;
  if (hard >= wanted && setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  throw Error(EMFILE, "hold", std::to_string(namespaces) + " namespaces")
      .reason("this needs " + std::to_string(wanted) + " file descriptors, the hard limit is " +
              std::to_string(hard))
      .hint("raise it: 'ulimit -Hn', LimitNOFILE= of a systemd unit, or /etc/security/limits.conf");
}

// Tries the one thing that decides, rather than reading capability sets: unshare.
void check_names(const Topology& topology, const LabRecord& standing, Diagnostics& diagnostics) {
  std::unordered_set<std::string> taken;
  for (const auto& entry : list_pinned()) taken.insert(entry.name);
  for (const auto& node : standing.nodes) taken.erase(node.netns);
  for (const auto& node : topology.nodes) {
    if (node.netns.empty() || !taken.contains(node.netns)) continue;
    diagnostics.error(
        node.at, "namespace " + node.netns + " is there already, and not ours",
        "choose another lab name with --name, or remove it: ip netns del " + node.netns);
  }
}

class HostLinks {
 public:
  HostLinks() : links_(observe_links(socket_)), addresses_(observe_addresses(socket_)) {}

  const LinkState* find(const std::string& name) const {
    const auto found =
        std::find_if(links_.begin(), links_.end(), [&](const auto& l) { return l.name == name; });
    return found == links_.end() ? nullptr : &*found;
  }
  bool has_addresses(const LinkState& link) const {
    return std::any_of(addresses_.begin(), addresses_.end(),
                       [&](const auto& a) { return a.ifindex == link.ifindex && !a.link_local; });
  }
  std::string hint(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& link : links_) names.push_back(link.name);
    return did_you_mean(name, names);
  }

 private:
  Socket socket_;
  std::vector<LinkState> links_;
  std::vector<AddressState> addresses_;
};

void check_taken(const TopologyLink& link, const HostLinks& host, LabRecord& record,
                 Diagnostics& diagnostics) {
  const LinkState* found = host.find(link.host_link);
  if (found == nullptr) {
    diagnostics.error(link.at, "the host has no link called " + link.host_link,
                      host.hint(link.host_link));
    return;
  }
  if (found->name == "lo") {
    diagnostics.error(link.at, "lo cannot leave the host");
    return;
  }
  if (host.has_addresses(*found)) {
    diagnostics.error(
        link.at, "link " + link.host_link + " of the host has addresses, and would lose them",
        "if it is really free for the lab, remove them first: ip addr flush dev " + link.host_link);
  }
  for (auto& taken : record.taken) {
    if (taken.host_name != link.host_link) continue;
    taken.host_ifindex = found->ifindex;
    taken.was_up = found->up;
  }
}

// Of a link that the lab has already it is known what it was like before.
bool has_taken(const LabRecord& standing, const std::string& host_name, LabRecord& record) {
  const auto is_this = [&](const TakenLink& taken) { return taken.host_name == host_name; };
  const auto before = std::find_if(standing.taken.begin(), standing.taken.end(), is_this);
  const auto now = std::find_if(record.taken.begin(), record.taken.end(), is_this);
  if (before == standing.taken.end() || now == record.taken.end()) return false;
  now->host_ifindex = before->host_ifindex;
  now->was_up = before->was_up;
  return true;
}

void check_host(const Topology& topology, LabRecord& record, const LabRecord& standing,
                Diagnostics& diagnostics) {
  const HostLinks host;
  const auto is_ours = [&](const std::string& name) {
    return std::any_of(standing.host_pairs.begin(), standing.host_pairs.end(),
                       [&](const HostPair& pair) { return pair.host_name == name; });
  };
  for (const auto& interface : topology.nodes[kHost].interfaces) {
    if (host.find(interface.name) == nullptr || is_ours(interface.name)) continue;
    diagnostics.error(interface.at, "the host has a link called " + interface.name + " already",
                      "choose another name for the host's end");
  }
  for (const auto& link : topology.links) {
    if (link.kind == nullptr && !has_taken(standing, link.host_link, record)) {
      check_taken(link, host, record, diagnostics);
    }
    if (!link.host_parent.empty() && host.find(link.host_parent) == nullptr) {
      diagnostics.error(link.at, "the host has no link called " + link.host_parent,
                        host.hint(link.host_parent));
    }
  }
}

bool has_tun() {
  try {
    require_tun();
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool kernel_has(const LinkKind& kind, int scratch) {
  if (kind.by_device) return has_tun();
  const NamespaceScope scope(scratch);
  Socket socket;
  NewLink link;
  link.kind = &kind;
  // Of its own: a name that is taken is said before the kind is looked at.
  link.name = std::string("p-") + kind.name;
  if (kind.ordering == LinkClass::pair) link.peer = LinkPeer{std::string("q-") + kind.name, 0, {}};
  // A known kind complains about what is missing; an unknown one is "not supported" before that.
  const Ack ack = socket.request(new_link(link));
  return ack.error != EOPNOTSUPP && ack.error != ENOTSUP;
}

void check_kinds(const Topology& topology, int scratch, Diagnostics& diagnostics) {
  std::set<const LinkKind*> seen;
  for (const auto& link : topology.links) {
    if (link.kind == nullptr || !seen.insert(link.kind).second) continue;
    if (std::string_view(link.kind->name) == "veth" || kernel_has(*link.kind, scratch)) continue;
    diagnostics.error(
        link.at,
        std::string("this kernel has no ") + link.kind->name + " (" + link.kind->kernel_option +
            ")",
        link.kind->by_device ? "or the machine no /dev/net/tun that can be opened" : "");
  }
}

// The first interface on the host that is one end of an uplink.
const Interface& first_uplink(const Topology& topology) {
  for (const auto& node : topology.nodes) {
    for (const auto& interface : node.interfaces) {
      if (!node.uplink.empty() && interface.name == node.uplink) return interface;
    }
  }
  return topology.nodes[kHost].interfaces.front();
}

void check_subnets(const Topology& topology, Diagnostics& diagnostics) {
  Socket socket;
  const auto taken = observe_addresses(socket);
  for (const auto& interface : topology.nodes[kHost].interfaces) {
    for (const auto& ours : interface.addresses) {
      for (const auto& theirs : taken) {
        if (!theirs.prefix.overlaps(ours.value)) continue;
        diagnostics.error(ours.at,
                          "the host has " + theirs.prefix.to_string() + ", which overlaps " +
                              ours.value.network().to_string(),
                          "choose another: uplink: {subnet: 198.19.255.0/30}");
      }
    }
  }
}

// What an uplink needs of the host, which is not ours to change.
void check_uplinks(const Topology& topology, Diagnostics& diagnostics) {
  const Location& at = first_uplink(topology).at;
  std::string forwarding;
  try {
    forwarding = read_file("/proc/sys/net/ipv4/ip_forward", 16);
  } catch (const Error& error) {
    diagnostics.error(at, error.what());
  }
  if (forwarding.starts_with('0')) {
    diagnostics.error(at, "the host does not forward IPv4, so an uplink leads nowhere",
                      "netyard changes no sysctl of the host: sysctl net.ipv4.ip_forward=1");
  }
  if (has_table(topology.host_table, current_namespace().get())) {
    diagnostics.error(at, "the host has an nftables table ip " + topology.host_table + " already",
                      "remove it: nft delete table ip " + topology.host_table);
  }
  check_subnets(topology, diagnostics);
}

void check_services(const Topology& topology, Diagnostics& diagnostics) {
  for (const auto& planned : topology.services) {
    for (auto& problem : check_on_machine(planned.service.workload)) {
      diagnostics.error(planned.places.find(problem.key, problem.word, planned.at),
                        std::move(problem.message), std::move(problem.hint));
    }
  }
}

}  // namespace

FileDescriptor scratch_namespace() {
  const FileDescriptor home = current_namespace();
  if (unshare(CLONE_NEWNET) < 0) {
    Error error = system_error("create namespace");
    if (error.code() == EPERM) {
      error.hint(
          "netyard needs CAP_SYS_ADMIN, and CAP_NET_ADMIN over the namespaces: run it as root");
    }
    throw error;
  }
  FileDescriptor scratch = current_namespace();
  go_home(home.get());
  return scratch;
}

bool kernel_has(const LinkKind& kind) {
  return kernel_has(kind, scratch_namespace().get());
}
bool kernel_has(const QdiscKind& kind) {
  return kernel_has(kind, scratch_namespace().get());
}

void preflight(const Topology& topology, LabRecord& record, const LabRecord* standing,
               Diagnostics& diagnostics) {
  static const LabRecord nothing;
  const LabRecord& before = standing != nullptr ? *standing : nothing;
  raise_descriptor_limit(topology.nodes.size());
  const FileDescriptor scratch = scratch_namespace();
  check_names(topology, before, diagnostics);
  check_kinds(topology, scratch.get(), diagnostics);
  if (!diagnostics.has_errors()) check_features(topology, scratch.get(), diagnostics);
  check_wireguard_keys(topology, diagnostics);
  check_macsec(topology, scratch.get(), diagnostics);
  check_layer3(topology, scratch.get(), diagnostics);
  check_traffic(topology, scratch.get(), diagnostics);
  const bool uses_host =
      !topology.nodes[kHost].interfaces.empty() ||
      std::any_of(topology.links.begin(), topology.links.end(), [](const TopologyLink& link) {
        return link.kind == nullptr || !link.host_parent.empty();
      });
  if (uses_host) check_host(topology, record, before, diagnostics);
  if (!topology.host_table.empty() && before.host_table.empty()) {
    check_uplinks(topology, diagnostics);
  }
  check_rulesets(topology, diagnostics);
  check_services(topology, diagnostics);
}

}  // namespace netyard
