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
#include "netlink/link.h"
#include "netlink/socket.h"

namespace netyard {

using OrderedJson = nlohmann::ordered_json;
using Note = std::function<void(const std::string&)>;

/// A namespace that is exported.
struct NamespaceView {
  explicit NamespaceView(const ExportedNode& exported);

  std::string name;
  FileDescriptor fd;
  Socket socket;
  std::vector<LinkState> links;
  std::vector<AddressState> addresses;
  InterfaceNames names;
  std::set<std::string> left_out;  // interfaces that the file does not have
  OrderedJson node;                // its entry of `nodes`
  const LinkState* find(std::uint32_t ifindex) const;
};

/// Adds `links`, each namespace's `interfaces` without addresses, and nodes for ends that are
/// outside.
void export_links(std::vector<NamespaceView>& views, OrderedJson& file, const Note& note);
/// Adds addresses, routes, rules, nexthops and neighbours.
void export_layer3(NamespaceView& view, const Note& note);
/// Adds queueing disciplines.
void export_qdiscs(NamespaceView& view, const Note& note);
/// Adds sysctls that are not as in a fresh namespace, and those of interfaces that are not as new
/// ones get them.
void export_sysctls(NamespaceView& view, const Note& note);
/// Adds what `nft list ruleset` prints.
void export_ruleset(NamespaceView& view, const Note& note);

}  // namespace netyard
