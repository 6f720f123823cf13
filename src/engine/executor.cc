// SPDX-License-Identifier: Apache-2.0
#include "engine/executor.h"

#include <algorithm>
#include <cerrno>

#include "engine/thrown.h"

namespace netyard {
namespace {

// The node whose socket carries a netlink operation; nothing for the other operations.
std::optional<NodeId> socket_of(const Operation& operation) {
  if (const auto* create = std::get_if<CreateLink>(&operation)) return create->through;
  const bool netlink =
      std::holds_alternative<ChangeLink>(operation) ||
      std::holds_alternative<AddAddress>(operation) ||
      std::holds_alternative<AddRoute>(operation) ||
      std::holds_alternative<AddMplsRoute>(operation) ||
      std::holds_alternative<AddNextHop>(operation) || std::holds_alternative<AddRule>(operation) ||
      std::holds_alternative<AddNeighbor>(operation) ||
      std::holds_alternative<FillTable>(operation) ||
      std::holds_alternative<ShapeLink>(operation) || std::holds_alternative<Remove>(operation);
  return netlink ? std::optional(node_of(operation)) : std::nullopt;
}

// A kernel without the kind says EOPNOTSUPP ("Unknown device type"); say which option it lacks.
void explain(Error& error, const Operation& operation) {
  const auto* create = std::get_if<CreateLink>(&operation);
  if (create == nullptr || create->link.kind == nullptr) return;
  if (error.code() == EOPNOTSUPP) {
    error.hint("this kernel may have no " + std::string(create->link.kind->name) + " (" +
               create->link.kind->kernel_option + "): see 'netyard kinds'");
  }
  if (error.code() == EEXIST && create->peer_node == kHost && create->link.peer) {
    error.hint("the host has a link called " + create->link.peer->name + " already");
  }
}

Error refused(const Topology& topology, const Step& step, const Ack& ack) {
  Error error(ack.answered ? ack.error : EIO, operation_of(step.operation),
              object_of(topology, step.operation));
  if (!ack.answered) error.reason("the kernel gave no answer");
  error.kernel(ack.sentence, ack.attribute);
  if (ack.error == EPERM) error.hint("this needs CAP_NET_ADMIN over the network namespace");
  explain(error, step.operation);
  error.origin(step.origin);
  return error;
}

// What is to go and is gone already, or what is to be and is there.
bool is_done_already(const Operation& operation, const Ack& ack, bool again) {
  if (std::holds_alternative<Remove>(operation)) {
    return ack.error == ENOENT || ack.error == ESRCH || ack.error == ENODEV ||
           ack.error == EADDRNOTAVAIL;
  }
  return again && std::holds_alternative<FillTable>(operation) && ack.error == EEXIST;
}

class Executor {
 public:
  Executor(Kernel& kernel, const Topology& topology, const Plan& plan, const ExecutionHooks& hooks)
      : kernel_(kernel),
        topology_(topology),
        steps_(plan.steps),
        again_(plan.again),
        hooks_(hooks) {}

  Execution run() {
    try {
      while (next_ < steps_.size()) {
        if (hooks_.interrupted()) return std::move(out_);
        advance();
        hooks_.progress(next_, steps_.size());
      }
      // None of them by itself: still they are to be looked after.
      if (!topology_.services.empty() && !started_) start_services();
      out_.complete = true;
    } catch (const Interrupted&) {
      return std::move(out_);
    } catch (Error& error) {
      out_.error = next_ < steps_.size() ? error.origin(steps_[next_].origin) : error;
    } catch (const std::exception& error) {
      out_.error = as_error(error, topology_.name);
    }
    return std::move(out_);
  }

 private:
  struct Interrupted {};

  void advance() {
    const Operation& operation = steps_[next_].operation;
    if (const auto socket = socket_of(operation)) return send_batch(*socket);
    std::visit([&](const auto& what) { perform(what); }, operation);
  }

  // Those that netlink carries, in batches.
  void perform(const auto& what) { send_batch(what.node); }

  void perform(const CreateNamespace& create) {
    kernel_.create_namespace(create.node);
    out_.created.push_back(create.node);
    ++next_;
  }
  void perform(const WriteSysctl& sysctl) {
    kernel_.write_sysctl(sysctl);
    ++next_;
  }
  void perform(const TakeLink& take) {
    kernel_.take_link(take);
    ++next_;
  }
  void perform(const WriteEtc&) {
    kernel_.write_etc();
    ++next_;
  }
  void perform(const DropHostTable& drop) {
    if (auto left = kernel_.delete_host_table(drop.table)) throw left->error;
    ++next_;
  }
  void perform(const AwaitAddress& await) {
    kernel_.await_address(await, hooks_.interrupted);
    if (hooks_.interrupted()) throw Interrupted{};
    ++next_;
  }
  void perform(const CreateDevice&) { set_up_device(); }
  void perform(const SetWireGuard&) { set_up_device(); }
  void perform(const SetMacsec&) { set_up_device(); }
  void set_up_device() {
    kernel_.set_up_device(steps_[next_].operation);
    ++next_;
  }
  void perform(const SetOffloads& offloads) {
    kernel_.set_offloads(offloads);
    ++next_;
  }

  void send_batch(NodeId socket) {
    std::vector<const Operation*> operations;
    for (std::size_t i = next_; i < steps_.size() && socket_of(steps_[i].operation) == socket;
         ++i) {
      operations.push_back(&steps_[i].operation);
    }
    const std::vector<Ack> acks = kernel_.request(socket, operations);
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (acks.at(i).ok() || is_done_already(*operations[i], acks[i], again_)) continue;
      throw refused(topology_, steps_[next_ + i], acks[i]);
    }
    next_ += operations.size();
  }

