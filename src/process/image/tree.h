// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "process/image/blame.h"

namespace netyard::image {

struct Child {
  std::string name;
  bool directory;
};
/// What an open directory holds, without "." and "..".
std::vector<Child> children(int directory, const Blame& blame);

/// Opens a directory for reading, and never what a symbolic link points to.
FileDescriptor open_directory(int parent, const std::string& name, const Blame& blame);

/// Removes a file, or a directory with all that is in it, whatever its modes are; nothing there is
/// well too. Follows no symbolic link.
void remove_tree(int parent, const std::string& name, const Blame& blame);

}  // namespace netyard::image
