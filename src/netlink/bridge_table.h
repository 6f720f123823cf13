// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"

namespace netyard {

class Message;

/// VLANs first to last that a port, or the bridge itself, is in.
struct BridgeVlan {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  bool pvid = false;         // of frames that come in untagged; one VLAN only
  bool untagged = false;     // leave without tag
  std::uint32_t tunnel = 0;  // tunnel id of `first`, counted up; 0: none
  friend bool operator==(const BridgeVlan&, const BridgeVlan&) = default;
};

/// An entry of a forwarding table: of a bridge (for a port), or of a vxlan.
struct FdbEntry {
  enum class Life { permanent, fixed, dynamic };  // ip(8): permanent, static, dynamic
  MacAddress mac;
  Life life = Life::fixed;
  bool self = false;                 // of the link itself (vxlan); else of its bridge
  std::uint16_t vlan = 0;            // 0: none
  std::optional<IpAddress> remote;   // vxlan: the end behind which the address is
  std::uint16_t port = 0;            // vxlan: UDP port; 0: the link's
  std::optional<std::uint32_t> vni;  // vxlan: the link's when not given
  std::optional<std::uint32_t> source_vni;
  std::uint32_t via = 0;  // vxlan: ifindex that packets leave by; 0: as routed
  bool append = false;    // one more remote for the same address
  friend bool operator==(const FdbEntry&, const FdbEntry&) = default;
};

/// An entry of a bridge's table of multicast groups: group behind port.
struct MdbEntry {
  std::optional<IpAddress> group;
  std::optional<MacAddress> mac;  // instead of `group`
  std::uint32_t port = 0;         // ifindex of a port
  std::uint16_t vlan = 0;
  bool permanent = true;
  friend bool operator==(const MdbEntry&, const MdbEntry&) = default;
};

/// RTM_SETLINK or RTM_DELLINK of PF_BRIDGE. net/bridge/br_netlink.c.
Message add_bridge_vlans(std::uint32_t ifindex, bool is_bridge,
                         const std::vector<BridgeVlan>& vlans);
Message remove_bridge_vlan(std::uint32_t ifindex, bool is_bridge, std::uint16_t vlan);
/// RTM_NEWNEIGH of PF_BRIDGE. net/core/rtnetlink.c, rtnl_fdb_add.
Message add_fdb_entry(std::uint32_t ifindex, const FdbEntry& entry);
/// RTM_NEWMDB. net/bridge/br_mdb.c.
Message add_mdb_entry(std::uint32_t bridge, const MdbEntry& entry);
/// RTM_NEWLINKPROP: further names of a link.
Message add_alternative_names(std::uint32_t ifindex, const std::vector<std::string>& names);
/// The opposite of each: RTM_DELNEIGH, RTM_DELMDB, RTM_DELLINKPROP.
Message remove_fdb_entry(std::uint32_t ifindex, const FdbEntry& entry);
Message remove_mdb_entry(std::uint32_t bridge, const MdbEntry& entry);
Message remove_alternative_names(std::uint32_t ifindex, const std::vector<std::string>& names);

}  // namespace netyard
