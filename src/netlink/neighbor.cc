// SPDX-License-Identifier: Apache-2.0
#include "netlink/neighbor.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"
#include "netlink/names.h"

namespace netyard {
namespace {

constexpr NumberName kStates[] = {
    {"none", NUD_NONE},     {"incomplete", NUD_INCOMPLETE}, {"reachable", NUD_REACHABLE},
    {"stale", NUD_STALE},   {"delay", NUD_DELAY},           {"probe", NUD_PROBE},
    {"failed", NUD_FAILED}, {"noarp", NUD_NOARP},           {"permanent", NUD_PERMANENT}};

Message neighbor_message(std::uint16_t type, std::uint16_t flags, const Neighbor& neighbor) {
  Message message(type, flags);
  ndmsg header{};
  header.ndm_family = family_number(neighbor.address.family);
  header.ndm_ifindex = static_cast<int>(neighbor.ifindex);
  header.ndm_state = neighbor.proxy ? 0 : static_cast<std::uint16_t>(neighbor.state);
  header.ndm_flags = static_cast<std::uint8_t>((neighbor.proxy ? NTF_PROXY : 0) |
                                               (neighbor.router ? NTF_ROUTER : 0) |
                                               (neighbor.extern_learn ? NTF_EXT_LEARNED : 0));
  message.header(header);
  message.put(NDA_DST, neighbor.address);
  if (neighbor.mac) message.put(NDA_LLADDR, *neighbor.mac);
  return message;
}

}  // namespace

const char* to_string(NeighborState state) {
  for (const auto& name : kStates) {
    if (name.number == static_cast<std::uint32_t>(state)) return name.word;
  }
  return "unknown";
}

// Not exclusive: the kernel may have heard of the neighbour in the meantime.
Message new_neighbor(const Neighbor& neighbor) {
  return neighbor_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, neighbor);
}
Message delete_neighbor(const Neighbor& neighbor) {
  return neighbor_message(RTM_DELNEIGH, 0, neighbor);
}

Message get_neighbors(bool proxies) {
  Message message(RTM_GETNEIGH, 0);
  ndmsg header{};
  header.ndm_flags = proxies ? NTF_PROXY : 0;
  message.header(header);
  return message;
}

}  // namespace netyard
