// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "topology/link_order.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

// Links that a kernel with the kind makes by itself in every namespace, and another of the name
// would be refused.
constexpr const char* kMadeByKernel[] = {"gre0",    "gretap0", "erspan0", "tunl0",   "sit0",
                                         "ip6tnl0", "ip6gre0", "ip_vti0", "ip6_vti0"};

class LinkChecker {
 public:
  LinkChecker(const Topology& topology, Diagnostics& diagnostics)
      : topology_(topology), diagnostics_(diagnostics) {}

  void run() {
    check_circle();
    for (const auto& link : topology_.links) {
      if (link.kind == nullptr) continue;
      check_name(link);
      check_same(link);
      check_vxlan(link);
      check_targets(link);
      check_values(link);
      check_port(link, link.end);
      if (link.peer) check_port(link, *link.peer);
    }
  }

 private:
  std::string name_of(const TopologyLink& link) const {
    return topology_.nodes[link.end.node].name + ":" + topology_.interface(link.end).name;
  }

  void check_circle() {
    const auto circle = creation_order(topology_).circle;
    if (circle.empty()) return;
    std::string chain;
    for (const std::size_t number : circle)
      chain += topology_.interface(topology_.links[number].end).name + " -> ";
    const TopologyLink& first = topology_.links[circle.front()];
    diagnostics_.error(
        first.at,
        fmt::format("these links of {} need each other: {}{}", topology_.nodes[first.end.node].name,
                    chain, topology_.interface(first.end).name),
        "a parent or master is there before what stands on it");
  }

  void check_name(const TopologyLink& link) {
    const Interface& end = topology_.interface(link.end);
    const bool taken = std::any_of(std::begin(kMadeByKernel), std::end(kMadeByKernel),
                                   [&](const char* name) { return end.name == name; });
    if (taken) {
      diagnostics_.error(
          end.at,
          fmt::format("{} is the name of a link that the kernel makes itself in each namespace",
                      end.name),
          "choose another, as " + end.name.substr(0, end.name.size() - 1) + "1");
    }
  }

  // One row for values that two links of a node cannot share.
  void check_same(const TopologyLink& link) {
    struct Unique {
      const char* kind;
      std::vector<const char*> keys;
      const char* what;
    };
    static const Unique kUnique[] = {
        {"vrf", {"table"}, "table"},
        {"vxlan", {"vni", "dstport"}, "VNI and port"},
        {"geneve", {"vni", "remote", "dstport"}, "VNI, remote end and port"},
        {"vlan", {"id", "protocol"}, "VLAN"},
        {"xfrm", {"if_id"}, "if_id"}};
    for (const auto& [kind, keys, what] : kUnique) {
      if (std::string_view(kind) != link.kind->name) continue;
      std::string value = fmt::format("{} {} {}", link.end.node, kind, link.parent);
      bool complete = true;
      for (const char* key : keys) {
        const FieldValue* given = find_value(link.settings, key);
        complete = complete && (given != nullptr || key != keys.front());
        value +=
            " " + (given == nullptr ? std::string() : format_field(*link.kind->find(key), *given));
      }
      const auto [first, fresh] = unique_.emplace(value, &link);
      if (fresh || !complete) continue;
      diagnostics_.error(link.at,
                         fmt::format("{} has the same {} as {}, from {}", name_of(link), what,
                                     name_of(*first->second), first->second->at.to_string()));
    }
  }

  void check_vxlan(const TopologyLink& link) {
    if (std::string_view(link.kind->name) != "vxlan") return;
    for (const char* key : {"group", "remote"}) {
      const FieldValue* value = find_value(link.settings, key);
      const auto* address = value == nullptr ? nullptr : std::get_if<IpAddress>(value);
      if (address == nullptr) continue;
      const bool group = std::string_view(key) == "group";
      if (group && !address->is_multicast()) {
        diagnostics_.error(link.at,
                           fmt::format("group {} is no multicast address", address->to_string()),
                           "one other end is 'remote'");
      } else if (address->is_multicast() && link.parent == 0 && link.host_parent.empty()) {
        diagnostics_.error(
            link.at,
            fmt::format(
                "a vxlan with the multicast address {} needs 'parent', the link to send it by",
                address->to_string()));
      }
    }
  }

