// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/leftover.h"
#include "engine/record.h"

namespace netyard {

/// The environment variable that tells the command of an ephemeral lab the lab's name.
inline constexpr const char* kLabVariable = "NETYARD_LAB";

// What ephemeral labs have outside of their mount namespaces: entries in the host's /run/netyard,
// cgroups, nftables tables. An instance sets apart those that have one name.

/// A name for one that this process is about to make.
std::string new_instance();
/// Where cgroups of labs go, below "netyard/": "" on the host, "@INSTANCE/" in an ephemeral lab.
std::string cgroup_scope();
/// Writes what cgroup_scope() reads, into the /run/netyard that is there now.
void write_cgroup_scope(const std::string& scope);

/// The directories that an ephemeral lab covers with its own.
extern const char* const kCoveredDirectories[3];
/// File that remembers that netyard made a covered directory.
std::string made_marker(const std::string& directory);
/// Removes covered directories that netyard made and that nobody uses any more. What is left is
/// what could not be removed.
std::vector<Leftover> remove_made_directories();

/// Enters an instance into /run/netyard, and makes the directories that it covers. They stay for as
/// long as an entry does: the kernel drops a mount whose directory is removed elsewhere. Throws
/// Error.
void enter_instance(const std::string& instance, const LabRecord& record);
/// Removes what an instance that has ended has outside of its mount namespace, then its entry.
std::vector<Leftover> clear_instance(const std::string& instance);
/// An instance that nobody clears: its guard was killed, too.
struct EndedInstance {
  std::string name;
  std::string lab;  // "" when its entry cannot be read
};
std::vector<EndedInstance> ended_instances();
/// Clears instances whose guards were killed, too: by entries whose owner does not run, or all.
std::vector<Leftover> sweep_instances(bool all = false);

}  // namespace netyard
