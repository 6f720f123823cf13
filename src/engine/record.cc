// SPDX-License-Identifier: Apache-2.0
#include "engine/record.h"

#include <time.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "engine/record_envelope.h"
#include "engine/recorded_traffic.h"
#include "topology/topology.h"

namespace netyard {

// In namespace netyard, where nlohmann-json looks for them by argument-dependent lookup.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NamespaceIdentity, device, inode, cookie)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProcessIdentity, pid, start_time)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RecordedQdisc, kind, is_class, parent, handle, settings)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RecordedInterface, name, ifindex, peer, qdiscs, words, filters,
                                   changed, now_words, memory, touched, up)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RecordedNode, name, kind, netns, identity, interfaces)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(HostPair, netns, ifindex, host_name)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TakenLink, netns, name, host_name, host_ifindex, was_up)
NLOHMANN_JSON_SERIALIZE_ENUM(LabPhase, {{LabPhase::creating, "creating"}, {LabPhase::up, "up"}})
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LabRecord, name, file, phase, boot_id, owner, created, settled,
                                   nodes, host_pairs, taken, host_table, rulesets)

namespace {

std::string peer_name(const Topology& topology, const Interface& interface) {
  if (!interface.peer) return {};
  return topology.nodes[interface.peer->node].name + ":" + topology.interface(*interface.peer).name;
}

RecordedNode record_node(const Topology& topology, const Node& node) {
  RecordedNode out{node.name, to_string(node.kind), node.netns, {}, {}};
  for (const auto& interface : node.interfaces) {
    RecordedInterface& recorded = out.interfaces.emplace_back();
    recorded.name = interface.name;
    recorded.ifindex = interface.ifindex;
    recorded.peer = peer_name(topology, interface);
    recorded.up = interface.details.up;
    record_shaping(interface.shaping, recorded);
  }
  return out;
}

}  // namespace

const RecordedInterface* RecordedNode::find(const std::string& interface) const {
  for (const auto& candidate : interfaces) {
    if (candidate.name == interface) return &candidate;
  }
  return nullptr;
}

const RecordedInterface* LabRecord::find(const std::string& node,
                                         const std::string& interface) const {
  for (const auto& candidate : nodes) {
    if (candidate.name == node) return candidate.find(interface);
  }
  return nullptr;
}

LabRecord make_record(const Topology& topology, const std::string& file) {
  LabRecord record;
  record.name = topology.name;
  record.file = file;
  record.boot_id = boot_id();
  record.owner = this_process();
  record.created = time(nullptr);
  record.host_table = topology.host_table;
  for (NodeId id = 1; id < topology.nodes.size(); ++id) {
    record.nodes.push_back(record_node(topology, topology.nodes[id]));
  }
  for (const auto& link : topology.links) {
    const Interface& end = topology.interface(link.end);
    const Node& node = topology.nodes[link.end.node];
    if (link.kind == nullptr) {
      record.taken.push_back({node.netns, end.name, link.host_link, 0, false});
    } else if (link.peer && (link.end.node == kHost || link.peer->node == kHost)) {
      const InterfaceRef inside = link.end.node == kHost ? *link.peer : link.end;
      const InterfaceRef outside = link.end.node == kHost ? link.end : *link.peer;
      record.host_pairs.push_back({topology.nodes[inside.node].netns,
                                   topology.interface(inside).ifindex,
                                   topology.interface(outside).name});
    }
  }
  return record;
}

std::string to_text(const LabRecord& record) {
  // A path need not be UTF-8, as JSON must.
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  return seal(nlohmann::json(record).dump(1, ' ', false, kReplace));
}

LabRecord from_text(const std::string& text, const std::string& path) {
  const std::string_view body = unseal(text, path);
  try {
    return nlohmann::json::parse(body).get<LabRecord>();
  } catch (const nlohmann::json::exception& broken) {
    throw Error(EBADMSG, "read record", path).reason(broken.what());
  }
}

}  // namespace netyard
