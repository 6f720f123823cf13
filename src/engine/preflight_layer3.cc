// SPDX-License-Identifier: Apache-2.0
#include "engine/preflight_layer3.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <set>

#include "base/error.h"
#include "netlink/address.h"
#include "netlink/link.h"
#include "netlink/socket.h"
#include "netns/namespace.h"
#include "netns/sysctl.h"

namespace netyard {
namespace {

constexpr std::uint32_t kProbeLink = 4000;
constexpr std::uint32_t kProbePeer = 4001;

/// A feature that a topology uses, and the message that shows whether the kernel has it.
struct Feature {
  std::string name;
  std::string option;
  std::function<Message()> probe;
};

Route probe_route(const Route& like) {
  Route out;
  out.destination = *IpPrefix::parse("198.51.100.0/24");
  if (like.destination.family() == Family::ipv6) {
    out.destination = *IpPrefix::parse("2001:db8:ffff::/48");
  }
  out.hops.push_back({{}, kProbeLink});
  return out;
}

Feature encap_feature(const Encap& encap, const Route& like) {
  const bool mpls = std::holds_alternative<MplsEncap>(encap);
  const char* name = mpls ? "MPLS encapsulation" : "IPv6 segment routing encapsulation";
  const char* option = mpls ? "CONFIG_MPLS_IPTUNNEL" : "CONFIG_IPV6_SEG6_LWTUNNEL";
  return {name, option, [encap, like] {
            Route route = probe_route(like);
            route.hops.front().encap = encap;
            return new_route(route);
          }};
}

Feature congestion_feature(const Route& like) {
  return {"congestion control '" + like.metrics.congestion + "' for routes", "CONFIG_TCP_CONG_…",
          [like] {
            Route route = probe_route(like);
            route.metrics.congestion = like.metrics.congestion;
            return new_route(route);
          }};
}

Feature multipath_feature() {
  return {"multipath routes", "CONFIG_IP_ROUTE_MULTIPATH", [] {
            Route route = probe_route({});
            route.hops = {{IpAddress::parse("192.0.2.2"), kProbeLink},
                          {IpAddress::parse("192.0.2.3"), kProbeLink}};
            return new_route(route);
          }};
}

NextHopObject probe_nexthop(std::uint32_t id) {
  NextHopObject out;
  out.id = id;
  out.blackhole = true;
  return out;
}

Feature nexthop_feature() {
  return {"nexthop objects", "Linux 5.3", [] { return new_nexthop(probe_nexthop(4001)); }};
}

Feature resilient_feature() {
  return {"resilient nexthop groups", "Linux 5.13", [] {
            NextHopObject group;
            group.id = 4002;
            group.group = {{4001, 1}};
            group.resilience.emplace();
            return new_nexthop(group);
          }};
}

Feature mpls_feature() {
  return {"MPLS routes", "CONFIG_MPLS_ROUTING", [] {
            // Above platform_labels, which is 0 here: a kernel with MPLS minds that.
            return new_mpls_route({100, {}, {}, kProbeLink});
          }};
}

Feature rule_feature(const Rule& like) {
  const bool six = like.family == Family::ipv6;
  const char* name = like.l3mdev ? "rules for VRFs" : (six ? "IPv6 rules" : "IPv4 rules");
  const char* option = like.l3mdev ? "CONFIG_NET_L3_MASTER_DEV"
                       : six       ? "CONFIG_IPV6_MULTIPLE_TABLES"
                                   : "CONFIG_IP_MULTIPLE_TABLES";
  return {name, option, [like] {
            Rule rule = like;
            rule.iif = rule.oif = "";
            return new_rule(rule);
          }};
}

// What says that a message is not understood; all else is about what is missing around it.
bool lacks(const Ack& ack) {
  const bool refused = ack.error == EOPNOTSUPP || ack.error == EAFNOSUPPORT;
  const bool unknown = ack.sentence.find("not supported") != std::string::npos ||
                       ack.sentence.find("not enabled") != std::string::npos ||
                       ack.sentence.find("Unknown") != std::string::npos ||
                       ack.sentence.find("Invalid group type") != std::string::npos ||
                       ack.sentence.find("CONFIG_") != std::string::npos;
  return refused || (ack.error == EINVAL && unknown);
}

/// Tries features, each once, with the first place that needs it.
class Prober {
 public:
  Prober(int scratch, Diagnostics& diagnostics) : scope_(scratch), diagnostics_(diagnostics) {}

  void need(const Feature& feature, const Location& at) {
    if (!tried_.insert(feature.name).second) return;
    prepare();
    const Ack ack = socket_.request(feature.probe());
    if (!lacks(ack)) return;
    diagnostics_.error(at, "this kernel has no " + feature.name + " (" + feature.option + ")",
                       ack.sentence.empty() ? "" : "it says: " + ack.sentence);
  }

  // The encapsulation asks for its module, which brings the rest of MPLS along; routes do not.
  void load_mpls() {
    if (!tried_.insert("load MPLS").second) return;
    prepare();
    socket_.request(encap_feature(MplsEncap{{100}}, {}).probe());
  }

  // The congestion control of a route is refused with nothing but a number.
  void need_congestion(const Route& route, const Location& at) {
    const Feature feature = congestion_feature(route);
    if (!tried_.insert(feature.name).second) return;
    prepare();
    const Ack ack = socket_.request(feature.probe());
    if (ack.error != EINVAL && ack.error != ENOENT) return;
    diagnostics_.error(at, "this kernel has no " + feature.name + " (" + feature.option + ")",
                       "/proc/sys/net/ipv4/tcp_available_congestion_control lists those loaded");
  }

