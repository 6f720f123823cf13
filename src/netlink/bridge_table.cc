// SPDX-License-Identifier: Apache-2.0
#include "netlink/bridge_table.h"

#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <cstring>

#include "netlink/message.h"

namespace netyard {
namespace {

ifinfomsg bridge_header(std::uint32_t ifindex) {
  ifinfomsg header{};
  header.ifi_family = PF_BRIDGE;
  header.ifi_index = static_cast<int>(ifindex);
  return header;
}

void put_vlan(Message& message, std::uint16_t vid, std::uint16_t flags) {
  const bridge_vlan_info info{flags, vid};
  message.put_bytes(IFLA_BRIDGE_VLAN_INFO, &info, sizeof info);
}

void put_tunnel(Message& message, std::uint16_t vid, std::uint32_t id, std::uint16_t flags) {
  const std::size_t nest = message.open_nest(IFLA_BRIDGE_VLAN_TUNNEL_INFO);
  message.put_u32(IFLA_BRIDGE_VLAN_TUNNEL_ID, id);
  message.put_u16(IFLA_BRIDGE_VLAN_TUNNEL_VID, vid);
  message.put_u16(IFLA_BRIDGE_VLAN_TUNNEL_FLAGS, flags);
  message.close_nest(nest);
}

void put_range(Message& message, const BridgeVlan& vlan) {
  const auto flags = static_cast<std::uint16_t>((vlan.pvid ? BRIDGE_VLAN_INFO_PVID : 0) |
                                                (vlan.untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0));
  if (vlan.first == vlan.last) return put_vlan(message, vlan.first, flags);
  put_vlan(message, vlan.first, flags | BRIDGE_VLAN_INFO_RANGE_BEGIN);
  put_vlan(message, vlan.last, flags | BRIDGE_VLAN_INFO_RANGE_END);
}

void put_tunnels(Message& message, const BridgeVlan& vlan) {
  if (vlan.tunnel == 0) return;
  if (vlan.first == vlan.last) return put_tunnel(message, vlan.first, vlan.tunnel, 0);
  put_tunnel(message, vlan.first, vlan.tunnel, BRIDGE_VLAN_INFO_RANGE_BEGIN);
  put_tunnel(message, vlan.last, vlan.tunnel + vlan.last - vlan.first, BRIDGE_VLAN_INFO_RANGE_END);
}

std::size_t open_bridge_part(Message& message, bool is_bridge) {
  const std::size_t nest = message.open_nest(IFLA_AF_SPEC | NLA_F_NESTED);
  if (is_bridge) message.put_u16(IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
  return nest;
}

void put_remote(Message& message, const FdbEntry& entry) {
  if (entry.remote) message.put(NDA_DST, *entry.remote);
  if (entry.port != 0) message.put_be16(NDA_PORT, entry.port);
  if (entry.vni) message.put_u32(NDA_VNI, *entry.vni);
  if (entry.source_vni) message.put_u32(NDA_SRC_VNI, *entry.source_vni);
  if (entry.via != 0) message.put_u32(NDA_IFINDEX, entry.via);
}

void fill_group(br_mdb_entry& out, const MdbEntry& entry) {
  if (entry.mac) {
    std::memcpy(out.addr.u.mac_addr, entry.mac->bytes.data(), entry.mac->bytes.size());
  } else if (entry.group) {
    const bool six = entry.group->family == Family::ipv6;
    std::memcpy(&out.addr.u, entry.group->bytes.data(), entry.group->size());
    out.addr.proto = htons(six ? ETH_P_IPV6 : ETH_P_IP);
  }
}

Message fdb_message(std::uint16_t type, int flags, std::uint32_t ifindex, const FdbEntry& entry) {
  static constexpr std::uint16_t kStates[] = {NUD_PERMANENT, NUD_NOARP, NUD_REACHABLE};
  Message message(type, static_cast<std::uint16_t>(flags));
  ndmsg header{};
  header.ndm_family = PF_BRIDGE;
  header.ndm_ifindex = static_cast<int>(ifindex);
  header.ndm_state = kStates[static_cast<std::size_t>(entry.life)];
  // A vxlan takes an entry that does not age as one without ARP, and says permanent.
  if (entry.self && entry.life == FdbEntry::Life::permanent) header.ndm_state |= NUD_NOARP;
  header.ndm_flags = entry.self ? NTF_SELF : NTF_MASTER;
  message.header(header);
  message.put(NDA_LLADDR, entry.mac);
  if (entry.vlan != 0) message.put_u16(NDA_VLAN, entry.vlan);
  put_remote(message, entry);
  return message;
}

Message mdb_message(std::uint16_t type, int flags, std::uint32_t bridge, const MdbEntry& entry) {
  Message message(type, static_cast<std::uint16_t>(flags));
  br_port_msg header{};
  header.family = PF_BRIDGE;
  header.ifindex = bridge;
  message.header(header);
  br_mdb_entry out{};
  out.ifindex = entry.port;
  out.state = entry.permanent ? MDB_PERMANENT : MDB_TEMPORARY;
  out.vid = entry.vlan;
  fill_group(out, entry);
  message.put_bytes(MDBA_SET_ENTRY, &out, sizeof out);
  return message;
}

Message names_message(std::uint16_t type, int flags, std::uint32_t ifindex,
                      const std::vector<std::string>& names) {
  Message message(type, static_cast<std::uint16_t>(flags));
  ifinfomsg header{};
  header.ifi_index = static_cast<int>(ifindex);
  message.header(header);
  const std::size_t nest = message.open_nest(IFLA_PROP_LIST | NLA_F_NESTED);
  for (const auto& name : names) message.put_string(IFLA_ALT_IFNAME, name);
  message.close_nest(nest);
  return message;
}

}  // namespace

Message add_bridge_vlans(std::uint32_t ifindex, bool is_bridge,
                         const std::vector<BridgeVlan>& vlans) {
  Message message(RTM_SETLINK, 0);
  message.header(bridge_header(ifindex));
  const std::size_t nest = open_bridge_part(message, is_bridge);
  for (const auto& vlan : vlans) put_range(message, vlan);
  for (const auto& vlan : vlans) put_tunnels(message, vlan);
  message.close_nest(nest);
  return message;
}

Message remove_bridge_vlan(std::uint32_t ifindex, bool is_bridge, std::uint16_t vlan) {
  Message message(RTM_DELLINK, 0);
  message.header(bridge_header(ifindex));
  const std::size_t nest = open_bridge_part(message, is_bridge);
  put_vlan(message, vlan, 0);
  message.close_nest(nest);
  return message;
}

Message add_fdb_entry(std::uint32_t ifindex, const FdbEntry& entry) {
  return fdb_message(RTM_NEWNEIGH, NLM_F_CREATE | (entry.append ? NLM_F_APPEND : NLM_F_EXCL),
                     ifindex, entry);
}

Message remove_fdb_entry(std::uint32_t ifindex, const FdbEntry& entry) {
  return fdb_message(RTM_DELNEIGH, 0, ifindex, entry);
}

Message add_mdb_entry(std::uint32_t bridge, const MdbEntry& entry) {
  return mdb_message(RTM_NEWMDB, NLM_F_CREATE | NLM_F_EXCL, bridge, entry);
}

Message remove_mdb_entry(std::uint32_t bridge, const MdbEntry& entry) {
  return mdb_message(RTM_DELMDB, 0, bridge, entry);
}

Message add_alternative_names(std::uint32_t ifindex, const std::vector<std::string>& names) {
  return names_message(RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, ifindex, names);
}

Message remove_alternative_names(std::uint32_t ifindex, const std::vector<std::string>& names) {
  return names_message(RTM_DELLINKPROP, 0, ifindex, names);
}

}  // namespace netyard
