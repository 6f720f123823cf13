// SPDX-License-Identifier: Apache-2.0
// The record of a lab: any bytes as the file, and, behind a first byte 's', as what a right
// checksum vouches for. What is read is written and read again.
#include "engine/record.h"
#include "engine/record_envelope.h"
#include "fuzz/input.h"

using namespace netyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text = fuzz::text_of(data, size);
  if (size > 0 && text.front() == 's') text = seal(text.substr(1));
  fuzz::may_refuse([&] {
    const LabRecord record = from_text(text, "x.json");
    fuzz::require(from_text(to_text(record), "x.json") == record, "a record is read as written");
  });
  return 0;
}
