// SPDX-License-Identifier: Apache-2.0
// What a record says that a link had before it was set down (engine/record.h), line by line.
#include <sstream>

#include "fuzz/fake_netlink.h"
#include "fuzz/input.h"
#include "netlink/link_memory.h"

using namespace netyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream lines(fuzz::text_of(data, size));
  std::vector<std::string> saved;
  for (std::string line; std::getline(lines, line);) saved.push_back(line);
  fuzz::serve(nullptr, 0);
  Socket socket;
  fuzz::may_refuse([&] { restore_link_memory(socket, saved); });
  return 0;
}
