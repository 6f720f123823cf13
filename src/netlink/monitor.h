// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

struct mnl_socket;

namespace netyard {

/// Tells that something changed in the namespace it was opened in: links, addresses, routes, rules,
/// nexthops, qdiscs (groups of rtnetlink(7)). What changed is for a dump to say.
class Monitor {
 public:
  /// In the calling thread's namespace. Throws Error.
  Monitor();

  /// Readable when something happened.
  int fd() const;
  /// Forgets what happened so far; true when there was anything, or too much to be told.
  bool drain();

 private:
  struct Closer {
    void operator()(mnl_socket* socket) const;
  };
  std::unique_ptr<mnl_socket, Closer> socket_;
};

}  // namespace netyard
