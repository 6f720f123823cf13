// SPDX-License-Identifier: Apache-2.0
#include "engine/ruleset_state.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>

#include "base/error.h"
#include "engine/compared.h"
#include "engine/nft.h"
#include "engine/nft_output.h"
#include "engine/nft_tables.h"
#include "netlink/nftables.h"
#include "netns/namespace.h"
#include "netns/pin.h"

namespace netyard {
namespace {

std::string run_nft(std::vector<std::string> words, int namespace_fd, std::string input = {}) {
  const CommandResult result =
      run_command(nft(std::move(words), namespace_fd, std::move(input)), [] { return false; });
  if (result.ok()) return result.output;
  throw Error(0, "look at", "nftables")
      .reason(result.failure.empty() ? nft_complaints(result.output).front().message
                                     : result.failure);
}

NftTables list_tables(int namespace_fd) {
  return nft_tables_of(run_nft({"-s", "list", "ruleset"}, namespace_fd));
}

/// What rulesets make of an empty namespace, each alike one looked at once.
class Models {
 public:
  const NftTables& of(const Node& node) {
    std::string key;
    for (const auto& interface : node.interfaces) key += interface.name + "/";
    key += node.ruleset->text();
    const auto [place, fresh] = models_.try_emplace(std::move(key));
    if (!fresh) return place->second;
    const FileDescriptor scratch = stand_in(node);
    run_nft({"-f", "-"}, scratch.get(), node.ruleset->text());
    return place->second = list_tables(scratch.get());
  }

 private:
  std::map<std::string, NftTables> models_;
};

std::string differences(const NftTables& wanted, const NftTables& live) {
  std::string out;
  for (const auto& [name, table] : wanted) {
    const auto found = live.find(name);
    if (found != live.end() && found->second == table) continue;
    if (!out.empty()) out += ", ";
    out += "table " + name + (found == live.end() ? " is missing" : " is otherwise");
  }
  return out;
}

/// What files say of one node.
struct Asked {
  const Node* next = nullptr;       // with a ruleset, or nullptr
  std::vector<const Node*> before;  // the same
};

std::map<std::string, Asked> asked_of(const Topology& next, const std::vector<Wish>& before) {
  std::map<std::string, Asked> out;
  for (const auto& node : next.nodes) {
    if (node.ruleset) out[node.name].next = &node;
  }
  for (const Wish& wish : before) {
    for (const auto& node : wish.topology->nodes) {
      if (node.ruleset) out[node.name].before.push_back(&node);
    }
  }
  // Without a file of before what is called as in this one is taken for its own.
  if (before.empty()) {
    for (auto& [name, asked] : out) asked.before.push_back(asked.next);
  }
  return out;
}

// nullopt: it is not there.
std::optional<FileDescriptor> namespace_of(const LabRecord& record, const std::string& node) {
  if (node == spec::kHostNode) return current_namespace();
  for (const auto& recorded : record.nodes) {
    if (recorded.name != node) continue;
    try {
      return open_namespace(recorded.netns);
    } catch (const Error& error) {
      if (error.code() != ENOENT && !is_stale_pin(recorded.netns)) throw;
    }
  }
  return {};
}

LiveRuleset look(const Asked& asked, bool settled, std::uint32_t known, int fd, Models& models) {
  LiveRuleset out;
  {
    const NamespaceScope inside(fd);
    out.generation = nft_generation();
    const bool same = settled && asked.next != nullptr && !asked.before.empty() &&
                      asked.before.back()->ruleset->text() == asked.next->ruleset->text();
    if (same && known != 0 && known == out.generation) return out;
    const auto live = nft_tables();
    std::set<std::string> ours;
    for (const Node* node : asked.before) {
      for (const auto& [name, table] : models.of(*node)) ours.insert(name);
    }
    std::copy_if(live.begin(), live.end(), std::back_inserter(out.ours),
                 [&](const auto& name) { return ours.contains(name); });
    if (!same) return out;
  }
  out.otherwise = differences(models.of(*asked.next), list_tables(fd));
  return out;
}

}  // namespace

std::map<std::string, LiveRuleset> look_at_rulesets(const LabRecord& record, const Topology& next,
                                                    const Present& present) {
  std::map<std::string, LiveRuleset> out;
  Models models;
  for (const auto& [name, asked] : asked_of(next, present.before)) {
    const auto fd = namespace_of(record, name);
    if (!fd) continue;
    const auto known = record.rulesets.find(name);
    out[name] = look(asked, present.settled, known != record.rulesets.end() ? known->second : 0,
                     fd->get(), models);
  }
  return out;
}

std::map<std::string, std::uint32_t> ruleset_generations(const Topology& topology) {
  std::map<std::string, std::uint32_t> out;
  for (const auto& node : topology.nodes) {
    if (!node.ruleset) continue;
    if (node.name == spec::kHostNode) {
      out[node.name] = nft_generation();
      continue;
    }
    const NamespaceScope inside(open_namespace(node.netns).get());
    out[node.name] = nft_generation();
  }
  return out;
}

}  // namespace netyard
