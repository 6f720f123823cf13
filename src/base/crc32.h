// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace netyard {

/// The CRC-32 of IEEE 802.3, as zlib's crc32() and gzip have it: against accidents, not against
/// people.
std::uint32_t crc32(std::string_view bytes);

}  // namespace netyard
