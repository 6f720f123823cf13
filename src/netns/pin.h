// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "netns/namespace.h"

namespace netyard {

/// Makes /run/netns ready for bind mounts just as ip-netns(8) does: mkdir 0755, flock on the
/// directory, MS_SHARED, or bound on itself, private, then shared. Costs little when it is ready.
/// Throws Error.
void prepare_netns_directory();

/// Creates a network namespace (unshare), LEAVES THE CALLING THREAD IN IT, and binds it to
/// /run/netns/NAME. EEXIST when the name is taken. On failure the file is removed and the thread is
/// where it was. Call prepare_netns_directory() first. Returns the open namespace.
FileDescriptor create_pinned_namespace(const std::string& name);
/// Gives the network namespace behind namespace_fd a name. EEXIST when the name is taken.
void pin_namespace(int namespace_fd, const std::string& name);
/// umount2(MNT_DETACH) and unlink of /run/netns/NAME. ENOENT when there is none; EBUSY is
/// explained.
void unpin_namespace(const std::string& name);

/// One entry of /run/netns.
struct PinnedEntry {
  std::string name;
  bool is_namespace = false;   // false: a stale file
  NamespaceIdentity identity;  // of a namespace
};
/// All entries, sorted by name. Empty when the directory is missing.
std::vector<PinnedEntry> list_pinned();
/// Removes entries of /run/netns that are plain empty files and no mounts, as a killed `ip netns
/// add` leaves them, and nothing else. Returns their names.
std::vector<std::string> prune_pinned();

}  // namespace netyard
