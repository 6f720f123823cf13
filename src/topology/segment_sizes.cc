// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "topology/resolver.h"

namespace netyard {
namespace {

// Measured: stars of 500 and 1,000 hosts with IPv6, docs/topology.md.
constexpr std::size_t kManyEnds = 250;
constexpr std::size_t kFramesAnEnd = 4;     // two reports of a group, two solicitations
constexpr double kCopiesASecond = 600'000;  // that two processors make

struct Crowd {
  std::size_t ends = 0;
  std::size_t with_ipv6 = 0;
  Location at;
};

bool is_end(const Interface& interface) {
  return interface.segment != 0 && interface.master == 0 && interface.kind != "bridge";
}

std::map<std::uint32_t, Crowd> count_ends(const Topology& topology) {
  std::map<std::uint32_t, Crowd> crowds;
  for (const auto& node : topology.nodes) {
    for (const auto& interface : node.interfaces) {
      if (!is_end(interface)) continue;
      Crowd& crowd = crowds[interface.segment];
      if (crowd.ends++ == 0) crowd.at = interface.at;
      if (std::any_of(interface.addresses.begin(), interface.addresses.end(),
                      [](const auto& a) { return a.value.family() == Family::ipv6; })) {
        ++crowd.with_ipv6;
      }
    }
  }
  return crowds;
}

void warn(const Crowd& crowd, Diagnostics& diagnostics) {
  const double copies = static_cast<double>(crowd.with_ipv6 * crowd.ends * kFramesAnEnd);
  diagnostics.warning(
      crowd.at,
      fmt::format(
          "a segment of {} ends, {} of them with IPv6: what these tell all others when they "
          "come up is about {:.1f} million copies of frames, {:.1f} s of two processors",
          crowd.ends, crowd.with_ipv6, copies / 1e6, copies / kCopiesASecond),
      "split it by routers, or leave IPv6 to those that need it");
}

}  // namespace

void settle_segment_sizes(Topology& topology, Diagnostics& diagnostics) {
  const auto crowds = count_ends(topology);
  for (const auto& [segment, crowd] : crowds) {
    if (crowd.with_ipv6 > kManyEnds) warn(crowd, diagnostics);
  }
  for (auto& node : topology.nodes) {
    const bool crowded =
        node.kind == NodeKind::host && !node.netns.empty() &&
        std::any_of(node.interfaces.begin(), node.interfaces.end(), [&](const Interface& i) {
          return is_end(i) && crowds.at(i.segment).ends > kManyEnds;
        });
    // In front of the file's own, which may say otherwise.
    static constexpr const char* kMode = "net/ipv6/conf/default/addr_gen_mode";
    if (crowded) {
      node.early_sysctls.insert(node.early_sysctls.begin(), {kMode, kMode, "1", node.at});
    }
  }
}

}  // namespace netyard
