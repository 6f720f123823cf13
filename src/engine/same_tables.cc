// SPDX-License-Identifier: Apache-2.0
#include "engine/same_tables.h"

#include <algorithm>

#include "netlink/link_data.h"

namespace netyard {
namespace {

const BridgeVlan* range_with(std::uint16_t number, std::uint32_t ifindex, const LiveTables& live) {
  const auto found = live.vlans.find(ifindex);
  if (found == live.vlans.end()) return nullptr;
  for (const auto& range : found->second) {
    if (range.first <= number && number <= range.last) return &range;
  }
  return nullptr;
}

// Ranges are cut otherwise by the kernel than by a file.
bool has_range(const BridgeVlan& wanted, std::uint32_t ifindex, const LiveTables& live) {
  for (std::uint32_t number = wanted.first; number <= wanted.last; ++number) {
    const BridgeVlan* range = range_with(static_cast<std::uint16_t>(number), ifindex, live);
    if (range == nullptr || range->pvid != wanted.pvid || range->untagged != wanted.untagged) {
      return false;
    }
    const std::uint32_t tunnel = wanted.tunnel == 0 ? 0 : wanted.tunnel + number - wanted.first;
    const std::uint32_t shown = range->tunnel == 0 ? 0 : range->tunnel + number - range->first;
    if (tunnel != shown) return false;
  }
  return true;
}

// In no VLAN: the bridge that filters them has it in each of its port's.
bool is_entry(const FdbEntry& wanted, std::uint32_t ifindex, const FdbState& state) {
  const FdbEntry& live = state.entry;
  return state.ifindex == ifindex && live.mac == wanted.mac && live.self == wanted.self &&
         live.life == wanted.life && (wanted.vlan == 0 || live.vlan == wanted.vlan) &&
         (!wanted.remote || live.remote == wanted.remote) &&
         (wanted.port == 0 || live.port == wanted.port) && (!wanted.vni || live.vni == wanted.vni);
}

bool is_group(const MdbEntry& wanted, std::uint32_t bridge, const MdbState& state) {
  const MdbEntry& live = state.entry;
  return state.bridge == bridge && live.port == wanted.port && live.group == wanted.group &&
         live.mac == wanted.mac && live.permanent == wanted.permanent &&
         (wanted.vlan == 0 || live.vlan == wanted.vlan);
}

PacketMatch in_the_kernels_words(PacketMatch match) {
  if (match.source) match.source = match.source->network();
  if (match.destination) match.destination = match.destination->network();
  return match;
}

/// Whether one step of a kind is done, on one link.
struct Filled {
  const LinkState& link;
  const LiveTables& live;

  bool operator()(const AlternativeNames& wanted) const {
    const auto names = alternative_names(link);
    return std::all_of(wanted.names.begin(), wanted.names.end(), [&](const auto& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    });
  }
  bool operator()(const AddVlans& wanted) const {
    return std::all_of(wanted.vlans.begin(), wanted.vlans.end(),
                       [&](const auto& range) { return has_range(range, link.ifindex, live); });
  }
  bool operator()(const RemoveVlan& gone) const {
    return range_with(gone.vlan, link.ifindex, live) == nullptr;
  }
  bool operator()(const FdbEntry& wanted) const {
    return std::any_of(live.fdb.begin(), live.fdb.end(), [&](const FdbState& state) {
      return is_entry(wanted, link.ifindex, state);
    });
  }
  bool operator()(const MdbEntry& wanted) const {
    return std::any_of(live.mdb.begin(), live.mdb.end(), [&](const MdbState& state) {
      return is_group(wanted, link.ifindex, state);
    });
  }
};

}  // namespace

bool is_filled(const FillTable& fill, const LinkState& link, const LiveTables& live) {
  return std::visit(Filled{link, live}, fill.what);
}

bool has_filter(const TrafficFilter& wanted, std::uint32_t ifindex, const LiveTables& live) {
  const auto found = live.filters.find(ifindex);
  if (found == live.filters.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const FilterState& state) {
    const TrafficFilter& filter = state.filter;
    if (!state.unsaid.empty() || filter.class_id != wanted.class_id) return false;
    if (wanted.mark != 0) return filter.mark == wanted.mark;
    return filter.mark == 0 &&
           in_the_kernels_words(filter.match) == in_the_kernels_words(wanted.match);
  });
}

}  // namespace netyard
