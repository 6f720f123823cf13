// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace netyard {

/// Of the calling thread's network namespace (net/netfilter/nf_tables_api.c). A kernel without
/// nf_tables has nothing: 0, or no tables. Throws Error.

/// A number that every transaction of nftables changes; what packets add to sets does not.
std::uint32_t nft_generation();
/// Its tables as nft(8) names them: "inet filter".
std::vector<std::string> nft_tables();

}  // namespace netyard
