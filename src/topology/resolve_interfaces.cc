// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "netlink/link.h"
#include "topology/resolve_hops.h"

namespace netyard {
namespace {

class InterfaceResolver {
 public:
  InterfaceResolver(const Node& node, bool on_host, bool dad, Diagnostics& diagnostics)
      : node_(node), on_host_(on_host), node_dad_(dad), diagnostics_(diagnostics) {}

  void finish(Interface& interface) {
    for (auto& address : interface.addresses) check_label(interface, address);
    check_scopes(interface);
    for (auto& sysctl : interface.sysctls) place(interface, sysctl);
    if (on_host_ && !interface.neighbors.empty()) {
      error(interface.neighbors.front().at, "neighbours of the host are not netyard's to change");
    }
    const bool dad = set_dad(interface);
    // Where the node has DAD its links have it from the start.
    if (dad && !node_dad_ && !on_host_) switch_dad_on(interface);
    if (interface.token) check_token(interface);
    if (interface.address_generation) check_generation(interface);
  }

 private:
  void error(const Location& at, std::string message, std::string hint = {}) {
    diagnostics_.error(at, std::move(message), std::move(hint));
  }

  void check_label(const Interface& interface, const InterfaceAddress& address) {
    const std::string& label = address.details.label;
    if (label.empty() || label == interface.name || label.starts_with(interface.name + ":")) return;
    error(address.label_at,
          fmt::format("label '{}' does not begin with the interface's name", label),
          fmt::format("as in {0} or {0}:a", interface.name));
  }

  // __inet_insert_ifa in net/ipv4/devinet.c: the second address of a subnet has the first one's.
  void check_scopes(const Interface& interface) {
    for (const auto& address : interface.addresses) {
      for (const auto& first : interface.addresses) {
        if (&first == &address) break;
        const bool same = address.value.family() == Family::ipv4 &&
                          first.subnet() == address.subnet() &&
                          first.details.scope != address.details.scope;
        if (!same) continue;
        error(address.at, fmt::format("{} is in the subnet of {}, and has another scope",
                                      address.value.to_string(), first.value.to_string()));
      }
    }
  }

  void place(const Interface& interface, spec::Sysctl& sysctl) {
    if (on_host_) {
      return error(sysctl.at, "sysctls of the host are not netyard's to change");
    }
    const std::size_t star = sysctl.path.find("/*/");
    if (star != std::string::npos) {
      sysctl.path.replace(star + 1, 1, interface.name);
    } else if (sysctl.path.find("/" + interface.name + "/") == std::string::npos) {
      error(sysctl.at, fmt::format("'{}' is not about {}", sysctl.key, interface.name),
            "sysctls of a node stand in its own 'sysctls'");
    }
  }

  bool set_dad(Interface& interface) {
    bool any = false;
    for (auto& address : interface.addresses) {
      const bool six = address.value.family() == Family::ipv6;
      if (six && !address.dad) address.dad = interface.dad.value_or(node_dad_);
      any = any || (six && *address.dad);
    }
    return any || interface.dad.value_or(false);
  }

  void switch_dad_on(Interface& interface) const {
    const std::string path = fmt::format("net/ipv6/conf/{}/accept_dad", interface.name);
    if (!sets(interface, path)) interface.sysctls.push_back({path, path, "1", interface.at});
  }

  static bool sets(const Interface& interface, const std::string& path) {
    return std::any_of(interface.sysctls.begin(), interface.sysctls.end(),
                       [&](const spec::Sysctl& sysctl) { return sysctl.path == path; });
  }

  // The kernel wants router advertisements to be accepted, which a router does not by itself.
  void check_token(const Interface& interface) {
    const Location& at = interface.token->at;
    if (interface.kind == "loopback") return error(at, "lo has no addresses by advertisement");
    const std::string path = fmt::format("net/ipv6/conf/{}/accept_ra", interface.name);
    if (node_.kind == NodeKind::router && !sets(interface, path)) {
      error(at, "a router takes no addresses from router advertisements",
            "add 'sysctls: {ipv6.accept_ra: 2}' to the interface");
    }
  }

  void check_generation(const Interface& interface) {
    if (interface.address_generation->value != AddressGeneration::stable_secret) return;
    const std::string path = fmt::format("net/ipv6/conf/{}/stable_secret", interface.name);
    const bool node_has = std::any_of(node_.early_sysctls.begin(), node_.early_sysctls.end(),
                                      [](const spec::Sysctl& sysctl) {
                                        return sysctl.path == "net/ipv6/conf/default/stable_secret";
                                      });
    if (node_has || sets(interface, path)) return;
    error(interface.address_generation->at, "there is no secret to make addresses from",
          "add 'sysctls: {ipv6.stable_secret: \"2001:db8::1\"}', with bits of your own");
  }

  const Node& node_;
  bool on_host_;
  bool node_dad_;
  Diagnostics& diagnostics_;
};

}  // namespace

void resolve_interfaces(const spec::File& file, Topology& topology, Diagnostics& diagnostics) {
  for (NodeId id = 0; id < topology.nodes.size(); ++id) {
    const bool from_file = id >= 1 && id <= file.nodes.size();
    Node& node = topology.nodes[id];
    InterfaceResolver resolver(node, id == kHost, from_file && file.nodes[id - 1].dad, diagnostics);
    for (auto& interface : node.interfaces) resolver.finish(interface);
  }
}

}  // namespace netyard
