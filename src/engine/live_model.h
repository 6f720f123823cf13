// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/changes.h"

namespace netyard {

/// What will be there once the links that must go are gone: the kernel takes along what hangs on
/// them.
class LiveModel {
 public:
  LiveModel(const Wish& next, const Present& present, Snapshot live);

  /// One that is not there for a node that has no namespace.
  const LiveNode& node(const std::string& name) const;
  /// The link of an interface; nullptr when it is not there, or has to be made anew.
  const LinkState* link(const Node& at, const Interface& interface) const;
  /// Links that have to go: of a pair one end.
  const std::vector<Remove>& gone() const { return gone_; }
  const std::vector<GiveBackLink>& given_back() const { return given_back_; }
  /// Links in the way that are not ours.
  const Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  using Ends = std::map<std::string, const TopologyLink*>;  // by "NODE:INTERFACE"

  void note_next();
  bool is_kept(const Topology& before, const TopologyLink& link) const;
  void drop_links(const Topology& before);
  void drop_broken_links();
  void drop_macsec_together();
  bool is_broken(const TopologyLink& link, const LinkState& end) const;
  void find_strangers();
  const LinkState* live(const Topology& topology, InterfaceRef ref) const;
  void doom(const std::string& node, const LinkState& shown);
  void doom_peer(const LinkState& link);
  void give_back(const Topology& before, const TopologyLink& link);

  const Topology& next_;
  const Present& present_;
  Snapshot nodes_;
  std::map<std::string, NodeId> ids_;
  Ends ends_;
  std::vector<Remove> gone_;
  std::vector<GiveBackLink> given_back_;
  Diagnostics diagnostics_;
};

}  // namespace netyard
