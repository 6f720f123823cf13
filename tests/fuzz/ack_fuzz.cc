// SPDX-License-Identifier: Apache-2.0
// An answer of the kernel, and the request that it speaks of: two bytes for the length of the
// request, the request, the answer. Both are as long as they say, as collectors see to it.
#include <linux/netlink.h>

#include <cstring>
#include <vector>

#include "fuzz/input.h"
#include "netlink/ack.h"

using namespace netyard;

namespace {

// A message in memory of its own that is exactly as long as it says.
std::vector<std::uint32_t> message(const std::uint8_t* data, std::size_t size, std::uint16_t type) {
  const std::size_t length = size < sizeof(nlmsghdr) ? sizeof(nlmsghdr) : size;
  std::vector<std::uint32_t> out((length + 3) / 4);
  if (size > 0) std::memcpy(out.data(), data, size);
  auto* header = reinterpret_cast<nlmsghdr*>(out.data());
  header->nlmsg_len = static_cast<std::uint32_t>(out.size() * 4);
  if (type != 0) header->nlmsg_type = type;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::size_t split = std::min<std::size_t>(data[0] | std::size_t{data[1]} << 8, size - 2);
  const auto request = message(data + 2, split, 0);
  const auto answer =
      message(data + 2 + split, size - 2 - split, (data[0] & 1) != 0 ? NLMSG_ERROR : NLMSG_DONE);
  const auto* asked = reinterpret_cast<const nlmsghdr*>(request.data());
  const Ack ack = parse_ack(reinterpret_cast<const nlmsghdr*>(answer.data()), asked);
  fuzz::require(ack.answered, "an answer is one");
  parse_ack(reinterpret_cast<const nlmsghdr*>(answer.data()), nullptr);
  for (std::uint32_t at = 0; at < asked->nlmsg_len + 8; at += 4) attribute_name(asked, at);
  return 0;
}
