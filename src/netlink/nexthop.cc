// SPDX-License-Identifier: Apache-2.0
#include "netlink/nexthop.h"

#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "netlink/message.h"
#include "netlink/names.h"

namespace netyard {
namespace {

// Timers are clock_t: hundredths of a second (USER_HZ).
std::uint32_t ticks(std::chrono::milliseconds time) {
  return static_cast<std::uint32_t>(time.count() / 10);
}

void put_group(Message& message, const NextHopObject& nexthop) {
  std::vector<nexthop_grp> members;
  for (const auto& member : nexthop.group) {
    nexthop_grp entry{};
    entry.id = member.id;
    entry.weight = static_cast<std::uint8_t>(member.weight - 1);
    members.push_back(entry);
  }
  message.put_bytes(NHA_GROUP, members.data(), members.size() * sizeof members[0]);
  if (!nexthop.resilience) return;
  const Resilience& how = *nexthop.resilience;
  message.put_u16(NHA_GROUP_TYPE, NEXTHOP_GRP_TYPE_RES);
  const std::size_t nest = message.open_nest(NHA_RES_GROUP);
  if (how.buckets != 0) message.put_u16(NHA_RES_GROUP_BUCKETS, how.buckets);
  if (how.idle_timer) message.put_u32(NHA_RES_GROUP_IDLE_TIMER, ticks(*how.idle_timer));
  if (how.unbalanced_timer) {
    message.put_u32(NHA_RES_GROUP_UNBALANCED_TIMER, ticks(*how.unbalanced_timer));
  }
  message.close_nest(nest);
}

}  // namespace

Message new_nexthop(const NextHopObject& nexthop, bool replace) {
  const std::uint16_t how = replace ? NLM_F_REPLACE : NLM_F_EXCL;
  Message message(RTM_NEWNEXTHOP, static_cast<std::uint16_t>(NLM_F_CREATE | how));
  const bool group = !nexthop.group.empty();
  nhmsg header{};
  header.nh_family = group ? AF_UNSPEC : family_number(nexthop.family);
  header.nh_protocol = RTPROT_STATIC;
  header.nh_flags = nexthop.hop.onlink ? RTNH_F_ONLINK : 0;
  message.header(header);
  message.put_u32(NHA_ID, nexthop.id);
  if (group) {
    put_group(message, nexthop);
  } else if (nexthop.blackhole) {
    message.put_bytes(NHA_BLACKHOLE, nullptr, 0);
  } else {
    if (nexthop.hop.gateway) message.put(NHA_GATEWAY, *nexthop.hop.gateway);
    message.put_u32(NHA_OIF, nexthop.hop.ifindex);
    put_encap(message, nexthop.hop.encap, NHA_ENCAP_TYPE, NHA_ENCAP);
  }
  return message;
}

Message delete_nexthop(std::uint32_t id) {
  Message message(RTM_DELNEXTHOP, 0);
  message.header(nhmsg{});
  message.put_u32(NHA_ID, id);
  return message;
}

Message get_nexthops() {
  Message message(RTM_GETNEXTHOP, 0);
  message.header(nhmsg{});
  return message;
}

}  // namespace netyard
