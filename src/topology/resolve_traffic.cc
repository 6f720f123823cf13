// SPDX-License-Identifier: Apache-2.0
#include "topology/resolve_traffic.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggest.h"
#include "topology/impairments.h"
#include "topology/presets.h"
#include "topology/qdisc_tree.h"

namespace netyard {
namespace {

using spec::Setting;
using spec::Traffic;

void put_word(std::vector<Setting>& words, const Setting& over) {
  std::erase_if(words,
                [&](const Setting& word) { return word.setting.field == over.setting.field; });
  words.push_back(over);
}

void put_preset(std::vector<Setting>& words, const spec::PresetUse& use, bool up) {
  for (auto& word : preset_words(*use.preset, up)) put_word(words, {std::move(word), use.at});
}

void put_rest(Traffic& under, const Traffic& over) {
  for (const auto& word : over.words) put_word(under.words, word);
  if (over.qdisc) under.qdisc = over.qdisc;
  for (const auto& offload : over.offloads) {
    std::erase_if(under.offloads,
                  [&](const auto& old) { return old.value.word == offload.value.word; });
    under.offloads.push_back(offload);
  }
  if (over.gso_max_segs) under.gso_max_segs = over.gso_max_segs;
  if (over.gso_max_size) under.gso_max_size = over.gso_max_size;
}

bool is_end(const std::string& node, const std::string& interface, const NamedEnd& end) {
  return node == end.node && (interface.empty() || interface == end.interface);
}

bool is_end(const std::string& word, const NamedEnd& end) {
  const std::size_t colon = word.find(':');
  return is_end(word.substr(0, colon), colon == std::string::npos ? "" : word.substr(colon + 1),
                end);
}

std::vector<std::string> names_of(std::span<const NamedEnd> ends) {
  std::vector<std::string> out;
  for (const auto& end : ends) out.push_back(end.node + ":" + end.interface);
  return out;
}

void put_shared_preset(const spec::PresetUse& use, std::span<const NamedEnd> ends, std::size_t end,
                       Traffic& out, Diagnostics& diagnostics) {
  if (use.preset->is_symmetric()) return put_preset(out.words, use, true);
  if (use.up || ends.size() > 2) {
    diagnostics.error(use.at, fmt::format("preset {} is not the same both ways", use.preset->name),
                      "on a link say which end is the subscriber's; here say it by end: from: "
                      "{END: {preset: {name: …, direction: up}}}");
    return;
  }
  const auto subscriber = std::find_if(ends.begin(), ends.end(), [&](const NamedEnd& candidate) {
    return use.subscriber.empty() || is_end(use.subscriber, candidate);
  });
  if (subscriber == ends.end()) {
    diagnostics.error(use.at, fmt::format("'{}' is no end of this link", use.subscriber),
                      did_you_mean(use.subscriber, names_of(ends)));
    return;
  }
  put_preset(out.words, use, static_cast<std::size_t>(subscriber - ends.begin()) == end);
}

void put_own_preset(const Traffic& traffic, std::vector<Setting>& words, Diagnostics& diagnostics) {
  if (!traffic.preset) return;
  const spec::PresetUse& use = *traffic.preset;
  if (!use.up && !use.preset->is_symmetric()) {
    diagnostics.error(use.at, fmt::format("preset {} is not the same both ways", use.preset->name),
                      fmt::format("write preset: {{name: {}, direction: up}}, up being from the "
                                  "subscriber",
                                  use.preset->name));
    return;
  }
  put_preset(words, use, use.up.value_or(true));
}

// One interface's words, checked and made into steps.
class Shaper {
 public:
  Shaper(Interface& interface, Diagnostics& diagnostics)
      : interface_(interface), traffic_(interface.traffic), diagnostics_(diagnostics) {}

  void run() {
    for (const auto& word : traffic_.words) overlay_words(interface_.shaping.words, word.setting);
    Shaping& out = interface_.shaping;
    out.offloads = traffic_.offloads;
    if (traffic_.gso_max_segs) out.gso_max_segs = traffic_.gso_max_segs->value;
    if (traffic_.gso_max_size) out.gso_max_size = traffic_.gso_max_size->value;
    if (traffic_.qdisc) {
      shape_by_qdisc();
    } else if (!out.words.empty()) {
      shape_by_words();
    }
  }

 private:
  const Location& place_of(std::string_view key) const {
    const auto found = std::find_if(traffic_.words.begin(), traffic_.words.end(),
                                    [&](auto& word) { return key == word.setting.field->key; });
    return found != traffic_.words.end() ? found->at : interface_.at;
  }

