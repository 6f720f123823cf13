// SPDX-License-Identifier: Apache-2.0
#include "engine/drift.h"

#include <algorithm>
#include <set>

#include "engine/recorded_traffic.h"
#include "topology/impairments.h"

namespace netyard {
namespace {

constexpr const char* kNone = "none";

std::string shown(const FieldSetting* setting) {
  return setting != nullptr ? format_field(*setting->field, setting->value) : kNone;
}

void compare_words(const Settings& file, const Settings& now, std::vector<Difference>& out) {
  for (const auto& word : file) {
    const FieldSetting* live = find_setting(now, word.field->key);
    if (live != nullptr && same_setting(word, *live)) continue;
    out.push_back({word.field->key, shown(&word), shown(live)});
  }
  for (const auto& word : now) {
    if (find_setting(file, word.field->key) != nullptr) continue;
    out.push_back({word.field->key, kNone, shown(&word)});
  }
}

// The file's words in the kernel's precision.
Settings words_of_file(const RecordedInterface& recorded, const LinkState& link) {
  Settings words = words_from(recorded.words);
  if (words.empty() || recorded.qdiscs.empty()) return words;
  Qdisc qdisc = recorded_qdisc(recorded.qdiscs.front(), link.ifindex);
  if (qdisc.kind == nullptr) return words;
  qdisc.settings = as_read_back(qdisc);
  return impairments_of(qdisc, words, link.mtu).value_or(words);
}

std::string name_of(const RecordedQdisc& recorded) {
  return std::string(recorded.is_class ? "class " : "qdisc ") + format_handle(recorded.handle);
}

void compare_object(const RecordedQdisc& recorded, std::uint32_t ifindex,
                    const TrafficView& traffic, std::vector<Difference>& out) {
  const Qdisc file = recorded_qdisc(recorded, ifindex);
  const auto live = traffic.all(ifindex);
  const auto found = std::find_if(live.begin(), live.end(), [&](const QdiscState* state) {
    return state->qdisc.is_class == recorded.is_class && state->qdisc.handle == recorded.handle &&
           state->name == recorded.kind;
  });
  if (found == live.end()) {
    out.push_back({name_of(recorded), recorded.kind, "missing"});
    return;
  }
  if (file.kind == nullptr) return;
  // What the file does not say is the kernel's to choose.
  for (const auto& setting : as_read_back(file)) {
    if (find_setting(file.settings, setting.field->key) == nullptr) continue;
    const FieldSetting* now = find_setting((*found)->qdisc.settings, setting.field->key);
    if (now != nullptr && same_setting(setting, *now)) continue;
    out.push_back({name_of(recorded) + " " + setting.field->key, shown(&setting), shown(now)});
  }
}

}  // namespace

TrafficView::TrafficView(Socket& socket) : states_(observe_qdiscs(socket)) {
  std::set<std::uint32_t> with_classes;
  for (const auto& state : states_) {
    const QdiscKind* kind = state.qdisc.kind;
    if (kind != nullptr && kind->has_classes) with_classes.insert(state.qdisc.ifindex);
  }
  for (const std::uint32_t ifindex : with_classes) {
    for (auto& state : observe_classes(socket, ifindex)) states_.push_back(std::move(state));
  }
}

void TrafficView::forget(std::uint32_t ifindex) {
  std::erase_if(states_, [&](const QdiscState& s) { return s.qdisc.ifindex == ifindex; });
}

const QdiscState* TrafficView::root(std::uint32_t ifindex) const {
  const auto found = std::find_if(states_.begin(), states_.end(), [&](const QdiscState& state) {
    const Qdisc& qdisc = state.qdisc;
    return qdisc.ifindex == ifindex && qdisc.parent == kRootParent && qdisc.handle != 0 &&
           !qdisc.is_class;
  });
  return found != states_.end() ? &*found : nullptr;
}

std::vector<const QdiscState*> TrafficView::all(std::uint32_t ifindex) const {
  std::vector<const QdiscState*> out;
  for (const auto& state : states_) {
    if (state.qdisc.ifindex == ifindex && state.qdisc.handle != 0) out.push_back(&state);
  }
  return out;
}

std::optional<Settings> words_now(const RecordedInterface& recorded, const LinkState& link,
                                  const TrafficView& traffic) {
  const QdiscState* root = traffic.root(link.ifindex);
  if (root == nullptr) return Settings{};
  const auto& hidden = recorded.changed ? recorded.now_words : recorded.words;
  return impairments_of(root->qdisc, words_from(hidden), link.mtu);
}

std::vector<Difference> find_differences(const RecordedInterface& recorded, const LinkState& link,
                                         const TrafficView& traffic) {
  std::vector<Difference> out;
  const auto state = [](bool up) { return up ? "up" : "down"; };
  if (link.up != recorded.up) out.push_back({"state", state(recorded.up), state(link.up)});
  if (recorded.is_by_qdisc()) {
    for (const auto& object : recorded.qdiscs) compare_object(object, link.ifindex, traffic, out);
    return out;
  }
  const auto now = words_now(recorded, link, traffic);
  if (now) {
    compare_words(words_of_file(recorded, link), *now, out);
  } else {
    const std::string file = recorded.qdiscs.empty() ? kNone : recorded.qdiscs.front().kind;
    out.push_back({"qdisc", file, traffic.root(link.ifindex)->name});
  }
  return out;
}

}  // namespace netyard
