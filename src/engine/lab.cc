// SPDX-License-Identifier: Apache-2.0
#include "engine/lab.h"

#include <limits.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <map>

#include "base/file_descriptor.h"
#include "base/log.h"
#include "engine/converge.h"
#include "engine/preflight.h"
#include "engine/real_kernel.h"
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

void begin_record(const LabRecord& record, const LabSources& sources) {
  try {
    save_record(record);
    save_sources(record.name, {sources});
  } catch (const Error&) {
    remove_record(record.name);
    throw;
  }
}

void finish(RealKernel& kernel, LabRecord& record, Execution& execution) {
  try {
    for (NodeId id = 1; id <= record.nodes.size(); ++id) {
      record.nodes[id - 1].identity = kernel.identity(id);
    }
    record.phase = LabPhase::up;
    save_record(record);
  } catch (const Error& error) {
    execution.complete = false;
    execution.error = error;
  }
}

// Namespaces of a lab that are still those that it made. Of one whose `up` was cut off only the
// names are known: they were free when it began.
std::vector<Leftover> set_strangers_aside(LabRecord& record, std::vector<Leftover>& unseen) {
  std::vector<Leftover> strangers;
  if (record.phase != LabPhase::up) return strangers;
  std::erase_if(record.nodes, [&](const RecordedNode& node) {
    // Of one that was being added only the name is known: it was free.
    if (node.identity == NamespaceIdentity{}) return false;
    try {
      const FileDescriptor fd = open_namespace(node.netns);
      NamespaceIdentity found = identify(fd.get());
      found.cookie = socket_in(fd.get()).namespace_cookie();
      if (found == node.identity) return false;
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
    const auto record = load_record(lab);
    if (!record) return out;
    for (const auto& node : record->nodes) {
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
  const auto standing = load_record(lab.topology.name);
  if (!standing) return {};
  return first_changes(lab, *standing);
}

Repairs find_repairs(const std::string& lab) {
  const auto standing = load_record(lab);
  if (!standing) throw Error(ENOENT, "look at lab", lab).reason("no lab of this name is up");
  Repairs out;
  const auto sources = load_sources(lab);
  if (sources.empty()) return out;
  LoadedLab loaded = load_lab(sources.front());
  if (loaded.diagnostics.has_errors()) return out;
  out.known = true;
  out.changes = first_changes(loaded, *standing);
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
  if (const auto standing = load_record(topology.name)) {
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
  if (execution.complete) finish(kernel, record, execution);
  if (!execution.complete) undo(kernel, record, execution, result);
  result.seconds = watch.seconds();
  return result;
}

DownResult take_down(const std::string& lab) {
  const Stopwatch watch;
  // Before the lock: that would make the directory.
  if (!load_record(lab) && !has_unfinished_record(lab)) return {};
  const LabLock lock(lab);
  auto record = load_record(lab);
  DownResult result;
  if (!record) {
    remove_record(lab);
    return result;
  }
  result.was_up = true;
  result.nodes = record->nodes.size();
  const Topology nothing;
  RealKernel kernel(nothing);
  std::vector<Leftover> unseen;
  std::vector<Leftover> strangers = set_strangers_aside(*record, unseen);
  result.left = tear_down(kernel, *record);
  for (auto& node : unseen) result.left.push_back(std::move(node));
  result.lingering = find_lingering(*record);
  // A stranger's namespace is not ours to clear, and no reason to keep a record.
  if (result.left.empty()) remove_record(lab);
  for (auto& stranger : strangers) result.left.push_back(std::move(stranger));
  result.seconds = watch.seconds();
  return result;
}

}  // namespace netyard
