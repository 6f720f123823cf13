// SPDX-License-Identifier: Apache-2.0
#include "engine/lost_lab.h"

#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

#include "base/error.h"
#include "engine/host_table.h"
#include "engine/namespace_mark.h"
#include "engine/sources.h"
#include "netlink/namespace_id.h"
#include "netlink/observe.h"
#include "netns/processes.h"
#include "topology/spec.h"

namespace netyard {
namespace {

struct FoundEnd {
  std::size_t node = 0;
  std::size_t interface = 0;
  std::uint32_t other = 0;  // ifindex of the peer, in whatever namespace
};

bool is_pair(const LinkState& link) {
  const LinkKind* kind = find_link_kind(link.kind);
  return kind != nullptr && kind->ordering == LinkClass::pair;
}

// Ifindexes are unique in a lab, so a pair needs no more than theirs.
void pair_up(LabRecord& record, const std::map<std::uint32_t, FoundEnd>& ends) {
  for (const auto& [ifindex, end] : ends) {
    const auto peer = ends.find(end.other);
    if (peer == ends.end() || peer->second.other != ifindex) continue;
    const RecordedNode& node = record.nodes[peer->second.node];
    record.nodes[end.node].interfaces[end.interface].peer =
        node.name + ":" + node.interfaces[peer->second.interface].name;
  }
}

RecordedNode look_at(const MarkedNamespace& found, std::size_t number,
                     std::map<std::uint32_t, FoundEnd>& ends) {
  RecordedNode node{found.mark.node, "", found.netns, found.identity, {}};
  Socket socket = socket_in(open_namespace(found.netns).get());
  for (const auto& link : observe_links(socket)) {
    if (is_pair(link)) ends[link.ifindex] = {number, node.interfaces.size(), link.parent};
    RecordedInterface& interface = node.interfaces.emplace_back();
    interface.name = link.name;
    interface.ifindex = link.ifindex;
    interface.up = link.up;
  }
  return node;
}

// Pairs with an end here, on the host, and the other in a namespace of the lab: each end names the
// other's number, and ours the other's namespace.
void find_host_pairs(LabRecord& record, const std::map<std::uint32_t, FoundEnd>& ends) {
  Socket socket;
  std::map<std::size_t, std::optional<int>> ids;
  for (const auto& link : observe_links(socket)) {
    const auto end = ends.find(link.parent);
    if (!is_pair(link) || !link.parent_nsid || end == ends.end()) continue;
    if (end->second.other != link.ifindex) continue;
    const std::size_t number = end->second.node;
    const std::string& netns = record.nodes[number].netns;
    if (!ids.contains(number)) {
      ids[number] = namespace_id(socket, open_namespace(netns).get());
    }
    if (ids[number] != link.parent_nsid) continue;
    record.nodes[number].interfaces[end->second.interface].peer =
        std::string(spec::kHostNode) + ":" + link.name;
    record.host_pairs.push_back({netns, link.parent, link.name});
  }
}

// What it was read from is kept beside the record.
std::string file_of(const std::string& lab) {
  const auto sources = load_sources(lab);
  if (sources.empty()) return {};
  const std::filesystem::path directory = sources.front().options.directory;
  return (directory / sources.front().path).lexically_normal();
}

LabRecord rebuild(const std::string& lab, const std::vector<MarkedNamespace>& namespaces) {
  LabRecord record;
  record.name = lab;
  record.phase = LabPhase::up;
  record.boot_id = boot_id();
  record.file = file_of(lab);
  std::map<std::uint32_t, FoundEnd> ends;
  for (const auto& found : namespaces) {
    try {
      record.nodes.push_back(look_at(found, record.nodes.size(), ends));
    } catch (const Error& error) {
      if (error.code() != ENOENT) throw;  // gone meanwhile
    }
  }
  pair_up(record, ends);
  find_host_pairs(record, ends);
  record.host_table = host_table_of(lab);
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
