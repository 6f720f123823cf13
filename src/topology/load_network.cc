// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "netlink/link.h"
#include "topology/load_traffic.h"
#include "topology/reader.h"

namespace netyard::spec {
namespace {

void read_ends(Reader& reader, const Tree& value, Network& network) {
  if (!reader.expect(value, Tree::Kind::sequence, "a list of endpoints")) return;
  for (const auto& item : value.items) {
    if (auto endpoint = read_endpoint(reader, *item)) {
      network.endpoints.push_back(std::move(*endpoint));
    }
  }
}

constexpr Key<Network> kNetworkKeys[] = {
    {"subnet", "subnets", "subnet of the segment: ends without an address get one from it",
     [](Reader& reader, const Tree& value, Network& out) { out.subnets = reader.subnets(value); }},
    {"endpoints", "endpoints", "the ends", read_ends},
    {"mtu", "mtu", "bytes, all ends",
     [](Reader& reader, const Tree& value, Network& out) { out.mtu = reader.mtu(value); }},
};

bool read_bridge_field(Reader& reader, const std::string& key, const Tree& value,
                       Network& network) {
  const Field* field = find_link_kind("bridge")->find(key);
  if (field == nullptr) return read_shared_traffic(reader, key, value, network.traffic);
  if (auto setting = reader.field(*field, value)) network.bridge.push_back(std::move(*setting));
  return true;
}

}  // namespace

std::span<const Key<Network>> network_keys() {
  return kNetworkKeys;
}

void read_network(Reader& reader, const Tree& key, const Tree& value, File& file) {
  const auto name = reader.name(key, "name of a network");
  if (!name || !reader.expect(value, Tree::Kind::mapping, "a mapping")) return;
  if (const auto problem = interface_name_problem(name->value); !problem.empty()) {
    reader.error(key.at, fmt::format("the bridge of a network has its name, and {}", problem));
    return;
  }
  Network network;
  network.name = *name;
  network.at = key.at;
  static const std::vector<std::string> kBridgeFields = bridge_field_names();
  read_mapping<Network>(reader, value, kNetworkKeys, network, read_bridge_field, kBridgeFields);
  const Tree* ends = value.find("endpoints");
  if (ends == nullptr || (ends->is_sequence() && ends->items.empty())) {
    reader.error(key.at, fmt::format("network '{}' has no 'endpoints'", name->value));
  }
  file.networks.push_back(std::move(network));
}

}  // namespace netyard::spec
