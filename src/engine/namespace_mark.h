// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "netlink/socket.h"
#include "netns/namespace.h"

namespace netyard {

/// Whose a namespace is, written into the namespace itself: as the alias of lo (IFLA_IFALIAS,
/// "netyard:LAB:NODE"). It is there before the namespace has a name, and survives any loss of
/// records.
struct NamespaceMark {
  std::string lab;
  std::string node;
  friend bool operator==(const NamespaceMark&, const NamespaceMark&) = default;
};

/// Marks the namespace that the socket lives in. Throws Error.
void set_mark(Socket& socket, const NamespaceMark& mark);
/// nullopt when it has none. Throws Error.
std::optional<NamespaceMark> mark_of(Socket& socket);

/// A namespace under /run/netns that a lab made: its name and its mark say the same. A mark alone
/// may be on a name that somebody else gave it, a name alone anybody may give.
struct MarkedNamespace {
  NamespaceMark mark;
  std::string netns;
  NamespaceIdentity identity;
};
/// Those of one lab, but those whose names are known. What cannot be looked at is passed over.
std::vector<MarkedNamespace> marked_namespaces(const std::string& lab,
                                               const std::set<std::string>& known = {});
/// Names of labs that have marked namespaces and are none of `known`, whose are not looked at.
std::set<std::string> marked_labs(const std::vector<std::string>& known = {});

}  // namespace netyard
