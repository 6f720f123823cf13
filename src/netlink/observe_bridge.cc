// SPDX-License-Identifier: Apache-2.0
#include "netlink/observe_bridge.h"

#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "netlink/attributes.h"
#include "netlink/message.h"

namespace netyard {
namespace {

using Vlans = std::map<std::uint16_t, BridgeVlan>;  // one each

// Calls `each` with a number and the flags of it, from ranges that come as two attributes.
template <class Each>
void expand(std::uint16_t vid, std::uint16_t flags, std::uint16_t& begin, Each each) {
  if ((flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) != 0) {
    begin = vid;
    return;
  }
  const bool range = (flags & BRIDGE_VLAN_INFO_RANGE_END) != 0 && begin != 0 && begin <= vid;
  for (std::uint32_t number = range ? begin : vid; number <= vid; ++number) {
    each(static_cast<std::uint16_t>(number));
  }
  begin = 0;
}

void read_tunnel(const Attributes& info, std::uint16_t& begin, Vlans& out) {
  const auto vid = static_cast<std::uint16_t>(info.number(IFLA_BRIDGE_VLAN_TUNNEL_VID).value_or(0));
  const auto flags =
      static_cast<std::uint16_t>(info.number(IFLA_BRIDGE_VLAN_TUNNEL_FLAGS).value_or(0));
  const std::uint32_t id = info.number(IFLA_BRIDGE_VLAN_TUNNEL_ID).value_or(0);
  // Of a range this is the id of its last.
  expand(vid, flags, begin, [&](std::uint16_t number) {
    out[number].tunnel = id - (static_cast<std::uint32_t>(vid) - number);
  });
}

Vlans vlans_in(const nlattr* bridge) {
  Vlans out;
  std::uint16_t begin = 0;
  std::uint16_t tunnel_begin = 0;
  for (const nlattr* one : Attributes(bridge).all()) {
    const int type = one->nla_type & NLA_TYPE_MASK;
    if (type == IFLA_BRIDGE_VLAN_INFO) {
      const auto info = payload<bridge_vlan_info>(one);
      expand(info.vid, info.flags, begin, [&](std::uint16_t number) {
        BridgeVlan& vlan = out[number];
        vlan.first = vlan.last = number;
        vlan.pvid = (info.flags & BRIDGE_VLAN_INFO_PVID) != 0;
        vlan.untagged = (info.flags & BRIDGE_VLAN_INFO_UNTAGGED) != 0;
      });
    } else if (type == IFLA_BRIDGE_VLAN_TUNNEL_INFO) {
      read_tunnel(Attributes(one), tunnel_begin, out);
    }
  }
  return out;
}

bool goes_on(const BridgeVlan& range, const BridgeVlan& next) {
  if (range.pvid || next.pvid || range.untagged != next.untagged) return false;
  if (next.first != range.last + 1) return false;
  if (range.tunnel == 0 || next.tunnel == 0) return range.tunnel == next.tunnel;
  return next.tunnel == range.tunnel + next.first - range.first;
}

std::vector<BridgeVlan> ranges_of(const Vlans& vlans) {
  std::vector<BridgeVlan> out;
  for (const auto& [number, vlan] : vlans) {
    if (vlan.first == 0) continue;  // a tunnel of none
    if (!out.empty() && goes_on(out.back(), vlan)) {
      out.back().last = number;
    } else {
      out.push_back(vlan);
    }
  }
  return out;
}

FdbState fdb_in(const ndmsg& header, const Attributes& attributes) {
  FdbState out;
  out.ifindex = static_cast<std::uint32_t>(header.ndm_ifindex);
  FdbEntry& entry = out.entry;
  if (const nlattr* mac = attributes.find(NDA_LLADDR)) entry.mac = payload<MacAddress>(mac);
  const bool fixed = (header.ndm_state & NUD_NOARP) != 0;
  entry.life = (header.ndm_state & NUD_PERMANENT) != 0 ? FdbEntry::Life::permanent
               : fixed                                 ? FdbEntry::Life::fixed
                                                       : FdbEntry::Life::dynamic;
  entry.self = !attributes.has(NDA_MASTER);
  entry.vlan = static_cast<std::uint16_t>(attributes.number(NDA_VLAN).value_or(0));
  entry.remote = attributes.address(NDA_DST);
  if (const nlattr* port = attributes.find(NDA_PORT)) {
    entry.port = ntohs(payload<std::uint16_t>(port));
  }
  entry.vni = attributes.number(NDA_VNI);
  entry.source_vni = attributes.number(NDA_SRC_VNI);
  entry.via = attributes.number(NDA_IFINDEX).value_or(0);
  out.learned_elsewhere = (header.ndm_flags & NTF_EXT_LEARNED) != 0;
  out.by_nexthop = attributes.has(NDA_NH_ID);
  return out;
}

MdbState mdb_in(std::uint32_t bridge, const nlattr* info) {
  MdbState out;
  out.bridge = bridge;
  const auto entry = payload<br_mdb_entry>(info);
  out.entry.port = entry.ifindex;
  out.entry.vlan = entry.vid;
  out.entry.permanent = entry.state == MDB_PERMANENT;
  if (entry.addr.proto == htons(ETH_P_IP)) {
    out.entry.group = IpAddress::from_bytes(Family::ipv4, &entry.addr.u);
  } else if (entry.addr.proto == htons(ETH_P_IPV6)) {
    out.entry.group = IpAddress::from_bytes(Family::ipv6, &entry.addr.u);
  } else {
    out.entry.mac.emplace();
    std::memcpy(out.entry.mac->bytes.data(), entry.addr.u.mac_addr, out.entry.mac->bytes.size());
  }
  const std::string_view bytes = bytes_of(info);
  const Attributes more(bytes.substr(std::min(netlink_align(sizeof entry), bytes.size())));
  out.by_source = more.has(MDBA_MDB_EATTR_SOURCE);
  return out;
}

void dump_or_nothing(Socket& socket, Message request,
                     const std::function<void(const nlmsghdr*)>& take,
                     const std::function<void()>& restart) {
  try {
    socket.dump(std::move(request), take, restart);
  } catch (const Error& error) {
    if (error.code() != EOPNOTSUPP) throw;
    restart();
  }
}

}  // namespace

std::map<std::uint32_t, std::vector<BridgeVlan>> observe_bridge_vlans(Socket& socket) {
  Message request(RTM_GETLINK, 0);
  ifinfomsg asked{};
  asked.ifi_family = PF_BRIDGE;
  request.header(asked);
  request.put_u32(IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED);
  std::map<std::uint32_t, std::vector<BridgeVlan>> out;
  const auto take = [&](const nlmsghdr* message) {
    const auto header = family_header<ifinfomsg>(message);
    const nlattr* bridge = Attributes(message, sizeof header).find(IFLA_AF_SPEC);
    if (bridge == nullptr) return;
    const auto vlans = ranges_of(vlans_in(bridge));
    if (!vlans.empty()) out[static_cast<std::uint32_t>(header.ifi_index)] = vlans;
  };
  dump_or_nothing(socket, std::move(request), take, [&] { out.clear(); });
  return out;
}

std::vector<FdbState> observe_fdb(Socket& socket) {
  Message request(RTM_GETNEIGH, 0);
  ndmsg asked{};
  asked.ndm_family = PF_BRIDGE;
  request.header(asked);
  std::vector<FdbState> out;
  const auto take = [&](const nlmsghdr* message) {
    const auto header = family_header<ndmsg>(message);
    out.push_back(fdb_in(header, Attributes(message, sizeof header)));
  };
  dump_or_nothing(socket, std::move(request), take, [&] { out.clear(); });
  return out;
}

std::vector<MdbState> observe_mdb(Socket& socket) {
  Message request(RTM_GETMDB, 0);
  br_port_msg asked{};
  asked.family = PF_BRIDGE;
  request.header(asked);
  std::vector<MdbState> out;
  const auto take = [&](const nlmsghdr* message) {
    const auto header = family_header<br_port_msg>(message);
    const nlattr* table = Attributes(message, sizeof header).find(MDBA_MDB);
    if (table == nullptr) return;
    for (const nlattr* group : Attributes(table).all()) {
      for (const nlattr* info : Attributes(group).all()) {
        out.push_back(mdb_in(header.ifindex, info));
      }
    }
  };
  dump_or_nothing(socket, std::move(request), take, [&] { out.clear(); });
  return out;
}

}  // namespace netyard
