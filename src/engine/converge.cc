// SPDX-License-Identifier: Apache-2.0
#include "engine/converge.h"

#include <algorithm>
#include <cerrno>
#include <deque>

#include "engine/link.h"
#include "engine/preflight.h"
#include "engine/real_kernel.h"
#include "engine/ruleset_state.h"
#include "engine/services.h"
#include "engine/thrown.h"
#include "netns/pin.h"
#include "netns/sysctl.h"
#include "process/control.h"

namespace netyard {
namespace {

// What is taken along by the kernel without our having seen it is repaired in the next round.
constexpr int kRounds = 4;

/// The value of a sysctl in a new namespace.
class UsualSysctls {
 public:
  std::optional<std::string> operator()(const std::string& path) {
    if (!scratch_) scratch_ = scratch_namespace();
    const NamespaceScope inside(scratch_.get());
    SysctlWriter sysctls;
    try {
      return sysctls.read(path);
    } catch (const Error&) {
      return {};  // one of a link
    }
  }

 private:
  FileDescriptor scratch_;
};

bool same_sources(const LabSources& one, const LabSources& other) {
  return one.files == other.files && one.options.vars == other.options.vars &&
         one.options.name == other.options.name &&
         one.options.directory == other.options.directory &&
         one.options.instance == other.options.instance;
}

/// What was asked for before, read again; what is wanted now, where that is the same.
class History {
 public:
  History(const LabRecord& record, const LoadedLab& next) {
    const auto sources = load_sources(record.name);
    for (const auto& one : sources) {
      const bool same = same_sources(one, next.sources);
      const LoadedLab& lab = same ? next : read_.emplace_back(load_lab(one));
      if (!lab.diagnostics.has_errors()) labs_.push_back(&lab);
    }
    settled_ = record.phase == LabPhase::up && sources.size() == 1 && labs_.size() == 1;
    current_ = settled_ && labs_.front() == &next;
  }

  const std::vector<const LoadedLab*>& labs() const { return labs_; }
  /// The last of them was done to its end.
  bool settled() const { return settled_; }
  /// And is what is wanted now.
  bool current() const { return current_; }

 private:
  std::deque<LoadedLab> read_;
  std::vector<const LoadedLab*> labs_;
  bool settled_ = false;
  bool current_ = false;
};

std::vector<LiveService> live_services(const std::string& lab) {
  std::vector<LiveService> out;
  if (!has_services(lab)) return out;
  const ServiceFiles files = service_files(lab);
  try {
    for (auto& placed : load_services(files)) {
      auto state = load_state(files, placed.service);
      out.push_back({std::move(placed), std::move(state)});
    }
  } catch (const Error& error) {
    if (error.code() != EBADMSG) throw;  // damaged: then none is known
  }
  return out;
}

/// What is not as the file says, and at which generations of nftables that was so.
struct Look {
  Changes changes;
  std::map<std::string, std::uint32_t> rulesets;
};

Look look(const LoadedLab& next, const LabRecord& record,
          const std::vector<const LoadedLab*>& before, bool settled) {
  std::vector<const Topology*> topologies = {&next.topology};
  Present present;
  for (const LoadedLab* lab : before) {
    topologies.push_back(&lab->topology);
    present.before.push_back({&lab->topology, &lab->plan});
  }
  UsualSysctls usual;
  present.record = &record;
  present.settled = settled;
  present.commands_ran = record.phase == LabPhase::up;
  present.services = live_services(record.name);
  present.wanted_services = place_services(next.topology);
  present.usual_sysctl = std::ref(usual);
  present.rulesets = look_at_rulesets(record, next.topology, present);
  Look out;
  out.changes =
      find_changes({&next.topology, &next.plan}, present, take_snapshot(record, topologies));
  for (const auto& [node, ruleset] : present.rulesets) out.rulesets[node] = ruleset.generation;
  return out;
}

// What `down` must know while the lab is changed: all that is there, and all that may come.
LabRecord both(const LabRecord& standing, const LabRecord& next) {
  LabRecord out = standing;
  out.file = next.file;
  if (out.host_table.empty()) out.host_table = next.host_table;
  for (const auto& node : next.nodes) {
    const auto known = std::find_if(out.nodes.begin(), out.nodes.end(),
                                    [&](const auto& n) { return n.name == node.name; });
    if (known == out.nodes.end()) {
      out.nodes.push_back(node);
      continue;
    }
    for (const auto& interface : node.interfaces) {
      if (known->find(interface.name) == nullptr) known->interfaces.push_back(interface);
    }
  }
  for (const auto& pair : next.host_pairs) {
    if (std::find(out.host_pairs.begin(), out.host_pairs.end(), pair) == out.host_pairs.end()) {
      out.host_pairs.push_back(pair);
    }
  }
  for (const auto& link : next.taken) {
    const bool known = std::any_of(out.taken.begin(), out.taken.end(), [&](const auto& taken) {
      return taken.host_name == link.host_name;
    });
    if (!known) out.taken.push_back(link);
  }
  return out;
}

// A namespace that is to be made is not the one that was there before.
void forget_made(LabRecord& record, const Topology& topology, const Changes& changes) {
  for (const auto& change : changes.list) {
    const auto* create = std::get_if<CreateNamespace>(&change.step.operation);
    if (create == nullptr) continue;
    for (auto& node : record.nodes) {
      if (node.name == topology.nodes[create->node].name) node.identity = {};
    }
  }
}

/// One lab on its way to one file.
class Way {
 public:
  Way(const LoadedLab& target, LabRecord standing, std::vector<const LoadedLab*> before,
      bool settled, const ExecutionHooks& hooks)
      : target_(target),
        standing_(std::move(standing)),
        before_(std::move(before)),
        settled_(settled),
        hooks_(hooks),
        kernel_(target.topology) {}

