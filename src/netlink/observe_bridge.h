// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "netlink/bridge_table.h"
#include "netlink/socket.h"

namespace netyard {

/// The VLANs of ports and of bridges themselves, by ifindex; those of one kind and next to each
/// other are one range. Empty on a kernel without them. net/bridge/br_netlink.c.
std::map<std::uint32_t, std::vector<BridgeVlan>> observe_bridge_vlans(Socket& socket);

/// An entry of a forwarding table as the kernel shows it.
struct FdbState {
  std::uint32_t ifindex = 0;  // of the port, or of the link itself
  FdbEntry entry;
  bool learned_elsewhere = false;  // NTF_EXT_LEARNED: a program keeps it
  bool by_nexthop = false;         // of a vxlan: the remote is an object
};
/// Of all bridges and other links in the namespace of the socket. net/core/rtnetlink.c.
std::vector<FdbState> observe_fdb(Socket& socket);

struct MdbState {
  std::uint32_t bridge = 0;
  MdbEntry entry;
  bool by_source = false;  // only what certain senders send
};
/// Empty on a kernel without snooping. net/bridge/br_mdb.c.
std::vector<MdbState> observe_mdb(Socket& socket);

}  // namespace netyard
