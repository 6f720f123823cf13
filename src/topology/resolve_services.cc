// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <queue>

#include "base/suggest.h"
#include "topology/resolver.h"

namespace netyard {
namespace {

// A bound like those of Tree: `after: NODE` stands for as many as the node has.
constexpr std::size_t kMostWaits = 1'000'000;

/// Workloads are known by their index in the order of the file.
class ServiceOrder {
 public:
  ServiceOrder(const spec::File& file, Diagnostics& diagnostics) : diagnostics_(diagnostics) {
    for (const auto& node : file.nodes) {
      nodes_.push_back(node.name.value);
      auto& here = by_node_[node.name.value];
      for (const auto& run : node.run) {
        by_id_.emplace(run.service.id(), runs_.size());
        here.push_back(runs_.size());
        runs_.push_back(&run);
      }
    }
    before_.resize(runs_.size());
  }

  std::vector<PlannedService> run() {
    for (std::size_t self = 0; self < runs_.size(); ++self) {
      known_.clear();
      for (const auto& word : runs_[self]->after) add_after(self, word);
    }
    std::vector<PlannedService> out;
    for (const std::size_t index : sort()) {
      const spec::Run& run = *runs_[index];
      out.push_back({run.service, run.places, run.at});
      for (const auto& other : before_[index]) {
        out.back().service.after.push_back(runs_[other.index]->service.id());
      }
    }
    return out;
  }

 private:
  struct Before {
    std::size_t index;
    Location at;  // the word of `after:`
  };

  void add_after(std::size_t self, const Located<std::string>& word) {
    const std::string& node = runs_[self]->service.node;
    const std::string& said = word.value;
    const bool has_slash = said.find('/') != std::string::npos;
    const auto one = by_id_.find(has_slash ? said : node + "/" + said);
    if (one != by_id_.end()) {
      add_one(self, one->second, word.at);
    } else if (by_node_.contains(said)) {
      add_node(self, said, word.at);
    } else {
      report_unknown(node, word);
    }
  }

  void add_one(std::size_t self, std::size_t other, const Location& at) {
    const std::string id = runs_[self]->service.id();
    const std::string other_id = runs_[other]->service.id();
    if (self == other) {
      diagnostics_.error(at, fmt::format("{} cannot wait for itself", id));
    } else if (runs_[self]->service.autostart && !runs_[other]->service.autostart) {
      diagnostics_.error(
          at, fmt::format("{} waits for {}, which 'up' does not start", id, other_id),
          fmt::format("remove 'autostart: false' from {}, or say it of {} as well", other_id, id));
    } else {
      add(self, other, at);
    }
  }

  // All that start by themselves.
  void add_node(std::size_t self, const std::string& node, const Location& at) {
    bool any = false;
    for (const std::size_t other : by_node_[node]) {
      if (other == self || !runs_[other]->service.autostart) continue;
      any = true;
      add(self, other, at);
    }
    if (!any) {
      diagnostics_.error(at, fmt::format("{} waits for {}, which has no workload to wait for",
                                         runs_[self]->service.id(), node));
    }
  }

  void add(std::size_t self, std::size_t other, const Location& at) {
    if (count_ > kMostWaits || !known_.insert(other).second) return;
    if (++count_ > kMostWaits) {
      diagnostics_.error(at,
                         fmt::format("workloads wait for more than {} others in all", kMostWaits),
                         "wait for one of a node instead of all");
      return;
    }
    before_[self].push_back({other, at});
  }

  void report_unknown(const std::string& node, const Located<std::string>& word) {
    const std::string& said = word.value;
    const std::size_t slash = said.find('/');
    if (slash == std::string::npos) {
      diagnostics_.error(
          word.at, fmt::format("{} has no workload '{}', nor is there such a node", node, said),
          hint_for(node, said));
      return;
    }
    const std::string other = said.substr(0, slash);
    if (!by_node_.contains(other)) {
      diagnostics_.error(word.at, fmt::format("there is no node '{}'", other),
                         did_you_mean(other, nodes_));
    } else {
      const std::string name = said.substr(slash + 1);
      diagnostics_.error(word.at, fmt::format("{} has no workload '{}'", other, name),
                         did_you_mean(name, names_in(other)));
    }
  }

  // A workload of that name on another node is what is meant most often.
  std::string hint_for(const std::string& node, const std::string& said) {
    for (const auto* run : runs_) {
      if (run->service.name == said) return fmt::format("did you mean '{}'?", run->service.id());
    }
    std::vector<std::string> known = names_in(node);
    known.insert(known.end(), nodes_.begin(), nodes_.end());
    return did_you_mean(said, known);
  }

  std::vector<std::string> names_in(const std::string& node) {
    std::vector<std::string> out;
    for (const std::size_t index : by_node_[node]) out.push_back(runs_[index]->service.name);
    return out;
  }

  // Kahn's algorithm, the first of the file first. When none is free the rest holds a circle: it is
  // told, and broken to find the next one.
  std::vector<std::size_t> sort() {
    std::vector<std::size_t> missing(runs_.size());
    std::vector<std::vector<std::size_t>> behind(runs_.size());
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
    for (std::size_t index = 0; index < runs_.size(); ++index) {
      missing[index] = before_[index].size();
      for (const auto& other : before_[index]) behind[other.index].push_back(index);
      if (missing[index] == 0) free.push(index);
    }
    std::vector<std::size_t> out;
    std::vector<bool> done(runs_.size());
    std::size_t first = 0;  // none before it is left
    while (out.size() < runs_.size()) {
      if (free.empty()) {
        while (done[first]) ++first;
        free.push(report_circle(first, done));
      }
      const std::size_t index = free.top();
      free.pop();
      done[index] = true;
      out.push_back(index);
      for (const std::size_t other : behind[index]) {
        if (!done[other] && --missing[other] == 0) free.push(other);
      }
    }
    return out;
  }

  /// From a workload that is not free along those that are not done until one comes again.
  std::size_t report_circle(std::size_t from, const std::vector<bool>& done) {
    std::vector<std::size_t> way = {from};
    std::unordered_map<std::size_t, std::ptrdiff_t> position = {{from, 0}};
    for (;;) {
      const std::size_t next = blocker(way.back(), done).index;
      const auto [known, fresh] = position.emplace(next, std::ssize(way));
      if (!fresh) {
        way.erase(way.begin(), way.begin() + known->second);
        break;
      }
      way.push_back(next);
    }
    std::rotate(way.begin(), std::min_element(way.begin(), way.end()), way.end());
    std::string text;
    for (const std::size_t index : way) text += runs_[index]->service.id() + " -> ";
    diagnostics_.error(blocker(way.front(), done).at,
                       fmt::format("'after' goes round in a circle: {}{}", text,
                                   runs_[way.front()]->service.id()));
    return way.front();
  }

  const Before& blocker(std::size_t index, const std::vector<bool>& done) const {
    return *std::find_if(before_[index].begin(), before_[index].end(),
                         [&](const Before& other) { return !done[other.index]; });
  }

  Diagnostics& diagnostics_;
  std::vector<const spec::Run*> runs_;
  std::vector<std::string> nodes_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_node_;
  std::vector<std::vector<Before>> before_;
  std::size_t count_ = 0;                  // of all in before_
  std::unordered_set<std::size_t> known_;  // of before_, for one workload
};

}  // namespace

void resolve_services(const spec::File& file, Topology& topology, Diagnostics& diagnostics) {
  topology.services = ServiceOrder(file, diagnostics).run();
}

}  // namespace netyard
