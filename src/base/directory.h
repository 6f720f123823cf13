// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace netyard {

/// What is in a directory, without "." and "..", sorted; nothing when there is no such directory.
/// Throws Error.
std::vector<std::string> names_in(const std::string& directory);

/// False when the kernel says that there is none. What cannot be looked at counts as there, so that
/// nothing is forgotten for want of memory.
bool is_there(const std::string& path);

}  // namespace netyard
