// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

struct mnl_socket;

namespace netyard {

/// Tells that something changed in the namespace it was opened in. What changed is for a dump to
/// say.
class Monitor {
 public:
  /// Links, addresses, routes, rules, nexthops, qdiscs (groups of rtnetlink(7)), in the calling
  /// thread's namespace. Throws Error.
  static Monitor of_links();
  /// Rulesets (NFNLGRP_NFTABLES). The same.
  static Monitor of_nftables();

  /// Readable when something happened.
  int fd() const;
  /// Forgets what happened so far; true when there was anything, or too much to be told.
  bool drain();

 private:
  Monitor(int protocol, std::span<const int> groups);
  struct Closer {
    void operator()(mnl_socket* socket) const;
  };
  std::unique_ptr<mnl_socket, Closer> socket_;
};

}  // namespace netyard
