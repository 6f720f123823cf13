// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/diagnostics.h"

namespace netyard {

/// The text of a file that holds a key, without white space behind it; the caller wipes it. Throws
/// Error.
std::string read_secret(const std::string& path);
/// Warns when everybody can read a file with a key.
void warn_if_readable(const std::string& path, const Location& at, Diagnostics& diagnostics);
/// Warns when everybody can read the topology file, where a key stands at `at`.
void warn_if_written(const Location& at, Diagnostics& diagnostics);

}  // namespace netyard
