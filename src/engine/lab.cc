// SPDX-License-Identifier: Apache-2.0
#include "engine/lab.h"

#include <limits.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>

#include "base/file_descriptor.h"
#include "base/log.h"
#include "engine/converge.h"
#include "engine/lost_lab.h"
#include "engine/namespace_mark.h"
#include "engine/preflight.h"
#include "engine/real_kernel.h"
#include "engine/remains.h"
#include "engine/ruleset_state.h"
#include "engine/thrown.h"
#include "netns/pin.h"
#include "netns/processes.h"

namespace netyard {
namespace {

constexpr std::size_t kLargestFile = std::size_t{64} << 20;

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string absolute(const std::string& path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) != nullptr ? resolved : path;
}

void count(const Topology& topology, UpResult& result) {
  result.nodes = static_cast<std::size_t>(
      std::count_if(topology.nodes.begin() + 1, topology.nodes.end(),
                    [](const Node& node) { return node.kind != NodeKind::segments; }));
  for (const auto& link : topology.links) {
    if (link.kind == nullptr || std::string_view(link.kind->name) != "bridge") ++result.links;
  }
  for (const auto& node : topology.nodes) {
    result.routes += node.routes.size();
    for (const auto& interface : node.interfaces) result.addresses += interface.addresses.size();
  }
}

// The record of what was really made: a namespace that another made under our name meanwhile is
// not.
LabRecord only_created(const LabRecord& record, const std::vector<NodeId>& created) {
  LabRecord out = record;
  out.nodes.clear();
  for (const NodeId node : created) out.nodes.push_back(record.nodes[node - 1]);
  return out;
}

void undo(RealKernel& kernel, const LabRecord& record, const Execution& execution,
          UpResult& result) {
  LabRecord made = only_created(record, execution.created);
  result.left = tear_down(kernel, made);
  result.error = execution.error;
  result.outcome = execution.error ? UpOutcome::undone : UpOutcome::interrupted;
  if (result.left.empty()) {
    remove_record(record.name);
    return;
  }
  result.outcome = UpOutcome::left;
  save_record(made);
}

// What is there of a lab: by its record, or without one by what carries its mark. Of an earlier
// boot only files below /etc may be left, and they go.
std::optional<LabRecord> standing_record(const std::string& lab) {
  FoundRecord found = find_record(lab);
  if (found.state == RecordState::none) return {};
  if (found.state != RecordState::earlier_boot) return std::move(found.record);
  const auto left = remove_remains(lab);
  if (!left.empty()) throw left.front().error;
  return {};
}

void begin_record(const LabRecord& record, const LabSources& sources) {
  try {
    save_record(record);
    save_sources(record.name, {sources});
  } catch (const Error&) {
    remove_record(record.name);
    throw;
  }
}

void finish(RealKernel& kernel, const Topology& topology, LabRecord& record, Execution& execution) {
  try {
    for (NodeId id = 1; id <= record.nodes.size(); ++id) {
      record.nodes[id - 1].identity = kernel.identity(id);
    }
    kernel.home();
    record.rulesets = ruleset_generations(topology);
    record.phase = LabPhase::up;
    record.settled = time(nullptr);
    save_record(record);
  } catch (const std::exception& error) {
    execution.complete = false;
    execution.error = as_error(error, record.name);
  }
}

// Whether the lab made the namespace that has a node's name now. Where the record has no identity
// of it yet the mark tells.
bool is_ours(const LabRecord& record, const RecordedNode& node) {
  const FileDescriptor fd = open_namespace(node.netns);
  Socket socket = socket_in(fd.get());
  if (record.phase != LabPhase::up || node.identity == NamespaceIdentity{}) {
    return mark_of(socket) == NamespaceMark{record.name, node.name};
  }
  NamespaceIdentity found = identify(fd.get());
  found.cookie = socket.namespace_cookie();
  return found == node.identity;
}

// Namespaces of a lab that are not those that it made.
std::vector<Leftover> set_strangers_aside(LabRecord& record, std::vector<Leftover>& unseen) {
  std::vector<Leftover> strangers;
  std::erase_if(record.nodes, [&](const RecordedNode& node) {
    try {
      if (is_ours(record, node)) return false;
      strangers.push_back({"namespace " + node.netns,
                           Error(0, "delete namespace", node.netns)
                               .reason("another one has this name now; it is left alone")});
    } catch (const Error& error) {
      if (error.code() == ENOENT || is_stale_pin(node.netns)) return false;
      unseen.push_back({"namespace " + node.netns, error});
    }
    return true;
  });
  return strangers;
}

std::vector<Lingering> find_lingering(const LabRecord& record) {
  std::vector<Lingering> out;
  std::map<std::pair<std::uint64_t, std::uint64_t>, const RecordedNode*> ours;
  for (const auto& node : record.nodes) {
    if (node.identity.inode != 0) ours[{node.identity.device, node.identity.inode}] = &node;
  }
  for (const auto& process : processes_by_namespace()) {
    const auto node = ours.find({process.identity.device, process.identity.inode});
    if (node != ours.end()) out.push_back({node->second->name, process.pid, process.command});
  }
  return out;
}

InterfaceNumbers recorded_numbers(const std::string& lab) {
  InterfaceNumbers out;
  try {
    const FoundRecord found = find_record(lab);
    for (const auto& node : found.record.nodes) {
      for (const auto& interface : node.interfaces) {
        out[node.name + ":" + interface.name] = interface.ifindex;
      }
    }
  } catch (const Error& error) {
    log::debug(error.what());  // who needs the record says so
  }
  return out;
}

LoadedLab read_lab(const LabSources& sources, const spec::FileReader& read) {
  LoadedLab lab;
  lab.path = absolute(sources.path);
  const spec::File file = spec::load(sources.path, read, sources.options, lab.diagnostics);
  if (lab.diagnostics.has_errors()) return lab;
  lab.topology = resolve(file, lab.diagnostics, recorded_numbers(file.name.value));
  if (!lab.diagnostics.has_errors()) lab.plan = make_plan(lab.topology);
  return lab;
}

}  // namespace

