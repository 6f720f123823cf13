// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/kernel.h"
#include "engine/lost_lab.h"

namespace netyard {

/// What there is of a lab besides its record. Each carries something that says so: a mark, its
/// place below /run/netyard, or where it leads.
struct Remains {
  std::vector<std::string> namespaces;                 // names, under /run/netns
  std::vector<std::string> files;                      // paths, below /run/netyard
  std::vector<std::string> links;                      // paths, in /etc/netns
  std::string group;                                   // cgroup, below "netyard"; "": none
  std::vector<std::pair<int, std::string>> processes;  // in it: pid and command
  std::string table;                                   // of nftables, on the host; "": none
  bool empty() const;
};
/// Looks only. Throws Error.
Remains find_remains(const std::string& lab);

/// Names of labs that there are remains of, whether they have a record or not; sorted.
std::vector<std::string> labs_with_remains();

/// Removes all that there is of a lab without a record that holds. Call with the lab's lock held.
std::vector<Leftover> remove_remains(const std::string& lab);

}  // namespace netyard
