// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "topology/reader.h"
#include "topology/traffic.h"

namespace netyard::spec {

/// Reads a key about the packets that an end sends: a word of impairments, `preset`, `qdisc`,
/// `offloads`. False for another key.
bool read_traffic(Reader& reader, const std::string& key, const Tree& value, Traffic& out);
/// The same for a link or a network, which also has `from`.
bool read_shared_traffic(Reader& reader, const std::string& key, const Tree& value,
                         SharedTraffic& out);
/// The keys that read_traffic knows.
const std::vector<std::string>& traffic_names();

/// Reads `qdisc:`; load_qdisc.cc.
std::optional<QdiscUse> read_qdisc(Reader& reader, const Tree& value);

/// The tables, for the schema.
std::span<const Key<Traffic>> traffic_keys();
std::span<const Key<PresetUse>> preset_keys();
std::span<const Key<ClassUse>> class_keys();
std::span<const Key<TrafficFilter>> match_keys();

}  // namespace netyard::spec
