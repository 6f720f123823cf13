// SPDX-License-Identifier: Apache-2.0
#include "engine/inspect.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>

#include "engine/link_words.h"
#include "engine/state_words.h"
#include "netns/pin.h"

namespace netyard {
namespace {

using ProcessCounts = std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t>;

ProcessCounts count_processes() {
  ProcessCounts counts;
  for (const auto& process : processes_by_namespace()) {
    ++counts[{process.identity.device, process.identity.inode}];
  }
  return counts;
}

InterfaceNames interface_names(const NodeStatus& node) {
  InterfaceNames names;
  for (const auto& interface : node.interfaces) {
    names[interface.link.ifindex] = interface.link.name;
  }
  return names;
}

void add_words(Socket& socket, int namespace_fd, NodeStatus& out) {
  const InterfaceNames names = interface_names(out);
  LinkWords words(namespace_fd, names);
  for (auto& interface : out.interfaces) {
    if (!interface.missing) interface.words = words.of(interface.link);
  }
  out.layer3 = layer3_words(socket, names);
}

void look_inside(Socket& socket, const RecordedNode& record, NodeStatus& out) {
  const auto addresses = observe_addresses(socket);
  const TrafficView traffic(socket);
  for (auto& link : observe_links(socket)) {
    InterfaceStatus status;
    for (const auto& address : addresses) {
      if (address.ifindex == link.ifindex) status.addresses.push_back(address);
    }
    if (const auto* known = record.find(link.name)) {
      status.peer = known->peer;
      status.differences = find_differences(*known, link, traffic);
      status.touched = known->touched;
    }
    status.link = std::move(link);
    out.interfaces.push_back(std::move(status));
  }
  for (const auto& expected : record.interfaces) {
    const bool there = std::any_of(out.interfaces.begin(), out.interfaces.end(),
                                   [&](const auto& i) { return i.link.name == expected.name; });
    if (there) continue;
    InterfaceStatus gone;
    gone.link.name = expected.name;
    gone.peer = expected.peer;
    gone.missing = true;
    out.interfaces.push_back(std::move(gone));
  }
}

NodeStatus look_at(const RecordedNode& record, LabPhase phase, const ProcessCounts& processes,
                   bool in_full) {
  NodeStatus out;
  out.name = record.name;
  out.kind = record.kind;
  out.netns = record.netns;
  try {
    const FileDescriptor fd = open_namespace(record.netns);
    const NamespaceIdentity identity = identify(fd.get());
    Socket socket = socket_in(fd.get());
    const bool ours = identity.inode == record.identity.inode &&
                      socket.namespace_cookie() == record.identity.cookie;
    if (phase == LabPhase::up && !ours) {
      out.problem = "another namespace has its name now";
      return out;
    }
    const auto counted = processes.find({identity.device, identity.inode});
    if (counted != processes.end()) out.processes = counted->second;
    look_inside(socket, record, out);
    if (in_full) add_words(socket, fd.get(), out);
  } catch (const Error& error) {
    if (error.code() == EPERM || error.code() == EACCES) throw;
    out.problem = error.code() == ENOENT ? "its namespace is gone" : error.what();
  }
  return out;
}

}  // namespace

bool LabStatus::whole() const {
  return std::all_of(nodes.begin(), nodes.end(), [](const NodeStatus& node) {
    return node.problem.empty() &&
           std::none_of(node.interfaces.begin(), node.interfaces.end(),
                        [](const InterfaceStatus& interface) { return interface.missing; });
  });
}

LabStatus inspect(const std::string& lab, bool in_full) {
  const FoundRecord found = find_record(lab);
  if (found.state == RecordState::none) {
    throw Error(ENOENT, "look at lab", lab)
        .reason("no lab of this name is up")
        .hint("'netyard ls' shows those that are");
  }
  const LabRecord* record = &found.record;
  LabStatus out;
  out.record = found.state;
  out.name = record->name;
  out.file = record->file;
  out.phase = record->phase;
  out.created = record->created;
  out.settled = record->settled;
  const ProcessCounts processes = count_processes();
  for (const auto& node : record->nodes) {
    if (found.state == RecordState::earlier_boot) {
      out.nodes.push_back(
          {node.name, node.kind, node.netns, "gone with an earlier boot", 0, {}, {}});
      continue;
    }
    out.nodes.push_back(look_at(node, record->phase, processes, in_full));
  }
  return out;
}

std::vector<LabSummary> list_labs() {
  std::vector<LabSummary> out;
  for (const auto& name : known_labs()) {
    LabSummary summary;
    summary.name = name;
    try {
      const FoundRecord found = find_record(name);
      if (found.state == RecordState::none) continue;
      summary.record = found.state;
      summary.file = found.record.file;
      summary.phase = found.record.phase;
      summary.created = found.record.created;
      summary.nodes = found.record.nodes.size();
      summary.problem = found.problem;
    } catch (const Error& error) {
      summary.problem = error.what();
    }
    out.push_back(std::move(summary));
  }
  return out;
}

}  // namespace netyard
