// SPDX-License-Identifier: Apache-2.0
// What the parts of `export` share.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "engine/export.h"
#include "engine/state_words.h"
#include "netlink/address.h"
#include "netlink/field.h"
#include "netlink/kind.h"
#include "netlink/link.h"
#include "netlink/socket.h"

namespace netyard {

using OrderedJson = nlohmann::ordered_json;
using Note = std::function<void(const std::string&)>;

/// A namespace that is exported.
struct NamespaceView {
  explicit NamespaceView(const ExportedNode& exported);

  std::string name;
  std::map<std::string, std::string> taken;  // as of ExportedNode
  FileDescriptor fd;
  Socket socket;
  std::vector<LinkState> links;
  std::vector<AddressState> addresses;
  InterfaceNames names;
  std::set<std::string> left_out;  // interfaces that the file does not have
  OrderedJson node;                // its entry of `nodes`
  const LinkState* find(std::uint32_t ifindex) const;
  /// Its entry of `interfaces`.
  OrderedJson& interface(const LinkState& link) { return node["interfaces"][link.name]; }
};

/// Whether a link has a setting without being told so.
bool is_as_usual(const FieldSetting& setting);
/// Without those that need another one which is not there: ip(8) sets `encap_csum6` on every
/// tunnel.
Settings without_idle(const LinkKind& kind, Settings settings);
/// A value as a file has it; interfaces by name.
OrderedJson word_of(const FieldSetting& setting, const InterfaceNames& names);
/// Adds the settings that are not as usual.
void add_unusual(const Settings& settings, const InterfaceNames& names, OrderedJson& out);

/// Adds `links`, each namespace's `interfaces` without addresses, and nodes for ends that are
/// outside. `secrets`: with the keys of wireguard links.
void export_links(std::vector<NamespaceView>& views, bool secrets, OrderedJson& file,
                  const Note& note);
/// Adds VLANs of ports, forwarding entries and groups that somebody made.
void export_bridge_tables(NamespaceView& view, const Note& note);
/// Adds addresses, routes, rules, nexthops and neighbours.
void export_layer3(NamespaceView& view, const Note& note);
/// Adds queueing disciplines with their classes and filters. True when there is any.
bool export_traffic(std::vector<NamespaceView>& views, const Note& note);
/// Adds what veths leave to the device, and how large segments may be. `shaped`: there are queueing
/// disciplines, so that `up` lets TCP make packets of every veth that does not say otherwise.
void export_offloads(std::vector<NamespaceView>& views, bool shaped, const Note& note);
/// Adds sysctls that are not as in a fresh namespace, and those of interfaces that are not as new
/// ones get them.
void export_sysctls(std::vector<NamespaceView>& views, const Note& note);
/// Adds what `nft list ruleset` prints.
void export_ruleset(NamespaceView& view, const Note& note);

}  // namespace netyard
