// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "topology/resolver.h"

namespace netyard {
namespace {

// Hands out the addresses of one subnet, one after the other.
class Pool {
 public:
  explicit Pool(const IpPrefix& subnet) : subnet_(subnet), next_(subnet.address) {
    // A network of one or two has no address to spare for itself.
    const bool tiny = subnet.length >= subnet.address.bits() - 1;
    if (!tiny) next_ = next_.plus(1);
  }

  std::optional<IpAddress> take(const std::set<IpAddress>& used) {
    while (subnet_.contains(next_) && !exhausted_) {
      const IpAddress candidate = next_;
      next_ = next_.plus(1);
      exhausted_ = !subnet_.contains(next_) || next_ < candidate;
      if (subnet_.broadcast() == candidate) return {};
      if (!used.contains(candidate)) return candidate;
    }
    return {};
  }

 private:
  IpPrefix subnet_;
  IpAddress next_;
  bool exhausted_ = false;
};

struct SegmentSubnet {
  Located<IpPrefix> subnet;
  std::vector<InterfaceRef> ends;  // in file order
  std::set<IpAddress> used;
};

class Dealer {
 public:
  Dealer(const spec::File& file, Topology& topology, Diagnostics& diagnostics)
      : file_(file), topology_(topology), diagnostics_(diagnostics) {}

  void run() {
    declare_all();
    gather_ends();
    for (auto& [key, segment] : segments_) deal(segment);
  }

 private:
  using SegmentKey = std::pair<std::uint32_t, Family>;

  void declare(std::uint32_t segment, const std::vector<Located<IpPrefix>>& subnets) {
    for (const auto& subnet : subnets) {
      const SegmentKey key{segment, subnet.value.family()};
      const auto [known, fresh] = segments_.emplace(key, SegmentSubnet{subnet, {}, {}});
      if (fresh || known->second.subnet.value == subnet.value) continue;
      diagnostics_.error(
          subnet.at,
          fmt::format("the segment has subnet {} already, from {}",
                      known->second.subnet.value.to_string(), known->second.subnet.at.to_string()),
          "links joined by switches are one segment with one subnet a family");
    }
  }

  // The place of an endpoint in the file finds the interface it became.
  void index_ends() {
    for (const auto& node : topology_.nodes) {
      for (const auto& interface : node.interfaces) {
        if (interface.segment != 0) by_place_.emplace(place(interface.at), interface.segment);
      }
    }
  }

  static std::string place(const Location& at) { return at.to_string(); }

  void declare_at(const Location& at, const std::vector<Located<IpPrefix>>& subnets) {
    const auto found = by_place_.find(place(at));
    if (found != by_place_.end()) declare(found->second, subnets);
  }

  void declare_all() {
    index_ends();
    for (const auto& link : file_.links) {
      if (!link.subnets.empty()) declare_at(link.endpoints.front().at, link.subnets);
    }
    for (const auto& network : file_.networks) {
      if (network.subnets.empty() || network.endpoints.empty()) continue;
      declare_at(network.endpoints.front().at, network.subnets);
    }
    for (const auto& node : file_.nodes) {
      if (!node.subnets.empty()) declare_at(node.at, node.subnets);
    }
  }

  bool may_have_address(const Node& node, const Interface& interface) const {
    const bool own_bridge = interface.kind == "bridge" &&
                            (node.kind == NodeKind::switch_ || node.kind == NodeKind::segments);
    const bool is_port =
        interface.master_kind != nullptr && std::string_view(interface.master_kind->name) != "vrf";
    return interface.segment != 0 && !is_port && !own_bridge;
  }

  // Links stand in file order, and so do their ends.
  void gather_ends() {
    for (const auto& link : topology_.links) {
      gather(link.end);
      if (link.peer) gather(*link.peer);
    }
    for (const auto& node : topology_.nodes) {
      for (const auto& interface : node.interfaces) {
        for (const auto& address : interface.addresses) {
          const auto found = segments_.find({interface.segment, address.value.family()});
          if (found != segments_.end()) found->second.used.insert(address.value.address);
        }
      }
    }
  }

  void gather(InterfaceRef ref) {
    const Interface& interface = topology_.interface(ref);
    if (!may_have_address(topology_.nodes[ref.node], interface)) return;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      const auto found = segments_.find({interface.segment, family});
      if (found == segments_.end()) continue;
      const bool has_one =
          std::any_of(interface.addresses.begin(), interface.addresses.end(),
                      [&](const auto& address) { return address.value.family() == family; });
      if (!has_one) found->second.ends.push_back(ref);
    }
  }

  void deal(SegmentSubnet& segment) {
    const IpPrefix& subnet = segment.subnet.value;
    Pool pool(subnet);
    for (const InterfaceRef ref : segment.ends) {
      const auto address = pool.take(segment.used);
      if (!address) {
        too_small(segment);
        return;
      }
      Interface& interface = topology_.interface(ref);
      interface.addresses.push_back({{*address, subnet.length}, interface.at});
    }
  }

  void too_small(const SegmentSubnet& segment) {
    const IpPrefix& subnet = segment.subnet.value;
    const std::size_t needed = segment.ends.size() + segment.used.size();
    const std::size_t spare = subnet.family() == Family::ipv4 ? 2 : 1;
    int bits = 0;
    while ((std::size_t{1} << bits) < needed + spare) ++bits;
    diagnostics_.error(
        segment.subnet.at,
        fmt::format("{} is too small: the segment needs {} addresses", subnet.to_string(), needed),
        fmt::format("a /{} would do", subnet.address.bits() - bits));
  }

  const spec::File& file_;
  Topology& topology_;
  Diagnostics& diagnostics_;
  std::map<SegmentKey, SegmentSubnet> segments_;
  std::unordered_map<std::string, std::uint32_t> by_place_;
};

}  // namespace

void deal_addresses(const spec::File& file, Topology& topology, Diagnostics& diagnostics) {
  Dealer(file, topology, diagnostics).run();
}

}  // namespace netyard
