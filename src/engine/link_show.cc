// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "engine/link.h"
#include "netlink/observe.h"
#include "netns/pin.h"

namespace netyard {
namespace {

/// What there is in one namespace, looked at once.
struct NodeView {
  explicit NodeView(Socket socket)
      : links(observe_links(socket)), counters(observe_link_counters(socket)), traffic(socket) {}

  std::vector<LinkState> links;
  std::vector<LinkCounters> counters;
  TrafficView traffic;
};

std::optional<LinkView> view(const LinkEnd& end, const RecordedInterface& recorded,
                             const NodeView& node) {
  const auto link = std::find_if(node.links.begin(), node.links.end(),
                                 [&](const LinkState& l) { return l.name == end.interface; });
  if (link == node.links.end()) return {};
  LinkView out;
  out.end = end;
  out.peer = recorded.peer;
  out.state = *link;
  for (const auto& counters : node.counters) {
    if (counters.ifindex == link->ifindex) out.counters = counters;
  }
  out.words = words_now(recorded, *link, node.traffic);
  for (const QdiscState* state : node.traffic.all(link->ifindex)) out.qdiscs.push_back(*state);
  out.differences = find_differences(recorded, *link, node.traffic);
  return out;
}

}  // namespace

std::vector<LinkView> look_at_ends(const std::string& lab, const std::vector<LinkEnd>& ends) {
  const auto record = load_record(lab);
  std::vector<LinkView> out;
  if (!record) return out;
  std::map<std::string, NodeView> nodes;
  for (const auto& end : ends) {
    const RecordedInterface* known = record->find(end.node, end.interface);
    if (known == nullptr) continue;
    auto node = nodes.find(end.netns);
    if (node == nodes.end())
      node = nodes.emplace(end.netns, socket_in(open_namespace(end.netns).get())).first;
    if (auto seen = view(end, *known, node->second)) out.push_back(std::move(*seen));
  }
  return out;
}

}  // namespace netyard
