// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "netns-fixtures/fixture.h"

namespace netyard::test {

/// What ip(8), bridge(8), tc(8), nft(8) and /proc/sys show of all namespaces of a lab, without what
/// is another each time: numbers, counters, times.
nlohmann::json picture(const std::string& lab);

/// Where two pictures differ, as a patch; "" when they are the same.
std::string difference(const nlohmann::json& one, const nlohmann::json& other);

}  // namespace netyard::test
