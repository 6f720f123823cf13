// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"

namespace netyard {

class Socket;

/// Which network namespace: the nsfs inode, and the cookie that, unlike the inode, is never used
/// again before the next boot (0: not known).
struct NamespaceIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t cookie = 0;
  friend bool operator==(const NamespaceIdentity&, const NamespaceIdentity&) = default;
};

/// Where named namespaces are: "/run/netns", shared with ip-netns(8).
extern const char* const kNetnsDirectory;

/// Empty when the name will do for a file under /run/netns (1 to 255 bytes, not "." or "..", no
/// '/', no control byte, no leading '-'); else what is wrong with it.
std::string namespace_name_problem(std::string_view name);

/// The calling thread's network namespace.
FileDescriptor current_namespace();
/// The network namespace called NAME. O_PATH first, so that a FIFO cannot hang us; a symbolic link,
/// or a file that is no network namespace, is refused. Throws Error (ENOENT when there is none).
FileDescriptor open_namespace(const std::string& name);
/// The network namespace of a process.
FileDescriptor open_process_namespace(pid_t pid);
/// Device and inode of an open namespace; the cookie stays 0.
NamespaceIdentity identify(int namespace_fd);

/// Enters a namespace that the thread was in before. Tries again when the kernel is short of
/// memory, and aborts when it cannot: a thread in the wrong namespace must not go on.
void go_home(int namespace_fd);

/// A NETLINK_ROUTE socket in a namespace; the thread stays where it is. Throws Error.
Socket socket_in(int namespace_fd);

/// Enters a namespace for as long as it lives. The destructor goes home, and aborts if it cannot:
/// a thread in the wrong namespace must not go on.
class NamespaceScope {
 public:
  explicit NamespaceScope(int namespace_fd);
  NamespaceScope(const NamespaceScope&) = delete;
  NamespaceScope& operator=(const NamespaceScope&) = delete;
  ~NamespaceScope();

 private:
  FileDescriptor home_;
};

}  // namespace netyard
