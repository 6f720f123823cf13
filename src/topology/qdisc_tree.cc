// SPDX-License-Identifier: Apache-2.0
#include "topology/qdisc_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "topology/impairments.h"

namespace netyard {
namespace {

using spec::ClassUse;
using spec::QdiscUse;
using spec::Setting;

constexpr std::uint32_t kRootMajor = 1;
constexpr std::uint32_t kFirstSpareMajor = 0x7000;  // the kernel's own begin at 8000:
constexpr int kPriorities = 16;

Settings settings_of(const std::vector<Setting>& settings) {
  Settings out;
  for (const auto& setting : settings) out.push_back(setting.setting);
  return out;
}

const Location& place_of(const std::vector<Setting>& settings, std::string_view key,
                         const Location& fallback) {
  for (const auto& setting : settings) {
    if (key == setting.setting.field->key) return setting.at;
  }
  return fallback;
}

// Of two fields of a kind, the first must not be above the second.
struct FieldOrder {
  std::string_view kind;
  const char* less;
  const char* more;
  const char* hint;
};
constexpr FieldOrder kFieldOrders[] = {
    {"tbf", "rate", "peakrate", "the peak rate is that within a burst"},
    {"htb class", "rate", "ceil", "a class gets its rate, and up to its ceiling"},
    {"red", "min", "max", ""},
    {"red", "max", "limit", ""},
    {"codel", "target", "interval", ""},
    {"fq_codel", "target", "interval", ""},
};

class QdiscTree {
 public:
  QdiscTree(const QdiscUse& root, std::uint32_t ifindex, std::uint32_t mtu,
            Diagnostics& diagnostics)
      : root_(root), ifindex_(ifindex), mtu_(mtu), diagnostics_(diagnostics) {
    for (const auto& one : root.classes) by_number_[one.number] = &one;
  }

  std::vector<ShapingStep> run() {
    check_qdisc(root_);
    check_default();
    add_qdisc(root_, kRootParent, kRootMajor);
    for (const ClassUse* one : parents_first()) add_class(*one);
    for (const auto& one : root_.classes) add_leaf(one);
    for (const auto& one : root_.classes) add_filters(one);
    return std::move(steps_);
  }

 private:
  void add_qdisc(const QdiscUse& use, std::uint32_t parent, std::uint32_t major) {
    Qdisc qdisc;
    qdisc.kind = use.kind;
    qdisc.ifindex = ifindex_;
    qdisc.parent = parent;
    qdisc.handle = traffic_handle(major);
    qdisc.settings = settings_of(use.settings);
    steps_.push_back({std::move(qdisc), use.at});
  }

  void add_class(const ClassUse& use) {
    check_class(use);
    Qdisc out;
    out.kind = root_.kind;
    out.is_class = true;
    out.ifindex = ifindex_;
    out.parent = traffic_handle(kRootMajor, use.parent);
    out.handle = traffic_handle(kRootMajor, use.number);
    out.settings = settings_of(use.settings);
    steps_.push_back({std::move(out), use.at});
  }

  bool has_children(const ClassUse& use) const {
    return std::any_of(root_.classes.begin(), root_.classes.end(),
                       [&](const ClassUse& other) { return other.parent == use.number; });
  }

  void add_leaf(const ClassUse& use) {
    if (use.leaf.empty()) return;
    const QdiscUse& leaf = use.leaf.front();
    if (has_children(use)) {
      diagnostics_.error(
          leaf.at,
          fmt::format("class {:x} has classes of its own: no packet waits in it", use.number));
      return;
    }
    if (leaf.kind->has_classes) {
      diagnostics_.error(leaf.at,
                         fmt::format("{} in a class of {}", leaf.kind->name, root_.kind->name),
                         "write its classes as classes of the outer one, with 'parent'");
      return;
    }
    check_qdisc(leaf);
    // As people do by hand: 10: in 1:10.
    const bool own = use.number > kRootMajor && use.number < kFirstSpareMajor;
    add_qdisc(leaf, traffic_handle(kRootMajor, use.number), own ? use.number : spare_++);
  }

  void add_filters(const ClassUse& use) {
    for (const auto& match : use.matches) {
      if (has_children(use)) {
        diagnostics_.error(match.at, fmt::format("class {:x} has classes of its own: match one of "
                                                 "those",
                                                 use.number));
        return;
      }
      TrafficFilter filter = match.value;
      filter.ifindex = ifindex_;
      filter.parent = traffic_handle(kRootMajor);
      filter.priority = ++priority_;
      filter.class_id = traffic_handle(kRootMajor, use.number);
      steps_.push_back({filter, match.at});
    }
  }

  // The kernel wants the parent to be there; a circle never gets here.
  std::vector<const ClassUse*> parents_first() {
    std::vector<const ClassUse*> out;
    std::map<std::uint32_t, bool> placed = {{0, true}};
    bool progress = true;
    while (progress) {
      progress = false;
      for (const auto& one : root_.classes) {
        if (placed[one.number] || !placed[one.parent]) continue;
        placed[one.number] = progress = true;
        out.push_back(&one);
      }
    }
    for (const auto& one : root_.classes) {
      if (placed[one.number]) continue;
      const bool known = by_number_.contains(one.parent);
      diagnostics_.error(one.at, known ? fmt::format("class {:x} is a part of itself", one.number)
                                       : fmt::format("there is no class {:x}, the parent of {:x}",
                                                     one.parent, one.number));
    }
    return out;
  }

