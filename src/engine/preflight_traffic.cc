// SPDX-License-Identifier: Apache-2.0
#include "engine/preflight_traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/error.h"
#include "netlink/ethtool.h"
#include "netlink/link.h"
#include "netlink/observe_qdisc.h"
#include "netlink/socket.h"
#include "netns/namespace.h"

namespace netyard {
namespace {

struct Object {
  std::string name;
  const char* option;
};

Object object_of(const std::variant<Qdisc, TrafficFilter>& object) {
  if (const auto* filter = std::get_if<TrafficFilter>(&object)) {
    return {fmt::format("{} filters", filter->kind()), filter->kernel_option()};
  }
  const QdiscKind& kind = *std::get<Qdisc>(object).kind;
  return {kind.name, kind.kernel_option};
}

class Scratch {
 public:
  explicit Scratch(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  // Equal steps of other interfaces are not tried again.
  void try_steps(const std::vector<ShapingStep>& steps) {
    std::vector<std::variant<Qdisc, TrafficFilter>> objects;
    for (const auto& step : steps) {
      objects.push_back(step.object);
      std::visit([](auto& object) { object.ifindex = kLoopback; }, objects.back());
    }
    if (std::find(tried_.begin(), tried_.end(), objects) != tried_.end()) return;
    for (std::size_t i = 0; i < objects.size(); ++i) {
      if (!try_one(objects[i], steps[i].at)) break;
    }
    if (!objects.empty()) socket_.request(delete_qdisc(kLoopback));
    tried_.push_back(std::move(objects));
  }

 private:
  bool try_one(const std::variant<Qdisc, TrafficFilter>& object, const Location& at) {
    try {
      const auto* qdisc = std::get_if<Qdisc>(&object);
      const Ack ack = socket_.request(
          qdisc != nullptr ? new_qdisc(*qdisc) : new_filter(std::get<TrafficFilter>(object)));
      if (!ack.ok()) return refuse(object, ack, at);
      return qdisc == nullptr || qdisc->is_class || check_read_back(*qdisc, at);
    } catch (const Error& error) {
      diagnostics_.error(at, error.what());
      return false;
    }
  }

  bool refuse(const std::variant<Qdisc, TrafficFilter>& object, const Ack& ack,
              const Location& at) {
    const auto [name, option] = object_of(object);
    // Nothing else is missing in the scratch namespace.
    if (ack.error == ENOENT || ack.error == EOPNOTSUPP) {
      if (lacking_.insert(name).second) {
        diagnostics_.error(at, fmt::format("this kernel has no {} ({})", name, option));
      }
    } else {
      diagnostics_.error(
          at, fmt::format("the kernel refuses this {}: {}", name,
                          ack.sentence.empty() ? errno_sentence(ack.error) : ack.sentence));
    }
    return false;
  }

  // An older kernel passes over what it does not know.
  bool check_read_back(const Qdisc& qdisc, const Location& at) {
    const auto live = observe_qdiscs(socket_);
    const auto found = std::find_if(live.begin(), live.end(), [&](const QdiscState& state) {
      return state.qdisc.ifindex == kLoopback && state.qdisc.parent == qdisc.parent;
    });
    if (found == live.end()) return true;
    for (const auto& setting : as_read_back(qdisc)) {
      if (find_setting(found->qdisc.settings, setting.field->key) != nullptr) continue;
      if (find_setting(qdisc.settings, setting.field->key) == nullptr) continue;
      diagnostics_.error(at, fmt::format("the {} of this kernel knows no '{}'", qdisc.kind->name,
                                         setting.field->key));
      return false;
    }
    return true;
  }

  Diagnostics& diagnostics_;
  Socket socket_;
  std::vector<std::vector<std::variant<Qdisc, TrafficFilter>>> tried_;
  std::set<std::string> lacking_;
};

// Only for ends of a veth: what other drivers can do is seen when they are there.
class OffloadProbe {
 public:
  explicit OffloadProbe(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}
  ~OffloadProbe() {
    if (ifindex_ != 0) socket_.request(delete_link(ifindex_));
  }
  OffloadProbe(const OffloadProbe&) = delete;
  OffloadProbe& operator=(const OffloadProbe&) = delete;

  void check(const Located<OffloadSetting>& offload) {
    if (!tried_.insert({offload.value.word, offload.value.on}).second) return;
    try {
      if (ifindex_ == 0) make_link();
      EthtoolSocket().set(ifindex_, "a veth", std::span(&offload.value, 1));
    } catch (const Error& error) {
      diagnostics_.error(offload.at, error.what(), error.hint());
    }
  }

 private:
  void make_link() {
    constexpr std::uint32_t kIndex = 1000;
    NewLink link;
    link.kind = find_link_kind("veth");
    link.name = "probe0";
    link.ifindex = kIndex;
    link.peer = LinkPeer{"probe1", kIndex + 1, {}};
    const Ack ack = socket_.request(new_link(link));
    if (!ack.ok()) throw_refused(ack, "create link", "probe0");
    ifindex_ = kIndex;
  }

  Diagnostics& diagnostics_;
  Socket socket_;
  std::uint32_t ifindex_ = 0;
  std::set<std::pair<std::string, bool>> tried_;
};

// Enough for the kernel to make one.
Qdisc smallest(const QdiscKind& kind) {
  Qdisc out;
  out.kind = &kind;
  out.ifindex = kLoopback;
  for (const auto& field : kind.fields) {
    constexpr std::uint64_t kPlenty = 1'000'000;
    if (field.required) out.settings.push_back({&field, kPlenty});
  }
  return out;
}

}  // namespace

bool kernel_has(const QdiscKind& kind, int scratch) {
  const NamespaceScope scope(scratch);
  Socket socket;
  const Ack ack = socket.request(new_qdisc(smallest(kind)));
  socket.request(delete_qdisc(kLoopback));
  return ack.error != ENOENT && ack.error != EOPNOTSUPP;
}

void check_traffic(const Topology& topology, int scratch, Diagnostics& diagnostics) {
  const NamespaceScope scope(scratch);
  Scratch qdiscs(diagnostics);
  OffloadProbe offloads(diagnostics);
  for (const auto& node : topology.nodes) {
    for (const auto& interface : node.interfaces) {
      qdiscs.try_steps(interface.shaping.steps);
      if (interface.kind != "veth") continue;
      for (const auto& offload : interface.shaping.offloads) offloads.check(offload);
    }
  }
}

}  // namespace netyard