  // All that follow one another: each is a process, and several may run at once.
  void perform(const LoadRuleset&) {
    const auto loads = all_next<LoadRuleset>();
    auto refused = kernel_.load_rulesets(loads, hooks_.interrupted);
    if (hooks_.interrupted()) throw Interrupted{};
    if (refused) throw *refused;
    next_ += loads.size();
  }

  void perform(const DeleteNamespace&) {
    std::vector<std::string> names;
    for (const auto& gone : all_next<DeleteNamespace>()) names.push_back(gone.netns);
    const auto left = kernel_.delete_namespaces(names);
    if (!left.empty()) throw left.front().error;
    next_ += names.size();
  }

  void perform(const EndWorkload&) {
    std::vector<std::string> ids;
    for (const auto& end : all_next<EndWorkload>()) ids.push_back(end.id);
    kernel_.end_workloads(ids);
    next_ += ids.size();
  }

  void perform(const GiveBackLink& link) {
    const TakenLink taken{link.netns, link.name, link.host_name, link.host_ifindex, link.was_up};
    if (auto left = kernel_.give_back(taken)) throw left->error;
    ++next_;
  }

  // The steps of one kind that follow one another from here.
  template <class T>
  std::vector<T> all_next() const {
    std::vector<T> out;
    for (std::size_t i = next_; i < steps_.size(); ++i) {
      const auto* one = std::get_if<T>(&steps_[i].operation);
      if (one == nullptr) break;
      out.push_back(*one);
    }
    return out;
  }

  void perform(const RunCommand& command) {
    const CommandResult result = kernel_.run_command(command, hooks_.interrupted);
    if (hooks_.interrupted()) throw Interrupted{};
    if (result.ok()) {
      ++next_;
      return;
    }
    const Step& step = steps_[next_];
    Error error(0, operation_of(step.operation), object_of(topology_, step.operation));
    error.reason(result.failure.empty() ? result.describe() : result.failure);
    if (!result.output.empty()) error.hint("it said: " + last_lines(result.output));
    throw error;
  }

  void perform(const StartWorkload&) { start_services(); }

  // All at once: their supervisor knows what comes after what.
  void start_services() {
    started_ = true;
    const auto failed = kernel_.start_services(hooks_.interrupted);
    if (!failed) throw Interrupted{};
    if (!failed->empty()) throw failure(first_of(*failed));
    next_ = steps_.size();
  }

  // Services that only come after the one that failed say so: the cause stands first in the plan.
  const FailedService& first_of(const std::vector<FailedService>& failed) {
    for (; next_ < steps_.size(); ++next_) {
      const auto* start = std::get_if<StartWorkload>(&steps_[next_].operation);
      if (start == nullptr) continue;
      const std::string id = topology_.services[start->service].service.id();
      for (const auto& one : failed) {
        if (one.id == id) return one;
      }
    }
    --next_;
    return failed.front();
  }

  Error failure(const FailedService& failed) const {
    Error error(0, operation_of(steps_[next_].operation), failed.id);
    error.reason(failed.reason);
    std::string lines;
    for (const auto& line : failed.lines) lines += (lines.empty() ? "" : "\n") + line;
    if (!lines.empty()) error.hint("it said: " + last_lines(lines));
    return error;
  }

  static std::string last_lines(const std::string& output) {
    constexpr std::size_t kMost = 600;
    std::string text = output.size() > kMost ? output.substr(output.size() - kMost) : output;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  Kernel& kernel_;
  const Topology& topology_;
  const std::vector<Step>& steps_;
  const bool again_;
  const ExecutionHooks& hooks_;
  Execution out_;
  std::size_t next_ = 0;
  bool started_ = false;  // the services
};

}  // namespace

Execution execute(Kernel& kernel, const Topology& topology, const Plan& plan,
                  const ExecutionHooks& hooks) {
  return Executor(kernel, topology, plan, hooks).run();
}

std::vector<Leftover> tear_down(Kernel& kernel, const LabRecord& record) {
  std::vector<Leftover> left = kernel.end_services(record.name);
  for (auto link = record.taken.rbegin(); link != record.taken.rend(); ++link) {
    if (auto stayed = kernel.give_back(*link)) left.push_back(std::move(*stayed));
  }
  for (auto pair = record.host_pairs.rbegin(); pair != record.host_pairs.rend(); ++pair) {
    if (auto stayed = kernel.delete_pair(*pair)) left.push_back(std::move(*stayed));
  }
  if (!record.host_table.empty()) {
    if (auto stayed = kernel.delete_host_table(record.host_table)) {
      left.push_back(std::move(*stayed));
    }
  }
  for (auto& stayed : kernel.remove_etc(record.name)) left.push_back(std::move(stayed));
  // A link that could not be given back would die with its namespace: keep that namespace.
  std::vector<std::string> names;
  for (auto node = record.nodes.rbegin(); node != record.nodes.rend(); ++node) {
    const bool holds_link = std::any_of(left.begin(), left.end(), [&](const Leftover& l) {
      return l.what.find(" in " + node->netns) != std::string::npos;
    });
    if (!holds_link) names.push_back(node->netns);
  }
  for (auto& stayed : kernel.delete_namespaces(names)) left.push_back(std::move(stayed));
  return left;
}

}  // namespace netyard
