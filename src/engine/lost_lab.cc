// SPDX-License-Identifier: Apache-2.0
#include "engine/lost_lab.h"

#include <cerrno>
#include <map>
#include <set>

#include "base/error.h"
#include "engine/namespace_mark.h"
#include "netlink/namespace_id.h"
#include "netlink/observe.h"
#include "netns/processes.h"

namespace netyard {
namespace {

struct End {
  std::size_t node = 0;
  std::size_t interface = 0;
  std::uint32_t other = 0;  // ifindex of the peer, in whatever namespace
};

// Ifindexes are unique in a lab, so a pair needs no more than theirs.
void pair_up(LabRecord& record, const std::map<std::uint32_t, End>& ends) {
  for (const auto& [ifindex, end] : ends) {
    const auto peer = ends.find(end.other);
    if (peer == ends.end() || peer->second.other != ifindex) continue;
    const RecordedNode& node = record.nodes[peer->second.node];
    record.nodes[end.node].interfaces[end.interface].peer =
        node.name + ":" + node.interfaces[peer->second.interface].name;
  }
}

/// The other ends of pairs that lead to the host.
class HostEnds {
 public:
  /// The name on the host of the peer of a link seen through `socket`; "" when it is elsewhere.
  std::string peer_of(const LinkState& link, Socket& socket) {
    if (link.kind != "veth" || !link.parent_nsid) return {};
    if (!host_) host_ = current_namespace();
    if (namespace_id(socket, host_.get()) != link.parent_nsid) return {};
    if (links_.empty()) {
      Socket at_host;
      links_ = observe_links(at_host);
    }
    for (const auto& candidate : links_) {
      const bool is = candidate.ifindex == link.parent && candidate.parent == link.ifindex;
      if (is && candidate.kind == "veth") return candidate.name;
    }
    return {};
  }

 private:
  FileDescriptor host_;
  std::vector<LinkState> links_;
};

RecordedNode look_at(const MarkedNamespace& found, std::size_t number,
                     std::map<std::uint32_t, End>& ends, HostEnds& host, LabRecord& record) {
  RecordedNode node{found.mark.node, "", found.netns, found.identity, {}};
  Socket socket = socket_in(open_namespace(found.netns).get());
  for (const auto& link : observe_links(socket)) {
    if (link.kind == "veth") ends[link.ifindex] = {number, node.interfaces.size(), link.parent};
    RecordedInterface& interface = node.interfaces.emplace_back();
    interface.name = link.name;
    interface.ifindex = link.ifindex;
    interface.up = link.up;
    const std::string outside = host.peer_of(link, socket);
    if (outside.empty()) continue;
    interface.peer = "host:" + outside;
    record.host_pairs.push_back({found.netns, link.ifindex, outside});
  }
  return node;
}

LabRecord rebuild(const std::string& lab, const std::vector<MarkedNamespace>& namespaces) {
  LabRecord record;
  record.name = lab;
  record.phase = LabPhase::up;
  record.boot_id = boot_id();
  std::map<std::uint32_t, End> ends;
  HostEnds host;
  for (const auto& found : namespaces) {
    try {
      record.nodes.push_back(look_at(found, record.nodes.size(), ends, host, record));
    } catch (const Error& error) {
      if (error.code() != ENOENT) throw;  // gone meanwhile
    }
  }
  pair_up(record, ends);
  return record;
}

}  // namespace

FoundRecord find_record(const std::string& lab) {
  FoundRecord out;
  try {
    if (auto record = load_record(lab)) {
      const bool now = record->boot_id == boot_id();
      return {now ? RecordState::good : RecordState::earlier_boot, std::move(*record), ""};
    }
  } catch (const Error& error) {
    if (error.code() != EBADMSG) throw;
    out.problem = error.what();
  }
  const auto namespaces = marked_namespaces(lab);
  if (namespaces.empty() && out.problem.empty()) return out;
  out.state = RecordState::lost;
  out.record = rebuild(lab, namespaces);
  return out;
}

std::vector<std::string> known_labs() {
  const std::vector<std::string> recorded = recorded_labs();
  std::set<std::string> labs = marked_labs(recorded);
  labs.insert(recorded.begin(), recorded.end());
  return {labs.begin(), labs.end()};
}

}  // namespace netyard
