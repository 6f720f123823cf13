// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "netns/namespace.h"

namespace netyard {

/// Makes /run/netns ready for bind mounts just as ip-netns(8) does: mkdir 0755, flock on the
/// directory, MS_SHARED, or bound on itself, private, then shared. Throws Error.
void prepare_netns_directory();

/// Creates a network namespace (unshare), LEAVES THE CALLING THREAD IN IT, and binds it to
/// /run/netns/NAME. EEXIST when the name is taken. On failure the file is removed and the thread is
/// where it was. Call prepare_netns_directory() first. Returns the open namespace. `inside` runs in
/// the namespace before it has its name: what it does, nobody finds undone.
FileDescriptor create_pinned_namespace(
    const std::string& name, const std::function<void()>& inside = [] {});
/// Gives the network namespace behind namespace_fd a name. EEXIST when the name is taken.
void pin_namespace(int namespace_fd, const std::string& name);
/// umount2(MNT_DETACH) and unlink of /run/netns/NAME. ENOENT when there is none; EBUSY is
/// explained.
void unpin_namespace(const std::string& name);

struct UnpinFailure {
  std::string name;
  Error error;
};
/// Unpins many. All are held open meanwhile and let go at once: the kernel removes what it finds in
/// its queue together, 0.4 ms each in a batch of 1,000 against 33 ms alone. A missing one is no
/// failure.
std::vector<UnpinFailure> unpin_namespaces(const std::vector<std::string>& names);

/// One entry of /run/netns.
struct PinnedEntry {
  std::string name;
  bool is_namespace = false;   // false: a stale file
  NamespaceIdentity identity;  // of a namespace
};
/// All entries, sorted by name. Empty when the directory is missing.
std::vector<PinnedEntry> list_pinned();
/// Whether an entry is what a killed `netns add` or `del` leaves: an empty regular file.
bool is_stale_pin(const std::string& name);
/// Names that prune_pinned() would remove.
std::vector<std::string> stale_pinned();
/// Removes entries of /run/netns that a killed `ip netns add` leaves: empty regular files that are
/// no mount points and are older than a second (a younger one may be on its way to be a namespace),
/// and nothing else. Returns their names.
std::vector<std::string> prune_pinned();

}  // namespace netyard