  void check_default() {
    const std::string word = text_in(settings_of(root_.settings), "default");
    if (word.empty()) return;
    const auto number = static_cast<std::uint32_t>(std::strtoul(word.c_str(), nullptr, 16));
    if (by_number_.contains(number)) return;
    diagnostics_.error(place_of(root_.settings, "default", root_.at),
                       fmt::format("there is no class {}", word),
                       "'default' is the number of a class, as in 'classes:'");
  }

  void check_orders(std::string_view kind, const std::vector<Setting>& settings,
                    const Location& at) {
    const Settings all = settings_of(settings);
    for (const auto& order : kFieldOrders) {
      const FieldSetting* less = find_setting(all, order.less);
      const FieldSetting* more = find_setting(all, order.more);
      if (kind != order.kind || less == nullptr || more == nullptr ||
          std::get<std::uint64_t>(less->value) <= std::get<std::uint64_t>(more->value)) {
        continue;
      }
      diagnostics_.error(
          place_of(settings, order.more, at),
          fmt::format("{} {} is below {} {}", order.more, format_field(*more->field, more->value),
                      order.less, format_field(*less->field, less->value)),
          order.hint);
    }
  }

  void check_burst(const std::vector<Setting>& settings, const char* key, const Location& at) {
    const Settings all = settings_of(settings);
    const std::uint64_t burst = number_in(all, key, frame_size(mtu_));
    if (burst >= frame_size(mtu_)) return;
    diagnostics_.error(
        place_of(settings, key, at),
        fmt::format("{} {} is smaller than a packet of {} bytes: none would get through", key,
                    burst, frame_size(mtu_)),
        "it must hold the MTU and 14 bytes");
  }

  void check_netem(const QdiscUse& use) {
    Settings words;
    for (const auto& setting : use.settings) {
      const Field* field = find_field(impairment_fields(), setting.setting.field->key);
      words.push_back({field, setting.setting.value});
    }
    for (auto& problem : check_impairments(words, mtu_)) {
      const Location& at = place_of(use.settings, problem.key, use.at);
      if (problem.warning) {
        diagnostics_.warning(at, std::move(problem.message), std::move(problem.hint));
      } else {
        diagnostics_.error(at, std::move(problem.message), std::move(problem.hint));
      }
    }
  }

  void check_priomap(const QdiscUse& use) {
    const Settings all = settings_of(use.settings);
    std::istringstream words(text_in(all, "priomap"));
    const std::uint64_t bands = number_in(all, "bands", 3);
    int count = 0;
    for (unsigned band = 0; words >> band; ++count) {
      if (band >= bands) count = kPriorities;
    }
    const bool given = find_setting(all, "priomap") != nullptr;
    if (!given || (count == kPriorities && words.eof())) return;
    diagnostics_.error(place_of(use.settings, "priomap", use.at),
                       fmt::format("'priomap' is {} numbers from 0 to {}", kPriorities, bands - 1));
  }

  void check_qdisc(const QdiscUse& use) {
    const std::string_view kind = use.kind->name;
    check_orders(kind, use.settings, use.at);
    if (kind == "netem") check_netem(use);
    if (kind == "prio") check_priomap(use);
    if (kind != "tbf") return;
    check_burst(use.settings, "burst", use.at);
    check_burst(use.settings, "mtu", use.at);
    const Settings all = settings_of(use.settings);
    if (find_setting(all, "limit") != nullptr && find_setting(all, "latency") != nullptr) {
      diagnostics_.error(place_of(use.settings, "latency", use.at),
                         "'limit' and 'latency' exclude each other: one follows from the other");
    }
  }

  void check_class(const ClassUse& use) {
    check_orders("htb class", use.settings, use.at);
    check_burst(use.settings, "burst", use.at);
    check_burst(use.settings, "cburst", use.at);
    const auto parent = by_number_.find(use.parent);
    if (parent == by_number_.end()) return;
    const std::uint64_t whole = number_in(settings_of(parent->second->settings), "rate");
    const std::uint64_t part = number_in(settings_of(use.settings), "rate");
    if (part > whole) {
      diagnostics_.error(
          place_of(use.settings, "rate", use.at),
          fmt::format("rate {} is above that of class {:x}, of which it is a part: {}",
                      format_rate(part), use.parent, format_rate(whole)));
    }
    parts_[use.parent] += part;
    if (parts_[use.parent] <= whole || parts_[use.parent] - part > whole || part > whole) return;
    diagnostics_.warning(
        place_of(use.settings, "rate", use.at),
        fmt::format("the classes of {:x} have more than its rate together: {} of {}", use.parent,
                    format_rate(parts_[use.parent]), format_rate(whole)),
        "they will not all get their rates");
  }

  static std::string format_rate(std::uint64_t rate) {
    return format_field(*find_field(impairment_fields(), "rate"), FieldValue(rate));
  }

  const QdiscUse& root_;
  std::uint32_t ifindex_;
  std::uint32_t mtu_;
  Diagnostics& diagnostics_;
  std::map<std::uint32_t, const ClassUse*> by_number_;
  std::map<std::uint32_t, std::uint64_t> parts_;
  std::vector<ShapingStep> steps_;
  std::uint32_t spare_ = kFirstSpareMajor;
  std::uint16_t priority_ = 0;
};

}  // namespace

std::vector<ShapingStep> make_qdisc_tree(const QdiscUse& qdisc, std::uint32_t ifindex,
                                         std::uint32_t mtu, Diagnostics& diagnostics) {
  return QdiscTree(qdisc, ifindex, mtu, diagnostics).run();
}

}  // namespace netyard
