// SPDX-License-Identifier: Apache-2.0
// What nft(8) writes when it refuses a ruleset, and when it lists one.
#include "engine/nft_output.h"
#include "engine/nft_tables.h"
#include "fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = netyard::fuzz::text_of(data, size);
  netyard::nft_tables_of(text);
  const auto complaints = netyard::nft_complaints(text);
  netyard::fuzz::require(!complaints.empty(), "there is a complaint");
  return 0;
}
