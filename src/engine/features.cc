// SPDX-License-Identifier: Apache-2.0
#include "engine/features.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include "netlink/link_data.h"
#include "netns/namespace.h"

namespace netyard {
namespace {

constexpr const char* kProbe = "feature0";
constexpr const char* kPort = "feature1";
constexpr std::uint32_t kProbeIndex = 90;

bool shown(Socket& socket, const char* name, const Field& field, bool as_port) {
  const auto attributes = shown_attributes(socket, name, as_port);
  const auto is = [&](std::uint16_t type) {
    return type != 0 && std::find(attributes.begin(), attributes.end(), type) != attributes.end();
  };
  return attributes.empty() || is(field.attribute) || is(field.attribute6);
}

void complain(const Location& at, const Field& field, const std::string& owner,
              Diagnostics& diagnostics) {
  diagnostics.error(at, "this kernel has no '" + std::string(field.key) + "' of a " + owner + " (" +
                            field.option + ")");
}

class FeatureProbe {
 public:
  FeatureProbe(Socket& socket, Diagnostics& diagnostics)
      : socket_(socket), diagnostics_(diagnostics) {}

  void check_link(const TopologyLink& link) {
    for (const auto& setting : link.settings) {
      const Field& field = *setting.field;
      // A bit shares its attribute with others, which are shown.
      const bool telling = field.option != nullptr && field.bit == 0 && !field.late;
      if (!telling || !seen_.insert(&field).second) continue;
      const Ack ack = make_link(link, field);
      const bool ignored = ack.ok() && !shown(socket_, kProbe, field, false);
      if (ignored || ack.error == EOPNOTSUPP) {
        complain(link.at, field, link.kind->name, diagnostics_);
      }
      if (ack.ok()) socket_.request(delete_link(kProbeIndex));
    }
  }

  void check_port(const Interface& interface) {
    for (const auto& setting : interface.details.port) {
      const Field& field = *setting.field;
      const bool bridge = std::string_view(interface.master_kind->name) == "bridge";
      if (!bridge || field.option == nullptr || !seen_.insert(&field).second) continue;
      make_port();
      if (!shown(socket_, kPort, field, true)) {
        complain(interface.details.at, field, "port", diagnostics_);
      }
      socket_.request(delete_link(kProbeIndex + 1));
      socket_.request(delete_link(kProbeIndex));
    }
  }

 private:
  // A link with the settings of the file, but of those that kernels may lack only one.
  Ack make_link(const TopologyLink& link, const Field& wanted) {
    NewLink probe;
    probe.kind = link.kind;
    probe.name = kProbe;
    probe.ifindex = kProbeIndex;
    for (const auto& setting : link.settings) {
      const Field* field = setting.field;
      const bool plain = field->option == nullptr && field->syntax != Syntax::interface;
      if (plain || field == &wanted) probe.settings.push_back(setting);
    }
    return socket_.request(new_link(probe));
  }

  void make_port() {
    NewLink bridge;
    bridge.kind = find_link_kind("bridge");
    bridge.name = kProbe;
    bridge.ifindex = kProbeIndex;
    socket_.request(new_link(bridge));
    NewLink port;
    port.kind = find_link_kind("veth");
    port.name = kPort;
    port.ifindex = kProbeIndex + 1;
    port.master = kProbeIndex;
    port.peer = LinkPeer{"feature2", kProbeIndex + 2, {}};
    socket_.request(new_link(port));
  }

  Socket& socket_;
  Diagnostics& diagnostics_;
  std::set<const Field*> seen_;
};

}  // namespace

void check_features(const Topology& topology, int scratch, Diagnostics& diagnostics) {
  const NamespaceScope scope(scratch);
  Socket socket;
  FeatureProbe probe(socket, diagnostics);
  for (const auto& link : topology.links) {
    if (link.kind != nullptr && !link.kind->by_device) probe.check_link(link);
  }
  for (const auto& node : topology.nodes) {
    for (const auto& interface : node.interfaces) {
      if (!interface.details.port.empty()) probe.check_port(interface);
    }
  }
}

}  // namespace netyard
