// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace netyard {

/// Replaces this process by a command in a node of a running lab, as `ip netns exec` would: with
/// the node's network namespace, /sys and /etc/netns files. Comes back only when that failed, with
/// the exit status to use (125, 126, 127) and the reason in `failure`. Throws Error when there is
/// no such node.
int exec_in_node(const std::string& lab, const std::string& node,
                 const std::vector<std::string>& argv, std::string& failure);
/// Runs a command beside a workload ("NODE/NAME") of a running lab: in its namespaces, as its user,
/// in its cgroup, with no more rights than it has. With `terminal` it gets one of its own. Returns
/// its exit status. Throws SpawnError, Error.
int exec_in_workload(const std::string& lab, const std::string& workload,
                     const std::vector<std::string>& argv, bool terminal);
/// The same in a namespace under /run/netns.
int exec_in_namespace(const std::string& name, const std::vector<std::string>& argv,
                      std::string& failure);

}  // namespace netyard
