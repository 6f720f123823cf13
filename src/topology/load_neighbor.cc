// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/layer3_reader.h"

namespace netyard::spec {
namespace {

void read_address(Reader& reader, const Tree& value, Neighbor& neighbor) {
  neighbor.address.at = value.at;
  const auto address = reader.address(value);
  if (!address) return;
  neighbor.address = *address;
  if (!address->value.is_multicast() && !address->value.is_unspecified()) return;
  reader.error(value.at, fmt::format("{} is nobody's address", address->value.to_string()));
}

void read_state(Reader& reader, const Tree& value, Neighbor& neighbor) {
  static constexpr const char* kWords[] = {"permanent", "noarp", "reachable", "stale"};
  static constexpr NeighborState kStates[] = {NeighborState::permanent, NeighborState::noarp,
                                              NeighborState::reachable, NeighborState::stale};
  const auto which = reader.choice(value, "a state", kWords);
  if (which) neighbor.state = {kStates[*which], value.at};
}

template <bool Neighbor::*Member>
void read_flag(Reader& reader, const Tree& value, Neighbor& neighbor) {
  neighbor.*Member = reader.boolean(value).value_or(false);
}

constexpr Key<Neighbor> kNeighborKeys[] = {
    {"address", "address", "IP address of the neighbour", read_address},
    {"mac", "mac", "its MAC address; that of whoever in the lab has the address when not given",
     [](Reader& reader, const Tree& value, Neighbor& out) { out.mac = reader.mac(value); }},
    {"dev", "string", "interface; found from the address when not given",
     [](Reader& reader, const Tree& value, Neighbor& out) {
       out.dev = reader.interface_name(value);
     }},
    {"state", "neighborState", "permanent, noarp, reachable or stale", read_state},
    {"proxy", "boolean", "answer for the address, which is elsewhere", read_flag<&Neighbor::proxy>},
    {"router", "boolean", "IPv6: it is a router", read_flag<&Neighbor::router>},
    {"extern_learn", "boolean", "kept out of the kernel's garbage collection",
     read_flag<&Neighbor::extern_learn>},
};

constexpr Word kNeighborWords[] = {{"proxy", "proxy", Word::flag},
                                   {"router", "router", Word::flag},
                                   {"extern_learn", "extern_learn", Word::flag},
                                   {"lladdr", "mac"},
                                   {"nud", "state"}};
constexpr Grammar kNeighborGrammar = {"neighbour", "10.0.0.5 lladdr 02:00:00:00:00:05 dev eth0",
                                      kNeighborWords, "address"};

}  // namespace

std::span<const Key<Neighbor>> neighbor_keys() {
  return kNeighborKeys;
}

std::vector<Neighbor> read_neighbors(Reader& reader, const Tree& value) {
  std::vector<Neighbor> out;
  if (value.is_null() || !reader.expect(value, Tree::Kind::sequence, "a list of neighbours")) {
    return out;
  }
  for (const auto& item : value.items) {
    const std::size_t mistakes = reader.errors();
    const auto mapping = mapping_of(reader, *item, kNeighborGrammar);
    if (!mapping) continue;
    Neighbor neighbor;
    neighbor.at = item->at;
    read_mapping<Neighbor>(reader, *mapping, kNeighborKeys, neighbor);
    if (mapping->find("address") == nullptr) {
      reader.error(item->at, "the neighbour has no 'address'");
    }
    if (reader.errors() == mistakes) out.push_back(std::move(neighbor));
  }
  return out;
}

}  // namespace netyard::spec