LoadedLab load_lab(const std::string& path, const spec::LoadOptions& options) {
  LabSources sources;
  sources.path = path;
  sources.options = options;
  std::error_code gone;
  const std::filesystem::path directory = std::filesystem::current_path(gone);
  if (!gone) sources.options.directory = directory;
  LoadedLab lab = read_lab(sources, [&](const std::string& file) {
    return sources.files[file] = read_file(file, kLargestFile);
  });
  lab.sources = std::move(sources);
  return lab;
}

LoadedLab load_lab(const LabSources& sources) {
  LoadedLab lab = read_lab(sources, [&](const std::string& file) {
    const auto found = sources.files.find(file);
    if (found == sources.files.end()) throw Error(ENOENT, "read", file);
    return found->second;
  });
  lab.sources = sources;
  return lab;
}

std::optional<Changes> changes_of(const LoadedLab& lab) {
  const FoundRecord found = find_record(lab.topology.name);
  const bool there = found.state == RecordState::good || found.state == RecordState::lost;
  if (!there) return {};
  return first_changes(lab, found.record);
}

Repairs find_repairs(const std::string& lab) {
  Repairs out;
  const FoundRecord found = find_record(lab);
  if (found.state != RecordState::good && found.state != RecordState::lost) return out;
  const auto sources = load_sources(lab);
  if (sources.empty()) return out;
  LoadedLab loaded = load_lab(sources.front());
  if (loaded.diagnostics.has_errors()) return out;
  out.known = true;
  out.settled = found.record.settled;
  out.changes = first_changes(loaded, found.record);
  out.topology = std::move(loaded.topology);
  return out;
}

bool is_up(const std::string& lab) {
  return load_record(lab).has_value();
}

UpResult bring_up(const LoadedLab& lab, const ExecutionHooks& hooks) {
  const Stopwatch watch;
  const Topology& topology = lab.topology;
  UpResult result;
  count(topology, result);
  const LabLock lock(topology.name);
  if (const auto standing = standing_record(topology.name)) {
    converge(lab, *standing, hooks, result);
    result.seconds = watch.seconds();
    return result;
  }
  LabRecord record = make_record(topology, lab.path);
  preflight(topology, record, nullptr, result.diagnostics);
  if (result.diagnostics.has_errors()) {
    result.outcome = UpOutcome::refused;
    return result;
  }
  prepare_netns_directory();
  RealKernel kernel(topology);
  begin_record(record, lab.sources);
  Execution execution = execute(kernel, topology, lab.plan, hooks);
  if (execution.complete) finish(kernel, topology, record, execution);
  if (!execution.complete) undo(kernel, record, execution, result);
  result.seconds = watch.seconds();
  return result;
}

namespace {

// A record of before, that was put back, does not know of all; their marks tell.
void add_unrecorded(LabRecord& record) {
  std::set<std::string> known;
  for (const auto& node : record.nodes) known.insert(node.netns);
  for (const auto& found : marked_namespaces(record.name, known)) {
    record.nodes.push_back({found.mark.node, "", found.netns, found.identity, {}});
  }
}

DownResult take_down_recorded(LabRecord& record) {
  DownResult result;
  add_unrecorded(record);
  result.was_up = true;
  result.nodes = record.nodes.size();
  const Topology nothing;
  RealKernel kernel(nothing);
  std::vector<Leftover> unseen;
  std::vector<Leftover> strangers = set_strangers_aside(record, unseen);
  result.left = tear_down(kernel, record);
  for (auto& node : unseen) result.left.push_back(std::move(node));
  result.lingering = find_lingering(record);
  // A stranger's namespace is not ours to clear, and no reason to keep a record.
  if (result.left.empty()) remove_record(record.name);
  for (auto& stranger : strangers) result.left.push_back(std::move(stranger));
  return result;
}

// Without a record that holds: what carries the lab's mark.
DownResult take_down_marked(const std::string& lab, const FoundRecord& found) {
  DownResult result;
  result.was_up = found.state != RecordState::none;
  if (found.state == RecordState::earlier_boot) {
    result.note = "its record is of an earlier boot; nothing of it was there any more";
  } else if (found.state == RecordState::lost) {
    result.nodes = found.record.nodes.size();
    result.note = found.problem.empty() ? "it had no record" : found.problem;
    result.note += "; what carries its mark is removed";
  }
  result.left = remove_remains(lab);
  result.lingering = find_lingering(found.record);
  return result;
}

}  // namespace

DownResult take_down(const std::string& lab) {
  const Stopwatch watch;
  // Before the lock: that would make the directory.
  if (find_record(lab).state == RecordState::none && find_remains(lab).empty()) return {};
  const LabLock lock(lab);
  FoundRecord found = find_record(lab);
  DownResult result = found.state == RecordState::good ? take_down_recorded(found.record)
                                                       : take_down_marked(lab, found);
  result.seconds = watch.seconds();
  return result;
}

}  // namespace netyard
