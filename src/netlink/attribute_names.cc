// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include <cstring>
#include <span>
#include <string_view>

#include "netlink/ack.h"
#include "netlink/kind.h"
#include "netlink/message.h"

namespace netyard {
namespace {

struct Name {
  std::uint16_t type;
  const char* name;
};

#define NAME(attribute) \
  { attribute, #attribute }

constexpr Name kLink[] = {NAME(IFLA_IFNAME),   NAME(IFLA_ADDRESS),       NAME(IFLA_MTU),
                          NAME(IFLA_LINK),     NAME(IFLA_MASTER),        NAME(IFLA_LINKINFO),
                          NAME(IFLA_GROUP),    NAME(IFLA_NET_NS_FD),     NAME(IFLA_NEW_IFINDEX),
                          NAME(IFLA_EXT_MASK), NAME(IFLA_NUM_TX_QUEUES), NAME(IFLA_NUM_RX_QUEUES),
                          NAME(IFLA_TXQLEN),   NAME(IFLA_AF_SPEC),       NAME(IFLA_TARGET_NETNSID)};
constexpr Name kLinkInfo[] = {NAME(IFLA_INFO_KIND), NAME(IFLA_INFO_DATA),
                              NAME(IFLA_INFO_SLAVE_KIND), NAME(IFLA_INFO_SLAVE_DATA)};
constexpr Name kAddress[] = {NAME(IFA_LOCAL),      NAME(IFA_ADDRESS), NAME(IFA_BROADCAST),
                             NAME(IFA_FLAGS),      NAME(IFA_LABEL),   NAME(IFA_CACHEINFO),
                             NAME(IFA_RT_PRIORITY)};
constexpr Name kRoute[] = {NAME(RTA_DST),      NAME(RTA_GATEWAY),   NAME(RTA_OIF),
                           NAME(RTA_PRIORITY), NAME(RTA_MULTIPATH), NAME(RTA_PREFSRC),
                           NAME(RTA_VIA),      NAME(RTA_TABLE),     NAME(RTA_METRICS),
                           NAME(RTA_PREF),     NAME(RTA_NH_ID),     NAME(RTA_ENCAP_TYPE),
                           NAME(RTA_ENCAP),    NAME(RTA_NEWDST)};
constexpr Name kRule[] = {NAME(FRA_SRC),
                          NAME(FRA_DST),
                          NAME(FRA_PRIORITY),
                          NAME(FRA_IIFNAME),
                          NAME(FRA_OIFNAME),
                          NAME(FRA_FWMARK),
                          NAME(FRA_FWMASK),
                          NAME(FRA_TABLE),
                          NAME(FRA_GOTO),
                          NAME(FRA_L3MDEV),
                          NAME(FRA_IP_PROTO),
                          NAME(FRA_SPORT_RANGE),
                          NAME(FRA_DPORT_RANGE),
                          NAME(FRA_UID_RANGE),
                          NAME(FRA_PROTOCOL),
                          NAME(FRA_SUPPRESS_PREFIXLEN),
                          NAME(FRA_SUPPRESS_IFGROUP)};
constexpr Name kNeighbor[] = {NAME(NDA_DST), NAME(NDA_LLADDR)};
constexpr Name kNextHop[] = {NAME(NHA_ID),         NAME(NHA_GROUP), NAME(NHA_GROUP_TYPE),
                             NAME(NHA_BLACKHOLE),  NAME(NHA_OIF),   NAME(NHA_GATEWAY),
                             NAME(NHA_ENCAP_TYPE), NAME(NHA_ENCAP), NAME(NHA_RES_GROUP)};
constexpr Name kTraffic[] = {NAME(TCA_KIND), NAME(TCA_OPTIONS), NAME(TCA_CHAIN)};
constexpr Name kVethPeer[] = {NAME(VETH_INFO_PEER)};

#undef NAME

std::string name_in(std::span<const Name> table, std::uint16_t type) {
  for (const auto& entry : table) {
    if (entry.type == type) return entry.name;
  }
  return fmt::format("attribute {}", type);
}

std::string field_name(std::span<const Field> fields, std::uint16_t type) {
  for (const auto& field : fields) {
    if (field.attribute == type) return field.attribute_name;
    if (field.attribute6 == type && field.attribute6_name != nullptr) return field.attribute6_name;
  }
  return fmt::format("attribute {}", type);
}

std::string kind_field_name(const LinkKind& kind, std::uint16_t type) {
  return field_name(kind.fields, type);
}

// A stretch of a request that holds attributes, and the offset we look for, both from its start.
struct Stretch {
  const char* request;
  std::size_t begin;
  std::size_t end;
  std::size_t wanted;
};

// The attribute of a stretch that the wanted offset is at or inside of.
const nlattr* attribute_around(const Stretch& s, std::size_t& at) {
  at = s.begin;
  while (at + sizeof(nlattr) <= s.end) {
    const auto* attribute = reinterpret_cast<const nlattr*>(s.request + at);
    if (mnl_attr_ok(attribute, static_cast<int>(s.end - at)) == 0) return nullptr;
    if (s.wanted >= at && s.wanted < at + attribute->nla_len) return attribute;
    at += netlink_align(attribute->nla_len);
  }
  return nullptr;
}

std::string name_in_link(const Stretch& stretch);

std::string name_in_data(const Stretch& stretch, const LinkKind* kind) {
  std::size_t at = 0;
  const nlattr* found = attribute_around(stretch, at);
  if (found == nullptr || kind == nullptr) return {};
  const std::uint16_t type = mnl_attr_get_type(found);
  if (kind->peer_attribute == 0 || type != kind->peer_attribute) {
    return kind_field_name(*kind, type);
  }
  if (stretch.wanted == at) return name_in(kVethPeer, type);
  const std::size_t inner = at + sizeof(nlattr) + sizeof(ifinfomsg);
  return name_in_link({stretch.request, inner, at + found->nla_len, stretch.wanted});
}

std::string name_in_port(const Stretch& stretch, const LinkKind* master) {
  std::size_t at = 0;
  const nlattr* found = attribute_around(stretch, at);
  if (found == nullptr || master == nullptr) return {};
  return field_name(master->port_fields, mnl_attr_get_type(found));
}

// The kind that an attribute of the stretch names: it says how to read the data.
const LinkKind* kind_named(const Stretch& stretch, std::uint16_t wanted) {
  std::size_t at = stretch.begin;
  while (at + sizeof(nlattr) <= stretch.end) {
    const auto* attribute = reinterpret_cast<const nlattr*>(stretch.request + at);
    if (mnl_attr_ok(attribute, static_cast<int>(stretch.end - at)) == 0) return nullptr;
    if (mnl_attr_get_type(attribute) == wanted) {
      const auto* word = static_cast<const char*>(mnl_attr_get_payload(attribute));
      return find_link_kind(
          std::string_view(word, strnlen(word, mnl_attr_get_payload_len(attribute))));
    }
    at += netlink_align(attribute->nla_len);
  }
  return nullptr;
}

std::string name_in_info(const Stretch& stretch) {
  std::size_t at = stretch.begin;
  const LinkKind* kind = kind_named(stretch, IFLA_INFO_KIND);
  const nlattr* found = attribute_around(stretch, at);
  if (found == nullptr) return {};
  const std::uint16_t type = mnl_attr_get_type(found);
  const bool inside = type == IFLA_INFO_DATA || type == IFLA_INFO_SLAVE_DATA;
  if (!inside || stretch.wanted == at) return name_in(kLinkInfo, type);
  const Stretch data{stretch.request, at + sizeof(nlattr), at + found->nla_len, stretch.wanted};
  return type == IFLA_INFO_DATA ? name_in_data(data, kind)
                                : name_in_port(data, kind_named(stretch, IFLA_INFO_SLAVE_KIND));
}

std::string name_in_link(const Stretch& stretch) {
  std::size_t at = 0;
  const nlattr* found = attribute_around(stretch, at);
  if (found == nullptr) return {};
  const std::uint16_t type = mnl_attr_get_type(found);
  if (type != IFLA_LINKINFO || stretch.wanted == at) return name_in(kLink, type);
  return name_in_info({stretch.request, at + sizeof(nlattr), at + found->nla_len, stretch.wanted});
}

// What a family of message types begins with, and its names.
struct RequestKind {
  std::uint16_t first_type;  // RTM_NEW…; the family is this and the three after it
  std::size_t header;
  std::span<const Name> names;
};

constexpr RequestKind kRequests[] = {
    {RTM_NEWLINK, sizeof(ifinfomsg), kLink},  {RTM_NEWADDR, sizeof(ifaddrmsg), kAddress},
    {RTM_NEWROUTE, sizeof(rtmsg), kRoute},    {RTM_NEWRULE, sizeof(fib_rule_hdr), kRule},
    {RTM_NEWNEIGH, sizeof(ndmsg), kNeighbor}, {RTM_NEWNEXTHOP, sizeof(nhmsg), kNextHop},
    {RTM_NEWNEIGH, sizeof(ndmsg), kNeighbor}, {RTM_NEWQDISC, sizeof(tcmsg), kTraffic},
    {RTM_NEWTCLASS, sizeof(tcmsg), kTraffic}, {RTM_NEWTFILTER, sizeof(tcmsg), kTraffic},
};

}  // namespace

std::string attribute_name(const nlmsghdr* request, std::uint32_t offset) {
  if (request == nullptr || offset >= request->nlmsg_len) return {};
  for (const auto& kind : kRequests) {
    if (request->nlmsg_type < kind.first_type || request->nlmsg_type > kind.first_type + 3)
      continue;
    const Stretch stretch{reinterpret_cast<const char*>(request),
                          sizeof(nlmsghdr) + netlink_align(kind.header), request->nlmsg_len,
                          offset};
    if (kind.first_type == RTM_NEWLINK) return name_in_link(stretch);
    std::size_t at = 0;
    const nlattr* found = attribute_around(stretch, at);
    return found != nullptr ? name_in(kind.names, mnl_attr_get_type(found)) : std::string();
  }
  return {};
}

}  // namespace netyard
