// SPDX-License-Identifier: Apache-2.0
#include "engine/same_state.h"

#include <algorithm>
#include <sstream>

namespace netyard {
namespace {

constexpr std::uint32_t kUsualMetric6 = 1024;  // IP6_RT_PRIO_USER

std::uint32_t metric_of(const Route& route) {
  if (route.metric != 0 || route.destination.family() == Family::ipv4) return route.metric;
  return kUsualMetric6;
}

bool same_hop(const NextHop& wanted, const NextHop& live, bool weighs) {
  if (wanted.ifindex != 0 && wanted.ifindex != live.ifindex) return false;
  if (wanted.gateway != live.gateway || !(wanted.encap == live.encap)) return false;
  if (weighs && wanted.weight != live.weight) return false;
  return !wanted.onlink || live.onlink;
}

// The kernel may turn the hops of an IPv6 route round.
bool same_hops(const std::vector<NextHop>& wanted, const std::vector<NextHop>& live) {
  if (wanted.size() != live.size()) return false;
  return std::all_of(wanted.begin(), wanted.end(), [&](const NextHop& hop) {
    return std::any_of(live.begin(), live.end(), [&](const NextHop& other) {
      return same_hop(hop, other, wanted.size() > 1);
    });
  });
}

}  // namespace

bool same_place(const Route& wanted, const Route& live) {
  return wanted.destination.family() == live.destination.family() &&
         wanted.destination.length == live.destination.length &&
         wanted.destination.network().address == live.destination.network().address &&
         wanted.table == live.table && metric_of(wanted) == metric_of(live) &&
         wanted.tos == live.tos;
}

bool same_route(const Route& wanted, const Route& live) {
  if (!same_place(wanted, live) || wanted.type != live.type) return false;
  if (wanted.nexthop != live.nexthop) return false;
  if (wanted.nexthop == 0 && has_hops(wanted.type) && !same_hops(wanted.hops, live.hops)) {
    return false;
  }
  if (wanted.source && wanted.source != live.source) return false;
  if (wanted.scope && wanted.destination.family() == Family::ipv4 && wanted.scope != live.scope) {
    return false;
  }
  if (wanted.preference && wanted.preference != live.preference) return false;
  return wanted.metrics.empty() ? live.metrics.empty() : wanted.metrics == live.metrics;
}

bool same_rule(const Rule& wanted, const Rule& live) {
  Rule expected = wanted;
  if (expected.mask == UINT32_MAX) expected.mask.reset();
  // A table of no meaning is whatever it is; "from all" is no prefix.
  if (live.action != RuleAction::lookup || live.l3mdev) expected.table = live.table;
  for (auto* prefix : {&expected.from, &expected.to}) {
    if (*prefix && (*prefix)->length == 0) prefix->reset();
  }
  return expected == live;
}

bool same_neighbor(const Neighbor& wanted, const Neighbor& live) {
  return wanted.ifindex == live.ifindex && wanted.address == live.address &&
         wanted.mac == live.mac && wanted.proxy == live.proxy && wanted.router == live.router &&
         (wanted.proxy || wanted.state == live.state || wanted.state != NeighborState::permanent);
}

bool same_nexthop(const NextHopObject& wanted, const NextHopObject& live) {
  if (wanted.id != live.id || wanted.blackhole != live.blackhole) return false;
  if (wanted.group != live.group) return false;
  if (!wanted.group.empty()) return wanted.resilience.has_value() == live.resilience.has_value();
  return wanted.blackhole || same_hop(wanted.hop, live.hop, false);
}

bool same_address(const Address& wanted, const AddressState& live) {
  const AddressDetails& details = wanted.details;
  const bool forever = details.valid == kForever && details.preferred == kForever;
  return live.ifindex == wanted.ifindex && live.prefix == wanted.prefix && !live.duplicate &&
         live.details.noprefixroute == details.noprefixroute &&
         (!details.peer || live.details.peer == details.peer) &&
         (!details.broadcast || live.details.broadcast == details.broadcast) &&
         (details.label.empty() || live.details.label == details.label) &&
         (!details.scope || live.details.scope == details.scope) &&
         (details.metric == 0 || live.details.metric == details.metric) &&
         (!forever || live.permanent);
}

bool same_sysctl(const std::string& wanted, const std::string& live) {
  std::istringstream one(wanted);
  std::istringstream other(live);
  std::string a;
  std::string b;
  while (true) {
    const bool more = static_cast<bool>(one >> a);
    if (more != static_cast<bool>(other >> b)) return false;
    if (!more) return true;
    if (a != b) return false;
  }
}

}  // namespace netyard
