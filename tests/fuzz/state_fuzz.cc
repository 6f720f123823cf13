// SPDX-License-Identifier: Apache-2.0
// Texts that other processes and the kernel hand over: requests to a supervisor and its answers,
// lines of logs, and the tables of mounts and cgroups in /proc.
#include "fuzz/input.h"
#include "process/cgroup.h"
#include "process/control.h"
#include "process/log_file.h"

using namespace netyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  fuzz::may_refuse([&] { to_text(request_from(text)); });
  fuzz::may_refuse([&] { to_text(answer_from(text)); });
  LogLine line;
  parse_log_line(text, line);
  const std::size_t middle = text.find("\n\n");
  const std::string own = middle == std::string::npos ? "" : text.substr(middle + 2);
  CgroupLayout::parse(text.substr(0, middle), own, false);
  return 0;
}
