// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "netlink/link.h"
#include "topology/address_reader.h"
#include "topology/link_detail_keys.h"
#include "topology/load_traffic.h"

namespace netyard::spec {
namespace {

void read_generation(Reader& reader, const Tree& value, Interface& interface) {
  static constexpr const char* kWords[] = {"eui64", "none", "stable_secret", "random"};
  const auto which = reader.choice(value, "a way of making addresses", kWords);
  if (which) interface.address_generation = {static_cast<AddressGeneration>(*which), value.at};
}

void read_token(Reader& reader, const Tree& value, Interface& interface) {
  const auto token = reader.address(value);
  if (!token) return;
  const auto& bytes = token->value.bytes;
  const bool upper = std::any_of(bytes.begin(), bytes.begin() + 8, [](auto b) { return b != 0; });
  if (token->value.family != Family::ipv6 || upper || token->value.is_unspecified()) {
    reader.error(value.at, fmt::format("'{}' is no token", token->value.to_string()),
                 "the lower 64 bits of an IPv6 address, the others zero: as in ::5");
  } else {
    interface.token = token;
  }
}

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
    {"master", "string", "the bridge, bond or vrf of the same node that it is a port of",
     [](Reader& reader, const Tree& value, Interface& out) {
       out.master = reader.interface_name(value);
     }},
    {"dad", "boolean", "IPv6: duplicate address detection, which 'up' waits for",
     [](Reader& reader, const Tree& value, Interface& out) { out.dad = reader.boolean(value); }},
    {"addr_gen_mode", "generation", "IPv6: how it makes addresses of its own", read_generation},
    {"token", "address", "IPv6: lower half of addresses that routers advertise", read_token},
    {"cost", "number", "of the way out, for computed routes; 1 when not given",
     [](Reader& reader, const Tree& value, Interface& out) {
       out.cost = reader.number(value, 1, kMostCost);
     }},
    {"sysctls", "sysctls", "its sysctls: rp_filter, ipv6.accept_ra",
     [](Reader& reader, const Tree& value, Interface& out) {
       out.sysctls = read_sysctls(reader, value, true);
     }},
    {"neighbors", "neighbors", "neighbour entries, in the words of ip-neighbour(8)",
     [](Reader& reader, const Tree& value, Interface& out) {
       out.neighbors = read_neighbors(reader, value);
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
  return read_link_detail(reader, key, value, out.interface) ||
         read_traffic(reader, key, value, out.interface.traffic);
}

bool read_more(Reader& reader, const std::string& key, const Tree& value, Interface& out) {
  return read_link_detail(reader, key, value, out) || read_traffic(reader, key, value, out.traffic);
}

std::vector<std::string> more_names() {
  std::vector<std::string> names = link_detail_names();
  names.insert(names.end(), traffic_names().begin(), traffic_names().end());
  return names;
}

std::vector<std::string> interface_key_names() {
  std::vector<std::string> names = more_names();
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
  if (value.is_mapping()) {
    auto address = read_long_address(reader, value, family, loopback);
    if (address) interface.addresses.push_back(std::move(*address));
  } else if (const auto address = reader.interface_address(value, family, loopback)) {
    interface.addresses.push_back({address->value, address->at});
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
    read_mapping<Interface>(reader, *entry.value, kInterfaceKeys, interface, read_more,
                            more_names());
    const Tree* alias = name->value == "lo" ? entry.value->find("alias") : nullptr;
    if (alias != nullptr) {
      reader.error(alias->at, "the alias of lo says whose the namespace is", "leave it to netyard");
    }
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
