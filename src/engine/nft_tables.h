// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace netyard {

/// What nft(8) lists of each table, by name: "inet filter".
using NftTables = std::map<std::string, std::string>;

/// The tables in what `nft -s list ruleset` wrote, without elements that packets add to sets. Its
/// JSON is no good for this: nft 1.0.6 leaves statements out there.
NftTables nft_tables_of(const std::string& listing);

}  // namespace netyard
