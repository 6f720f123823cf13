// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/services.h"

namespace netyard {

/// A line, and whose it is: "NODE/NAME".
using OwnedLine = std::pair<std::string, LogLine>;

/// The last `count` lines (0: all) of each workload that the words name, by time.
std::vector<OwnedLine> last_log_lines(const std::string& lab, const std::vector<std::string>& words,
                                      std::size_t tail);
/// Gives those, and every line that is written from now on, until `take` answers false,
/// `interrupted` says true, or the lab goes down.
void follow_logs(const std::string& lab, const std::vector<std::string>& words, std::size_t count,
                 const std::function<bool(const std::string&, const LogLine&)>& take,
                 const std::function<bool()>& interrupted);

}  // namespace netyard