  bool refuse_lo(const Location& at) {
    if (interface_.kind != "loopback") return false;
    diagnostics_.error(at, "lo cannot be impaired", "every packet of a node to itself is on it");
    return true;
  }

  void shape_by_words() {
    const Settings& words = interface_.shaping.words;
    const Location& first = place_of(words.front().field->key);
    if (refuse_lo(first)) return;
    for (auto& problem : check_impairments(words, interface_.mtu)) {
      const Location& at = place_of(problem.key);
      if (problem.warning) {
        diagnostics_.warning(at, std::move(problem.message), std::move(problem.hint));
      } else {
        diagnostics_.error(at, std::move(problem.message), std::move(problem.hint));
      }
    }
    Qdisc qdisc = *impairment_qdisc(words, interface_.mtu);
    qdisc.ifindex = interface_.ifindex;
    // The word that only netem has is what asks for it.
    const auto asks = std::find_if(words.begin(), words.end(), [](const FieldSetting& word) {
      return std::string_view(word.field->key) != "rate";
    });
    const Location& at = asks != words.end() ? place_of(asks->field->key) : first;
    interface_.shaping.steps.push_back({std::move(qdisc), at});
  }

  void shape_by_qdisc() {
    const spec::QdiscUse& qdisc = *traffic_.qdisc;
    if (refuse_lo(qdisc.at)) return;
    if (!interface_.shaping.words.empty()) {
      const char* key = interface_.shaping.words.front().field->key;
      diagnostics_.error(
          qdisc.at,
          fmt::format("{} has both 'qdisc' and impairments: '{}' at {}", interface_.name, key,
                      place_of(key).to_string()),
          "one or the other: 'qdisc: {kind: netem, …}' has all that impairments have");
      return;
    }
    interface_.shaping.steps =
        make_qdisc_tree(qdisc, interface_.ifindex, interface_.mtu, diagnostics_);
  }

  Interface& interface_;
  const Traffic& traffic_;
  Diagnostics& diagnostics_;
};

bool is_shaped(const Topology& topology) {
  for (const auto& node : topology.nodes) {
    for (const auto& interface : node.interfaces) {
      if (!interface.shaping.steps.empty()) return true;
    }
  }
  return false;
}

}  // namespace

void overlay_traffic(Traffic& under, const Traffic& over) {
  if (over.preset) under.preset = over.preset;
  put_rest(under, over);
}

void join_traffic(const spec::SharedTraffic& shared, std::span<const NamedEnd> ends,
                  std::size_t end, Traffic& own, Diagnostics& diagnostics) {
  Traffic out;
  if (shared.all.preset) put_shared_preset(*shared.all.preset, ends, end, out, diagnostics);
  put_rest(out, shared.all);
  for (const auto& from : shared.from) {
    if (!is_end(from.node, from.interface, ends[end])) continue;
    put_own_preset(from.traffic, out.words, diagnostics);
    put_rest(out, from.traffic);
  }
  put_own_preset(own, out.words, diagnostics);
  put_rest(out, own);
  own = std::move(out);
}

void check_from(const spec::SharedTraffic& shared, std::span<const NamedEnd> ends,
                Diagnostics& diagnostics) {
  for (const auto& from : shared.from) {
    const auto matching = std::count_if(ends.begin(), ends.end(), [&](const NamedEnd& end) {
      return is_end(from.node, from.interface, end);
    });
    if (matching == 1) continue;
    const std::string word = from.interface.empty() ? from.node : from.node + ":" + from.interface;
    if (matching > 1) {
      diagnostics.error(from.at, fmt::format("{} has several ends here", word),
                        "write NODE:INTERFACE");
      continue;
    }
    const std::vector<std::string> names = names_of(ends);
    const std::string hint = did_you_mean(word, names);
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
    diagnostics.error(from.at, fmt::format("'{}' is no end of this link", word),
                      hint.empty() ? "its ends are " + list : hint);
  }
}

void resolve_traffic(Topology& topology, Diagnostics& diagnostics) {
  for (auto& node : topology.nodes) {
    for (auto& interface : node.interfaces) Shaper(interface, diagnostics).run();
  }
  if (!is_shaped(topology)) return;
  // TCP hands down up to 64 KiB at once, and nothing on the way takes that apart: a qdisc behind a
  // router would lose, delay and count 45 packets as one.
  for (auto& node : topology.nodes) {
    for (auto& interface : node.interfaces) {
      if (interface.kind == "veth" && !interface.shaping.gso_max_segs) {
        interface.shaping.gso_max_segs = 1;
      }
    }
  }
}

}  // namespace netyard
