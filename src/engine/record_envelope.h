// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace netyard {

/// Puts the JSON text of a record into what is written to disk: one JSON object of its format, the
/// CRC-32 of the text, and the text.
std::string seal(std::string_view body);
/// The text in what was written. Throws Error naming `path`: ENOTSUP for a format newer than ours,
/// EBADMSG for what is older, cut short or changed.
std::string_view unseal(std::string_view text, const std::string& path);

}  // namespace netyard
