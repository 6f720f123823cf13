// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/record.h"
#include "topology/traffic.h"

namespace netyard {

/// Puts into the record what the file wants of the traffic of an interface.
void record_shaping(const Shaping& shaping, RecordedInterface& out);

/// What is recorded, as messages want it. A kind or key of another version is left out.
Qdisc recorded_qdisc(const RecordedQdisc& recorded, std::uint32_t ifindex);
/// "delay=20ms" and so on, and back.
std::vector<std::string> word_list(const Settings& words);
Settings words_from(std::span<const std::string> list);

}  // namespace netyard
