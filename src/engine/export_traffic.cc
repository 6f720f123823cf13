// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>

#include "engine/drift.h"
#include "engine/export_view.h"
#include "netlink/observe_filter.h"

namespace netyard {
namespace {

constexpr std::uint32_t kMajor = 0xFFFF0000;

// What a file cannot say because it is not there: no limit is 0, or all ones.
bool is_unset(const FieldSetting& shown) {
  const auto* number = std::get_if<std::uint64_t>(&shown.value);
  if (number == nullptr) return false;
  FieldValue value;
  std::string problem;
  if (parse_field(*shown.field, format_field(*shown.field, shown.value), value, problem)) {
    return false;
  }
  return *number == 0 || *number / shown.field->scale == UINT32_MAX;
}

// Without what would be so anyway: what we work out ourselves, or the kernel chooses.
OrderedJson shortest_words(const Qdisc& qdisc) {
  OrderedJson out = OrderedJson::object();
  for (const auto& shown : qdisc.settings) {
    if (is_unset(shown)) continue;
    Qdisc without = qdisc;
    std::erase_if(without.settings, [&](const auto& other) { return other.field == shown.field; });
    FieldSetting usual = shown;
    std::string problem;
    const Settings made = as_read_back(without);
    const FieldSetting* found = find_setting(made, shown.field->key);
    const bool known =
        found != nullptr || parse_field(*shown.field, shown.field->fallback, usual.value, problem);
    if (found != nullptr) usual = *found;
    if (!shown.field->required && known && same_setting(usual, shown)) continue;
    out[shown.field->key] = word_of(to_be_read_back(*qdisc.kind, shown), {});
  }
  return out;
}

OrderedJson match_words(const TrafficFilter& filter) {
  if (filter.mark != 0) return {{"mark", filter.mark}};
  const PacketMatch& match = filter.match;
  OrderedJson out = OrderedJson::object();
  if (match.dscp) out["dscp"] = *match.dscp;
  if (match.protocol) out["protocol"] = *match.protocol;
  if (match.source) out["src"] = match.source->to_string();
  if (match.destination) out["dst"] = match.destination->to_string();
  if (match.source_port) out["sport"] = *match.source_port;
  if (match.destination_port) out["dport"] = *match.destination_port;
  return out;
}

// Two filters that differ but in the family are what one match of a file makes.
bool is_other_family(const TrafficFilter& one, const TrafficFilter& other) {
  PacketMatch match = other.match;
  match.family = one.match.family;
  return one.mark == 0 && other.mark == 0 && match == one.match &&
         one.match.family != other.match.family && one.class_id == other.class_id &&
         !match.source && !match.destination;
}

/// The queueing discipline of one link, as `qdisc:` says it.
class QdiscExport {
 public:
  QdiscExport(NamespaceView& view, const LinkState& link, const TrafficView& traffic,
              const Note& note)
      : view_(view), link_(link), traffic_(traffic), note_(note) {}

  void run() {
    const QdiscState* root = traffic_.root(link_.ifindex);
    for (const QdiscState* state : traffic_.all(link_.ifindex)) {
      if (state->qdisc.is_class) continue;
      if (state->qdisc.parent == kIngressParent) leave_out(*state, "it is for what comes in");
    }
    if (root == nullptr) return;
    if (root->qdisc.kind == nullptr) return leave_out(*root, "netyard does not make it");
    if (link_.ifindex == kLoopback) return leave_out(*root, "lo has none in a file");
    OrderedJson out = {{"kind", root->name}};
    out.update(shortest_words(root->qdisc));
    tell_hidden(*root);
    if (root->qdisc.kind->has_classes) {
      if (root->qdisc.handle != traffic_handle(1)) {
        tell(fmt::format("the classes of {} are those of 1: in the file",
                         format_handle(root->qdisc.handle)));
      }
      add_classes(*root, out);
    } else {
      for (const QdiscState* state : inner(*root)) leave_out(*state, "its place has no word");
      for (const auto& filter : observe_filters(view_.socket, link_.ifindex, root->qdisc.handle)) {
        tell(fmt::format("a filter ({}) of its {} is left out", filter.name, root->name));
      }
    }
    view_.interface(link_)["qdisc"] = std::move(out);
  }

 private:
  void tell(const std::string& what) const {
    note_(fmt::format("{}:{}: {}", view_.name, link_.name, what));
  }
  void leave_out(const QdiscState& state, const std::string& why) const {
    tell(fmt::format("its queueing discipline {} {} is left out: {}", state.name,
                     format_handle(state.qdisc.handle), why));
  }
  void tell_hidden(const QdiscState& state) const {
    if (state.name != "netem") return;
    if (find_setting(state.qdisc.settings, "jitter") != nullptr ||
        find_setting(state.qdisc.settings, "slot.jitter") != nullptr) {
      tell(
          "the kernel does not show by which distribution its delays vary: it is uniform in the "
          "file");
    }
  }

  // All below the root that are no classes of its own.
  std::vector<const QdiscState*> inner(const QdiscState& root) const {
    std::vector<const QdiscState*> out;
    for (const QdiscState* state : traffic_.all(link_.ifindex)) {
      if (state == &root || state->qdisc.parent == kIngressParent) continue;
      const bool own = (state->qdisc.handle & kMajor) == root.qdisc.handle;
      if (!state->qdisc.is_class || !own) out.push_back(state);
    }
    return out;
  }

