// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace netyard {

/// Splits a command line into words as a shell would: blanks, single and double quotes,
/// backslashes; no expansion of any kind. False, with `problem`, when a quote is not closed.
bool split_words(std::string_view line, std::vector<std::string>& words, std::string& problem);
/// Words as one line a person reads, quoted where a shell would need it.
std::string join_words(const std::vector<std::string>& words);
/// Text with line breaks and other control characters made visible ("\n", "\x1b"), cut off after
/// `most` bytes with "..."; 0: never.
std::string on_one_line(std::string_view text, std::size_t most = 0);

}  // namespace netyard