  Look look() const { return netyard::look(target_, standing_, before_, settled_); }

  /// Takes the changes, and those that turn out to be left, until there are none.
  Execution go(const LabRecord& wanted, Changes changes) {
    Execution execution;
    execution.complete = true;
    for (int round = 0; !changes.list.empty(); ++round) {
      if (round == kRounds) {
        execution.complete = false;
        execution.error = unsettled(changes);
        break;
      }
      const Plan plan = changes.plan(target_.topology.name);
      forget_made(standing_, target_.topology, changes);
      execution = execute(kernel_, target_.topology, plan, hooks_);
      kernel_.home();
      if (!execution.complete) break;
      standing_ = both(standing_, wanted);
      standing_.host_table = wanted.host_table;
      before_ = {&target_};
      settled_ = true;
      standing_.phase = LabPhase::up;
      standing_.rulesets = ruleset_generations(target_.topology);
      changes = look().changes;
    }
    return execution;
  }

  RealKernel& kernel() { return kernel_; }
  /// The generations of nftables before the last look, which found nothing to do.
  const std::map<std::string, std::uint32_t>& rulesets() const { return standing_.rulesets; }

 private:
  Error unsettled(const Changes& changes) const {
    const Step& step = changes.list.front().step;
    return Error(EBUSY, operation_of(step.operation), object_of(target_.topology, step.operation))
        .reason("it does not last: somebody else changes it at the same time")
        .origin(step.origin);
  }

