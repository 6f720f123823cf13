// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/kernel.h"
#include "topology/topology.h"

namespace netyard {

/// Makes the files that nodes see in /etc, below /run/netyard/LAB.etc, and lets /etc/netns/LAB.NODE
/// lead to them: there netyard and ip-netns(8) look. A directory of that name that is not ours, and
/// an /etc that cannot be written, are left alone with a warning. Throws Error.
void write_etc_files(const Topology& topology);

/// Removes what write_etc_files() made; what is gone is no failure.
std::vector<Leftover> remove_etc_files(const std::string& lab);

/// Links in /etc/netns that lead to files of a lab, whether these are there or not.
std::vector<std::string> etc_links_of(const std::string& lab);
/// Names of labs that such links lead to.
std::vector<std::string> labs_with_etc_links();

}  // namespace netyard
