// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "netlink/link.h"
#include "topology/load_traffic.h"
#include "topology/reader.h"

namespace netyard::spec {
namespace {

constexpr Key<Interface> kInterfaceKeys[] = {
    {"ipv4", "addresses", "IPv4 addresses with prefix length",
     [](Reader& reader, const Tree& value, Interface& out) {
       read_addresses(reader, value, Family::ipv4, out);
     }},
    {"ipv6", "addresses", "IPv6 addresses with prefix length",
     [](Reader& reader, const Tree& value, Interface& out) {
       read_addresses(reader, value, Family::ipv6, out);
     }},
    {"mac", "mac", "MAC address; made from the names when not given",
     [](Reader& reader, const Tree& value, Interface& out) { out.mac = reader.mac(value); }},
    {"mtu", "mtu", "bytes",
     [](Reader& reader, const Tree& value, Interface& out) { out.mtu = reader.mtu(value); }},
    {"master", "string", "the bridge of the same node that it is a port of",
     [](Reader& reader, const Tree& value, Interface& out) {
       out.master = reader.interface_name(value);
     }},
};

constexpr Key<Endpoint> kEndpointKeys[] = {
    {"node", "string", "the node, or host",
     [](Reader& reader, const Tree& value, Endpoint& out) {
       if (auto word = reader.name(value, "name of a node")) out.node = std::move(*word);
     }},
    {"interface", "string", "name of the interface; the next free ethN when not given",
     [](Reader& reader, const Tree& value, Endpoint& out) {
       if (auto word = reader.interface_name(value)) out.interface.name = std::move(*word);
     }},
};

bool read_endpoint_interface(Reader& reader, const std::string& key, const Tree& value,
                             Endpoint& out) {
  for (const auto& known : kInterfaceKeys) {
    if (key != known.name) continue;
    known.read(reader, value, out.interface);
    return true;
  }
  return read_traffic(reader, key, value, out.interface.traffic);
}

bool read_interface_traffic(Reader& reader, const std::string& key, const Tree& value,
                            Interface& out) {
  return read_traffic(reader, key, value, out.traffic);
}

std::vector<std::string> interface_key_names() {
  std::vector<std::string> names = traffic_names();
  for (const auto& key : kInterfaceKeys) names.emplace_back(key.name);
  return names;
}

std::optional<Endpoint> read_brief_endpoint(Reader& reader, const Tree& value) {
  const auto word = reader.text(value, "an endpoint, NODE:INTERFACE");
  if (!word) return {};
  const std::size_t colon = word->value.find(':');
  Endpoint out;
  out.at = value.at;
  out.interface.at = value.at;
  out.interface.name.at = value.at;
  out.node = {word->value.substr(0, colon), value.at};
  if (const auto problem = name_problem(out.node.value); !problem.empty()) {
    reader.error(value.at,
                 fmt::format("'{}' is no endpoint: '{}' is no name of a node, {}", word->value,
                             out.node.value, problem),
                 "write NODE:INTERFACE");
    return {};
  }
  if (colon == std::string::npos) return out;
  out.interface.name.value = word->value.substr(colon + 1);
  if (const auto problem = interface_name_problem(out.interface.name.value); !problem.empty()) {
    reader.error(value.at, problem);
    return {};
  }
  return out;
}

}  // namespace

std::span<const Key<Interface>> interface_keys() {
  return kInterfaceKeys;
}
std::span<const Key<Endpoint>> endpoint_keys() {
  return kEndpointKeys;
}

void read_addresses(Reader& reader, const Tree& value, Family family, Interface& interface) {
  if (value.is_null()) return;
  if (value.is_sequence()) {
    for (const auto& item : value.items) read_addresses(reader, *item, family, interface);
    return;
  }
  const bool loopback = interface.name.value == "lo";
  if (auto address = reader.interface_address(value, family, loopback)) {
    interface.addresses.push_back(*address);
  }
}

void read_interfaces(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping of interfaces"))
    return;
  for (const auto& entry : value.entries) {
    const auto name = reader.interface_name(*entry.key);
    if (!name) continue;
    if (!entry.value->is_null() && !reader.expect(*entry.value, Tree::Kind::mapping, "a mapping")) {
      continue;
    }
    Interface interface;
    interface.name = *name;
    interface.at = entry.key->at;
    read_mapping<Interface>(reader, *entry.value, kInterfaceKeys, interface, read_interface_traffic,
                            traffic_names());
    node.interfaces.push_back(std::move(interface));
  }
}

std::optional<Endpoint> read_endpoint(Reader& reader, const Tree& value) {
  if (value.is_scalar()) return read_brief_endpoint(reader, value);
  if (!reader.expect(value, Tree::Kind::mapping, "an endpoint, NODE:INTERFACE or a mapping"))
    return {};
  Endpoint out;
  out.at = value.at;
  out.interface.at = value.at;
  out.interface.name.at = value.at;
  static const std::vector<std::string> kInterfaceNames = interface_key_names();
  read_mapping<Endpoint>(reader, value, kEndpointKeys, out, read_endpoint_interface,
                         kInterfaceNames);
  if (out.node.value.empty()) {
    if (value.find("node") == nullptr) reader.error(value.at, "the endpoint has no 'node'");
    return {};
  }
  return out;
}

}  // namespace netyard::spec
