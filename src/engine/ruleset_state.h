// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/changes.h"
#include "engine/record.h"

namespace netyard {

/// Looks at the nftables of nodes for which a file has a ruleset, by the names of the nodes. Where
/// the generation is as the record has it nothing was touched since; elsewhere the ruleset is
/// loaded once more, in a namespace of its own, and nft(8) lists both. Throws Error.
std::map<std::string, LiveRuleset> look_at_rulesets(const LabRecord& record, const Topology& next,
                                                    const Present& present);

/// The generations of nftables of the nodes of a topology that have rulesets, by their names.
std::map<std::string, std::uint32_t> ruleset_generations(const Topology& topology);

}  // namespace netyard