  void add_classes(const QdiscState& root, OrderedJson& out) {
    for (const QdiscState* state : traffic_.all(link_.ifindex)) {
      const Qdisc& qdisc = state->qdisc;
      const bool own = qdisc.is_class && (qdisc.handle & kMajor) == root.qdisc.handle;
      if (own) classes_[qdisc.handle] = state;
    }
    for (const auto& [id, state] : classes_) add_class(*state);
    for (const QdiscState* state : inner(root)) add_leaf(*state);
    add_filters(root);
    for (const auto& [id, state] : classes_) {
      if (std::find(order_.begin(), order_.end(), id) == order_.end()) order_.push_back(id);
    }
    for (const std::uint32_t id : order_) {
      out["classes"][fmt::format("{:x}", id & 0xFFFF)] = std::move(words_[id]);
    }
  }

  void add_class(const QdiscState& state) {
    OrderedJson& words = words_[state.qdisc.handle];
    words = OrderedJson::object();
    if (state.qdisc.parent != kRootParent && (state.qdisc.parent & ~kMajor) != 0) {
      words["parent"] = fmt::format("{:x}", state.qdisc.parent & ~kMajor);
      parents_.insert(state.qdisc.parent);
    }
    words.update(shortest_words(state.qdisc));
    for (const auto& filter : observe_filters(view_.socket, link_.ifindex, state.qdisc.handle)) {
      leave_out_filter(filter, "it stands at class " + format_handle(state.qdisc.handle));
    }
  }

  void add_leaf(const QdiscState& state) {
    const auto found = words_.find(state.qdisc.parent);
    const bool simple = state.qdisc.kind != nullptr && !state.qdisc.kind->has_classes;
    if (found == words_.end() || !simple || state.qdisc.is_class) {
      if (!state.qdisc.is_class) leave_out(state, "in a class only one without classes is said");
      return;
    }
    tell_hidden(state);
    OrderedJson leaf = {{"kind", state.name}};
    leaf.update(shortest_words(state.qdisc));
    found->second["qdisc"] = leaf.size() == 1 ? OrderedJson(state.name) : std::move(leaf);
  }

  void leave_out_filter(const FilterState& filter, const std::string& why) const {
    tell(fmt::format("the filter {} of preference {} is left out: {}", filter.name,
                     filter.filter.priority, why));
  }

  void add_filters(const QdiscState& root) {
    std::vector<TrafficFilter> filters;
    for (const auto& state : observe_filters(view_.socket, link_.ifindex, root.qdisc.handle)) {
      if (!state.unsaid.empty()) {
        leave_out_filter(state, "a file has no word for " + state.unsaid);
      } else if (!classes_.contains(state.filter.class_id)) {
        leave_out_filter(state, "there is no class " + format_handle(state.filter.class_id));
      } else if (parents_.contains(state.filter.class_id)) {
        leave_out_filter(state, "its class has classes of its own");
      } else {
        filters.push_back(state.filter);
      }
    }
    for (std::size_t at = 0; at < filters.size(); ++at) {
      const bool both = at + 1 < filters.size() && is_other_family(filters[at], filters[at + 1]);
      add_match(filters[at], both);
      if (both) ++at;
    }
  }

  // The filters of a file come class by class.
  void add_match(const TrafficFilter& filter, bool both_families) {
    OrderedJson words = match_words(filter);
    if (!both_families && filter.mark == 0 && !words.contains("src") && !words.contains("dst")) {
      words["src"] = filter.match.family == Family::ipv4 ? "0.0.0.0/0" : "::/0";
    }
    const std::uint32_t id = filter.class_id;
    if (std::find(order_.begin(), order_.end(), id) == order_.end()) {
      order_.push_back(id);
    } else if (order_.back() != id) {
      tell(
          fmt::format("the filter for class {} ({}) is tried earlier in the file, with the others "
                      "of the class",
                      format_handle(id), describe_match(filter)));
    }
    OrderedJson& match = words_[id]["match"];
    if (match.is_null()) {
      match = std::move(words);
    } else if (match.is_object()) {
      match = OrderedJson::array({std::move(match), std::move(words)});
    } else {
      match.push_back(std::move(words));
    }
  }

  NamespaceView& view_;
  const LinkState& link_;
  const TrafficView& traffic_;
  const Note& note_;
  std::map<std::uint32_t, const QdiscState*> classes_;  // by class id
  std::map<std::uint32_t, OrderedJson> words_;
  std::set<std::uint32_t> parents_;
  std::vector<std::uint32_t> order_;  // of the file
};

}  // namespace

bool export_traffic(std::vector<NamespaceView>& views, const Note& note) {
  bool shaped = false;
  for (auto& view : views) {
    const TrafficView traffic(view.socket);
    for (const auto& link : view.links) {
      if (view.left_out.contains(link.name)) continue;
      QdiscExport(view, link, traffic, note).run();
      shaped |= view.node.contains("interfaces") && view.node["interfaces"].contains(link.name) &&
                view.interface(link).contains("qdisc");
    }
  }
  return shaped;
}

}  // namespace netyard
