// SPDX-License-Identifier: Apache-2.0
// Parents, masters, and what else a file says of a link and names other interfaces for.
#include <fmt/format.h>

#include <algorithm>

#include "base/suggest.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

bool is_set(const TopologyLink* link, const char* key) {
  if (link == nullptr) return false;
  const FieldValue* value = find_value(link->settings, key);
  return value != nullptr && *value == FieldValue(std::uint64_t{1});
}

std::string names_of_ports(const LinkKind& kind, const std::string& wrong) {
  std::vector<std::string> names;
  for (const auto& field : kind.port_fields) names.emplace_back(field.key);
  return did_you_mean(wrong, names);
}

}  // namespace

std::optional<std::uint32_t> Resolver::find_interface(NodeId node,
                                                      const Located<std::string>& name) {
  const auto found = interfaces_[node].find(name.value);
  if (found != interfaces_[node].end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, index] : interfaces_[node]) names.push_back(known);
  diagnostics_.error(
      name.at, fmt::format("{} has no interface '{}'", topology_.nodes[node].name, name.value),
      did_you_mean(name.value, names));
  return {};
}

const TopologyLink* Resolver::link_of(NodeId node, std::uint32_t ifindex) const {
  const auto found =
      std::find_if(topology_.links.begin(), topology_.links.end(), [&](const TopologyLink& link) {
        return link.end.node == node && topology_.interface(link.end).ifindex == ifindex;
      });
  return found == topology_.links.end() ? nullptr : &*found;
}

void Resolver::apply_parents() {
  for (const auto& [number, name] : parents_) {
    TopologyLink& link = topology_.links[number];
    const auto index = find_interface(link.parent_node, name);
    if (!index) continue;
    Interface& end = topology_.interface(link.end);
    link.parent = topology_.nodes[link.parent_node].interfaces[*index].ifindex;
    if (link.parent == end.ifindex) {
      diagnostics_.error(name.at, fmt::format("{} cannot stand on itself", end.name));
    }
    // What stands on the bridge of a switch is no port of it.
    if (end.master == link.parent) end.master = 0;
  }
}

void Resolver::apply_masters() {
  for (const auto& [port, name] : masters_) {
    if (port.node == kHost) {
      diagnostics_.error(name.at, "what is on the host is not netyard's to join");
      continue;
    }
    const auto found = interfaces_[port.node].find(name.value);
    const std::string& node = topology_.nodes[port.node].name;
    const Interface* master = found == interfaces_[port.node].end()
                                  ? nullptr
                                  : &topology_.nodes[port.node].interfaces[found->second];
    const LinkKind* kind = master == nullptr ? nullptr : find_link_kind(master->kind);
    if (kind == nullptr || !kind->takes_ports) {
      const std::string what =
          master == nullptr ? std::string() : fmt::format(": it is a {}", master->kind);
      diagnostics_.error(
          name.at, fmt::format("{} has no bridge, bond or vrf '{}'{}", node, name.value, what),
          "make one: {type: bridge, endpoint: NODE:NAME}");
    } else if (master->ifindex == topology_.interface(port).ifindex) {
      diagnostics_.error(name.at, fmt::format("{} cannot be a port of itself", name.value));
    } else {
      topology_.interface(port).master = master->ifindex;
    }
  }
  for (auto& node : topology_.nodes) {
    std::unordered_map<std::uint32_t, const LinkKind*> kinds;
    for (const auto& interface : node.interfaces) {
      kinds[interface.ifindex] = find_link_kind(interface.kind);
    }
    for (auto& interface : node.interfaces) {
      if (interface.master != 0) interface.master_kind = kinds[interface.master];
    }
  }
}

void Resolver::apply_details() {
  for (const auto& [ref, spec] : described_) {
    const spec::LinkDetails& given = spec.details;
    InterfaceDetails& out = topology_.interface(ref).details;
    out.at = spec.at;
    if (given.up) out.up = given.up->value;
    for (const auto& [setting, at] : given.common) out.common.push_back(setting);
    for (const auto& name : given.altnames) out.altnames.push_back(name.value);
    add_port_settings(ref, given);
    if (given.vlans) add_vlans(ref, spec);
    for (const auto& entry : given.fdb) add_fdb(ref, entry);
    for (const auto& entry : given.mdb) add_mdb(ref, entry);
  }
  name_interfaces();
}

// Names in settings become ifindexes.
void Resolver::name_interfaces() {
  const auto look_up = [&](NodeId node, FieldSetting& setting, const Location& at) {
    if (setting.field->syntax != Syntax::interface) return;
    const auto* name = std::get_if<std::string>(&setting.value);
    if (name == nullptr) return;
    const auto index = find_interface(node, {*name, at});
    setting.value = std::uint64_t{index ? topology_.nodes[node].interfaces[*index].ifindex : 0};
  };
  for (auto& link : topology_.links) {
    for (auto& setting : link.settings) look_up(link.end.node, setting, link.at);
  }
  for (NodeId node = 0; node < topology_.nodes.size(); ++node) {
    for (auto& interface : topology_.nodes[node].interfaces) {
      for (auto& setting : interface.details.port) look_up(node, setting, interface.details.at);
    }
  }
}