 private:
  // A link with addresses, for routes to go out of.
  void prepare() {
    if (prepared_) return;
    prepared_ = true;
    NewLink link;
    link.kind = find_link_kind("veth");
    link.name = "probe2";
    link.ifindex = kProbeLink;
    link.up = true;
    link.peer = LinkPeer{"probe3", kProbePeer, {}};
    LinkChange up;
    up.ifindex = kProbePeer;
    up.up = true;
    LinkChange loopback;  // what a blackhole is behind
    loopback.ifindex = 1;
    loopback.up = true;
    Batch batch;
    batch.add(new_link(link));
    batch.add(change_link(up));
    batch.add(change_link(loopback));
    for (const char* text : {"192.0.2.1/24", "2001:db8:fffe::1/64"}) {
      batch.add(new_address({kProbeLink, *IpPrefix::parse(text)}));
    }
    for (const auto& ack : socket_.request(std::move(batch))) {
      if (!ack.ok()) throw_refused(ack, "prepare", "scratch namespace");
    }
  }

  NamespaceScope scope_;
  Socket socket_;
  Diagnostics& diagnostics_;
  std::set<std::string> tried_;
  bool prepared_ = false;
};

bool uses_mpls(const Node& node) {
  return !node.mpls_routes.empty() ||
         std::any_of(
             node.early_sysctls.begin(), node.early_sysctls.end(),
             [](const spec::Sysctl& sysctl) { return sysctl.path.starts_with("net/mpls/"); });
}

void check_routes(const Node& node, Prober& prober) {
  for (const auto& [route, computed, at] : node.routes) {
    for (const auto& hop : route.hops) {
      if (has_encap(hop.encap)) prober.need(encap_feature(hop.encap, route), at);
    }
    if (route.hops.size() > 1) prober.need(multipath_feature(), at);
    if (!route.metrics.congestion.empty()) prober.need_congestion(route, at);
  }
  for (const auto& nexthop : node.nexthops) {
    prober.need(nexthop_feature(), nexthop.at);
    if (nexthop.value.resilience) prober.need(resilient_feature(), nexthop.at);
    if (!has_encap(nexthop.value.hop.encap)) continue;
    Route like;
    like.destination.address.family = nexthop.value.family;
    prober.need(encap_feature(nexthop.value.hop.encap, like), nexthop.at);
  }
  if (uses_mpls(node)) prober.load_mpls();
  for (const auto& route : node.mpls_routes) prober.need(mpls_feature(), route.at);
  for (const auto& rule : node.rules) prober.need(rule_feature(rule.value), rule.at);
}

// An interface's own directory is like that of lo, which is there.
std::string path_in_scratch(const std::string& path) {
  for (const char* before : {"net/ipv4/conf/", "net/ipv6/conf/", "net/ipv4/neigh/",
                             "net/ipv6/neigh/", "net/mpls/conf/"}) {
    const std::size_t begin = std::strlen(before);
    if (!path.starts_with(before)) continue;
    const std::size_t end = path.find('/', begin);
    const std::string name = path.substr(begin, end - begin);
    if (end == std::string::npos || name == "all" || name == "default") return path;
    return before + std::string("lo") + path.substr(end);
  }
  return path;
}

/// Writes every sysctl of the file once.
class SysctlProber {
 public:
  SysctlProber(int scratch, Diagnostics& diagnostics)
      : scope_(scratch), diagnostics_(diagnostics) {}

  void need(const spec::Sysctl& sysctl) {
    // Those of netfilter may come with a ruleset, when its modules are loaded.
    const std::string path = path_in_scratch(sysctl.path);
    if (path.starts_with("net/netfilter/") || !tried_.insert({path, sysctl.value}).second) return;
    try {
      writer_.write(path, sysctl.value);
    } catch (const Error& error) {
      report(sysctl, error);
    }
  }

 private:
  void report(const spec::Sysctl& sysctl, const Error& error) {
    if (error.code() == ENOENT) {
      const bool mpls = sysctl.path.starts_with("net/mpls/");
      diagnostics_.error(sysctl.at,
                         "this kernel has no sysctl " + sysctl.path + " in a network namespace",
                         mpls ? "CONFIG_MPLS_ROUTING, module mpls_router" : "");
    } else {
      diagnostics_.error(sysctl.at, "sysctl " + sysctl.path + " cannot be set to '" + sysctl.value +
                                        "': " + errno_sentence(error.code()));
    }
  }

  NamespaceScope scope_;
  SysctlWriter writer_;
  Diagnostics& diagnostics_;
  std::set<std::pair<std::string, std::string>> tried_;
};

}  // namespace

void check_layer3(const Topology& topology, int scratch, Diagnostics& diagnostics) {
  {
    Prober prober(scratch, diagnostics);
    for (const auto& node : topology.nodes) check_routes(node, prober);
  }
  SysctlProber sysctls(scratch, diagnostics);
  for (const auto& node : topology.nodes) {
    for (const auto* list : {&node.early_sysctls, &node.late_sysctls}) {
      for (const auto& sysctl : *list) sysctls.need(sysctl);
    }
    for (const auto& interface : node.interfaces) {
      for (const auto& sysctl : interface.sysctls) sysctls.need(sysctl);
    }
  }
}

}  // namespace netyard
