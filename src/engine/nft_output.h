// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace netyard {

/// One thing that nft said: "/dev/stdin:3:5-10: Error: syntax error, unexpected …".
struct NftComplaint {
  std::size_t line = 0;  // 1 and up; 0: about the whole
  int column = 1;
  std::string message;
};

/// What nft(8) complains of in what it wrote; its first line when that is nothing known. Never
/// empty.
std::vector<NftComplaint> nft_complaints(const std::string& output);

}  // namespace netyard