void Resolver::add_port_settings(InterfaceRef ref, const spec::LinkDetails& given) {
  Interface& interface = topology_.interface(ref);
  for (const auto& [key, text] : given.port) {
    const LinkKind* master = interface.master_kind;
    if (master == nullptr || master->port_fields.empty()) {
      diagnostics_.error(key.at, fmt::format("{} is no port of a bridge or a bond", interface.name),
                         "say of which: 'master: NAME'");
      return;
    }
    const Field* field = master->find_port_field(key.value);
    if (field == nullptr) {
      diagnostics_.error(key.at, fmt::format("a port of a {} has no '{}'", master->name, key.value),
                         names_of_ports(*master, key.value));
      continue;
    }
    FieldSetting setting{field, {}};
    std::string problem;
    if (parse_field(*field, text.value, setting.value, problem)) {
      interface.details.port.push_back(std::move(setting));
    } else {
      diagnostics_.error(
          text.at,
          fmt::format("'{}' is not right for {}: expected {}", text.value, field->key, problem),
          field->help);
    }
  }
}

void Resolver::add_vlans(InterfaceRef ref, const spec::Interface& spec) {
  Interface& interface = topology_.interface(ref);
  const bool is_bridge = interface.kind == "bridge";
  const TopologyLink* bridge = link_of(ref.node, is_bridge ? interface.ifindex : interface.master);
  if (!is_bridge && (interface.master_kind == nullptr ||
                     std::string_view(interface.master_kind->name) != "bridge")) {
    diagnostics_.error(spec.at,
                       fmt::format("{} has VLANs, but is no port of a bridge", interface.name),
                       "say of which: 'master: NAME'; a link for one VLAN is {type: vlan, …}");
    return;
  }
  if (!is_set(bridge, "vlan_filtering")) {
    diagnostics_.error(
        spec.at, fmt::format("{} has VLANs, but its bridge does not look at tags", interface.name),
        "give the bridge 'vlan_filtering: true'");
    return;
  }
  const FieldValue* number = find_value(bridge->settings, "vlan_default_pvid");
  const auto usual =
      static_cast<std::uint16_t>(number != nullptr ? std::get<std::uint64_t>(*number) : 1);
  bool has_usual = usual == 0;
  const Location* pvid = nullptr;
  for (const auto& [vlan, at] : *spec.details.vlans) {
    if (vlan.pvid && (pvid != nullptr || vlan.first != vlan.last)) {
      diagnostics_.error(at, fmt::format("{} has two VLANs with 'pvid'", interface.name),
                         "frames without tag can be of one VLAN only");
    }
    if (vlan.pvid) pvid = &at;
    has_usual = has_usual || (vlan.first <= usual && usual <= vlan.last);
    interface.details.vlans.push_back(vlan);
  }
  if (!has_usual) interface.details.drop_vlan = usual;
}

void Resolver::add_fdb(InterfaceRef ref, const spec::Fdb& given) {
  Interface& interface = topology_.interface(ref);
  FdbEntry entry = given.entry;
  const bool bridged =
      interface.master_kind != nullptr && std::string_view(interface.master_kind->name) == "bridge";
  const bool remote = entry.remote || entry.vni || entry.source_vni || entry.port != 0 || given.via;
  if (remote && interface.kind != "vxlan") {
    diagnostics_.error(given.at, fmt::format("{} is a {}: only a vxlan has remote ends",
                                             interface.name, interface.kind));
    return;
  }
  if (!given.self_given) entry.self = remote || !bridged;
  if (!entry.self && !bridged) {
    diagnostics_.error(given.at, fmt::format("{} is no port of a bridge", interface.name));
    return;
  }
  if (given.via) {
    const auto index = find_interface(ref.node, *given.via);
    if (index) entry.via = topology_.nodes[ref.node].interfaces[*index].ifindex;
  }
  const bool known = std::any_of(
      interface.details.fdb.begin(), interface.details.fdb.end(), [&](const FdbEntry& other) {
        return other.mac == entry.mac && other.vlan == entry.vlan && other.self == entry.self &&
               other.source_vni == entry.source_vni;
      });
  const bool many = entry.remote && (entry.mac.is_zero() || entry.mac.is_multicast());
  if (known && !many) {
    diagnostics_.error(given.at, fmt::format("{} is in the table already", entry.mac.to_string()));
    return;
  }
  entry.append = many;
  // The kernel's word for an entry of a vxlan that stays.
  if (entry.self && entry.life == FdbEntry::Life::fixed) entry.life = FdbEntry::Life::permanent;
  interface.details.fdb.push_back(entry);
}

void Resolver::add_mdb(InterfaceRef ref, const spec::Mdb& given) {
  Interface& bridge = topology_.interface(ref);
  if (bridge.kind != "bridge") {
    diagnostics_.error(given.at, fmt::format("{} is no bridge", bridge.name),
                       "groups belong to the bridge, and name a port");
    return;
  }
  if (given.port.value.empty()) {
    diagnostics_.error(given.at, "the entry has no 'port'");
    return;
  }
  const auto index = find_interface(ref.node, given.port);
  if (!index) return;
  const Interface& port = topology_.nodes[ref.node].interfaces[*index];
  if (port.master != bridge.ifindex) {
    diagnostics_.error(given.port.at, fmt::format("{} is no port of {}", port.name, bridge.name));
    return;
  }
  MdbEntry entry = given.entry;
  entry.port = port.ifindex;
  bridge.details.mdb.push_back(entry);
}

}  // namespace netyard
