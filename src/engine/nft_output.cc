// SPDX-License-Identifier: Apache-2.0
#include "engine/nft_output.h"

#include <algorithm>
#include <charconv>

namespace netyard {
namespace {

bool starts_number(const std::string& text, std::size_t& at, int& number) {
  const auto [end, failed] = std::from_chars(text.data() + at, text.data() + text.size(), number);
  if (failed != std::errc()) return false;
  at = static_cast<std::size_t>(end - text.data());
  return true;
}

}  // namespace

// nft quotes the line and underlines it behind each message; the file's own line is shown instead.
std::vector<NftComplaint> nft_complaints(const std::string& output) {
  static const std::string kError = ": Error: ";
  static const std::string kInput = "/dev/stdin:";
  std::vector<NftComplaint> out;
  std::size_t begin = 0;
  while (begin < output.size()) {
    const std::size_t end = std::min(output.find('\n', begin), output.size());
    const std::string line = output.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t error = line.find(kError);
    if (!line.starts_with(kInput) || error == std::string::npos) continue;
    NftComplaint complaint;
    std::size_t at = kInput.size();
    int number = 0;
    if (starts_number(line, at, number)) complaint.line = static_cast<std::size_t>(number);
    ++at;
    if (starts_number(line, at, number)) complaint.column = number;
    complaint.message = line.substr(error + kError.size());
    out.push_back(std::move(complaint));
  }
  if (out.empty()) out.push_back({0, 1, output.substr(0, output.find('\n'))});
  return out;
}

}  // namespace netyard