  // What the kernel would refuse without a sentence.
  void check_values(const TopologyLink& link) {
    const FieldValue* group = find_value(link.settings, "group_address");
    const auto* mac = group == nullptr ? nullptr : std::get_if<MacAddress>(group);
    static constexpr MacAddress kBridgeGroup{{0x01, 0x80, 0xc2, 0, 0, 0}};
    if (mac != nullptr) {
      MacAddress rest = *mac;
      rest.bytes[5] = 0;
      const auto last = mac->bytes[5];
      if (rest != kBridgeGroup || last > 15 || (last >= 1 && last <= 3)) {
        diagnostics_.error(link.at,
                           fmt::format("group_address {} is none of a bridge", mac->to_string()),
                           "01:80:c2:00:00:00, or :04 to :0f");
      }
    }
    const FieldValue* label = find_value(link.settings, "flowlabel");
    const bool labelled = label != nullptr && *label != FieldValue(std::uint64_t{0}) &&
                          link.kind->find("remote") != nullptr &&
                          link.kind->find("remote")->attribute != 0;
    if (!labelled) return;
    for (const char* key : {"remote", "group", "local"}) {
      const FieldValue* end = find_value(link.settings, key);
      const auto* address = end == nullptr ? nullptr : std::get_if<IpAddress>(end);
      if (address != nullptr && address->family == Family::ipv6) return;
    }
    diagnostics_.error(link.at, "a flow label is of IPv6, and the ends of this tunnel are not");
  }

  void check_targets(const TopologyLink& link) {
    const bool bond = std::string_view(link.kind->name) == "bond";
    const FieldValue* interval = bond ? find_value(link.settings, "arp_interval") : nullptr;
    const bool asks = interval != nullptr && *interval != FieldValue(std::uint64_t{0});
    const bool any = find_setting(link.settings, "arp_targets") != nullptr ||
                     find_setting(link.settings, "ns_targets") != nullptr;
    if (asks && !any)
      diagnostics_.error(link.at, "arp_interval needs 'arp_targets', addresses to ask for");
    const FieldValue* primary = bond ? find_value(link.settings, "primary") : nullptr;
    if (primary == nullptr) return;
    const auto ifindex = std::get<std::uint64_t>(*primary);
    for (const auto& port : topology_.nodes[link.end.node].interfaces) {
      if (port.ifindex != ifindex || port.master == topology_.interface(link.end).ifindex) continue;
      diagnostics_.error(link.at,
                         fmt::format("primary {} is no port of {}", port.name, name_of(link)),
                         "give it 'master: " + topology_.interface(link.end).name + "'");
    }
  }

  // What cannot be a port.
  void check_port(const TopologyLink& link, InterfaceRef ref) {
    const Interface& port = topology_.interface(ref);
    if (port.master_kind == nullptr) return;
    const std::string_view master = port.master_kind->name;
    if (master == "bridge" && port.kind == "bridge") {
      diagnostics_.error(port.at,
                         fmt::format("{} is a bridge, and cannot be a port of one", port.name),
                         "join two bridges by a veth");
    }
    if (master == "vrf" && port.kind == "vrf") {
      diagnostics_.error(port.at, fmt::format("{} is a vrf, and cannot be in one", port.name));
    }
    const bool layer3 = !link.kind->own_mac && port.kind != "vlan" && port.kind != "macsec" &&
                        port.kind != "netkit";
    if (layer3 && (master == "bridge" || master == "bond")) {
      diagnostics_.error(
          port.at,
          fmt::format(
              "{} is a {}, which has no MAC address of its own: it cannot be a port of a {}",
              port.name, port.kind, master));
    }
  }

  const Topology& topology_;
  Diagnostics& diagnostics_;
  std::map<std::string, const TopologyLink*> unique_;
};

}  // namespace

void check_links(const Topology& topology, Diagnostics& diagnostics) {
  LinkChecker(topology, diagnostics).run();
}

}  // namespace netyard
