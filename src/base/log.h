// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace netyard::log {

enum class Level { debug, info, warning, error };

/// Chooses what is written to standard error; the default is warning.
void set_level(Level level);
/// True when a debug line would be written: ask before composing an expensive one.
bool debugging();

void debug(std::string_view line);
void info(std::string_view line);
void warning(std::string_view line);
void error(std::string_view line);

}  // namespace netyard::log
