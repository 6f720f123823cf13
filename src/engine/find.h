// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/file_descriptor.h"

namespace netyard {

/// The topology file a command means: `file` when given, else netyard.yaml in the working
/// directory. Throws Error when there is neither.
std::string find_file(const std::string& file);

/// The running lab a command means: `lab` when given; the ephemeral one that it runs in; that of
/// netyard.yaml in the working directory; the only one that runs. Throws Error when that does not
/// settle it.
std::string find_lab(const std::string& lab);

/// A node of a running lab, ready to be entered.
struct FoundNode {
  std::string name;
  std::string netns;
  FileDescriptor fd;
};
/// node may be written LAB/NODE. Throws Error, with the nearest name, when there is no such node.
FoundNode find_node(const std::string& lab, const std::string& node);

}  // namespace netyard
