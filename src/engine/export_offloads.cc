// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/error.h"
#include "engine/export_view.h"
#include "engine/preflight.h"
#include "netlink/ethtool.h"
#include "netlink/link_data.h"
#include "netlink/observe.h"
#include "netns/namespace.h"

namespace netyard {
namespace {

constexpr std::uint32_t kUsualSegments = 65535;
constexpr std::uint32_t kUsualSize = 65536;
using Features = std::set<std::string>;

void export_segments(const LinkState& link, bool shaped, OrderedJson& out) {
  const SegmentLimits limits = segment_limits(link);
  const std::uint32_t usual = shaped ? 1 : kUsualSegments;
  if (limits.segments != usual && limits.segments != 0) out["gso_max_segs"] = limits.segments;
  if (limits.size != kUsualSize && limits.size != 0) out["gso_max_size"] = limits.size;
}

// What a veth has that nobody touched.
Features usual_features() {
  const FileDescriptor fresh = scratch_namespace();
  const NamespaceScope inside(fresh.get());
  Socket socket;
  NewLink link;
  link.kind = find_link_kind("veth");
  link.name = std::string("a");
  link.peer = LinkPeer{.name = std::string("b")};
  const Ack ack = socket.request(new_link(link));
  if (!ack.ok()) throw_refused(ack, "create link", "a");
  return EthtoolSocket().wanted(observe_link(socket, "a")->ifindex, "a");
}

bool any_of(std::span<const char* const> names, const Features& features) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return features.contains(name); });
}

// A word where that says it, the kernel's names for what is left.
void export_features(const Features& now, const Features& usual, OrderedJson& out) {
  Features differ;
  std::set_symmetric_difference(now.begin(), now.end(), usual.begin(), usual.end(),
                                std::inserter(differ, differ.end()));
  for (const auto& word : offload_words()) {
    const bool on = any_of(word.features, now);
    if (on == any_of(word.features, usual)) continue;
    out[word.word] = on;
    for (const char* name : word.features) differ.erase(name);
  }
  for (const auto& name : differ) {
    if (name.starts_with("tx-") || name.starts_with("rx-")) out[name] = now.contains(name);
  }
}

}  // namespace

void export_offloads(std::vector<NamespaceView>& views, bool shaped, const Note& note) {
  std::optional<Features> usual;
  try {
    usual = usual_features();
  } catch (const Error& error) {
    note(std::string("offloads are left out: ") + error.what());
  }
  for (auto& view : views) {
    const NamespaceScope inside(view.fd.get());
    std::optional<EthtoolSocket> ethtool;
    for (const auto& link : view.links) {
      if (link.kind != "veth" || view.left_out.contains(link.name)) continue;
      OrderedJson out = OrderedJson::object();
      if (usual && !ethtool) ethtool.emplace();
      if (usual) export_features(ethtool->wanted(link.ifindex, link.name), *usual, out);
      export_segments(link, shaped, out);
      if (!out.empty()) view.interface(link)["offloads"] = std::move(out);
    }
  }
}

}  // namespace netyard
