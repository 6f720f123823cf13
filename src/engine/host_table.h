// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace netyard {

// Tables of nftables on the host that a lab with uplinks makes: "netyard_LAB", with the comment
// "netyard:LAB". Without nft(8) there are none. Throws Error.

/// The lab's table, or "" when the host has none that says so.
std::string host_table_of(const std::string& lab);
/// Names of labs that have one.
std::vector<std::string> labs_with_host_table();

}  // namespace netyard
