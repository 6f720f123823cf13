// SPDX-License-Identifier: Apache-2.0
// What nft(8) writes when it refuses a ruleset.
#include "engine/nft_output.h"
#include "fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto complaints = netyard::nft_complaints(netyard::fuzz::text_of(data, size));
  netyard::fuzz::require(!complaints.empty(), "there is a complaint");
  return 0;
}