  const LoadedLab& target_;
  LabRecord standing_;
  std::vector<const LoadedLab*> before_;
  bool settled_;
  const ExecutionHooks& hooks_;
  RealKernel kernel_;
};

// The record of a lab that has become what a file says.
LabRecord settled_record(const LoadedLab& lab, const LabRecord& standing, LabRecord wanted,
                         Way& way) {
  wanted.created = standing.created;
  wanted.phase = LabPhase::up;
  wanted.settled = time(nullptr);
  wanted.rulesets = way.rulesets();
  for (NodeId id = 1; id < lab.topology.nodes.size(); ++id) {
    wanted.nodes[id - 1].identity = way.kernel().identity(id);
  }
  return wanted;
}

void settle(const LoadedLab& lab, const LabRecord& standing, const LabRecord& wanted, Way& way) {
  const LabRecord done = settled_record(lab, standing, wanted, way);
  save_record(done);
  save_sources(done.name, {lab.sources});
}

// Back to what was asked for before: the same way with the files exchanged.
void go_back(const LoadedLab& lab, const History& history, const LabRecord& standing,
             const LabRecord& during, UpResult& result) {
  result.outcome = result.error ? UpOutcome::undone : UpOutcome::interrupted;
  try {
    if (history.labs().empty()) throw Error(0, "undo", "changes of lab " + standing.name);
    const LoadedLab& before = *history.labs().front();
    const ExecutionHooks undisturbed;
    Way back(before, during, {&before, &lab}, false, undisturbed);
    LabRecord wanted = make_record(before.topology, standing.file);
    wanted.taken = standing.taken;
    const Execution execution = back.go(wanted, back.look().changes);
    if (execution.error) throw Error(*execution.error);
    settle(before, standing, wanted, back);
  } catch (const std::exception& error) {
    result.outcome = UpOutcome::left;
    result.left.push_back(
        {"lab " + standing.name + ", between two files", as_error(error, standing.name)});
  }
}

// Nothing to do; but its supervisor may be gone, or the file be written otherwise.
void stay(const LoadedLab& lab, const LabRecord& standing, const LabRecord& wanted,
          const History& history, Way& way, const Look& seen) {
  if (has_services(standing.name) && !supervisor_runs(service_files(standing.name))) {
    way.kernel().start_services([] { return false; });
  }
  LabRecord now = wanted;
  now.created = standing.created;
  now.phase = LabPhase::up;
  now.owner = standing.owner;
  now.rulesets = seen.rulesets;
  now.settled = time(nullptr);
  for (std::size_t i = 0; i < now.nodes.size(); ++i) {
    const auto known = std::find_if(standing.nodes.begin(), standing.nodes.end(),
                                    [&](const auto& n) { return n.name == now.nodes[i].name; });
    if (known != standing.nodes.end()) now.nodes[i].identity = known->identity;
    if (now.nodes[i].identity == NamespaceIdentity{}) {
      now.nodes[i].identity = way.kernel().identity(static_cast<NodeId>(i + 1));
    }
  }
  save_record(now);
  if (!history.current()) save_sources(standing.name, {lab.sources});
}

}  // namespace

Changes first_changes(const LoadedLab& lab, const LabRecord& standing) {
  const History history(standing, lab);
  return look(lab, standing, history.labs(), history.settled()).changes;
}

void converge(const LoadedLab& lab, LabRecord standing, const ExecutionHooks& hooks,
              UpResult& result) {
  result.was_up = true;
  const History history(standing, lab);
  Way way(lab, standing, history.labs(), history.settled(), hooks);
  Look seen = way.look();
  Changes changes = seen.changes;
  result.diagnostics = changes.diagnostics;
  LabRecord wanted = make_record(lab.topology, lab.path);
  wanted.taken = both(standing, wanted).taken;
  std::erase_if(wanted.taken, [&](const TakenLink& taken) {
    return std::none_of(lab.topology.links.begin(), lab.topology.links.end(),
                        [&](const auto& link) { return link.host_link == taken.host_name; });
  });
  if (!result.diagnostics.has_errors() && !changes.list.empty()) {
    preflight(lab.topology, wanted, &standing, result.diagnostics);
  }
  result.changes = changes;
  if (result.diagnostics.has_errors()) {
    result.outcome = UpOutcome::refused;
    return;
  }
  // They get back what the kernel forgot of them, which no file says.
  if (raise_links(standing) > 0) {
    seen = way.look();
    changes = seen.changes;
  }
  if (changes.list.empty()) return stay(lab, standing, wanted, history, way, seen);
  prepare_netns_directory();
  LabRecord during = both(standing, wanted);
  forget_made(during, lab.topology, changes);
  save_record(during);
  std::vector<LabSources> sources;
  for (const LoadedLab* before : history.labs()) sources.push_back(before->sources);
  sources.push_back(lab.sources);
  save_sources(standing.name, sources);
  try {
    const Execution execution = way.go(wanted, std::move(changes));
    if (execution.complete) return settle(lab, standing, wanted, way);
    result.error = execution.error;
  } catch (const std::exception& error) {
    result.error = as_error(error, standing.name);
  }
  way.kernel().home();
  go_back(lab, history, standing, during, result);
}

}  // namespace netyard
