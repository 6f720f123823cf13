// SPDX-License-Identifier: Apache-2.0
#include "netlink/observe.h"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/error.h"
#include "netlink/attributes.h"
#include "netlink/link_data.h"

namespace netyard {
namespace {

std::optional<IpAddress> to_ip(nl_addr* address) {
  if (address == nullptr) return {};
  const int family = nl_addr_get_family(address);
  if (family != AF_INET && family != AF_INET6) return {};
  const Family ours = family == AF_INET ? Family::ipv4 : Family::ipv6;
  IpAddress out;
  out.family = ours;
  // The default route's destination has no bytes at all.
  if (nl_addr_get_len(address) != out.size()) return out;
  return IpAddress::from_bytes(ours, nl_addr_get_binary_addr(address));
}

std::optional<MacAddress> to_mac(nl_addr* address) {
  MacAddress out;
  if (address == nullptr || nl_addr_get_len(address) != out.bytes.size()) return {};
  std::copy_n(static_cast<const std::uint8_t*>(nl_addr_get_binary_addr(address)), out.bytes.size(),
              out.bytes.begin());
  return out;
}

// Hands a raw message to libnl's parsers; the object is valid during `use` only. Its kind
// goes by the type of the message: another than `type` is refused.
template <class F>
void with_object(const nlmsghdr* message, std::uint16_t type, F use) {
  if (message->nlmsg_type != type) {
    throw Error(EPROTO, "decode", "netlink message").reason("it is of another type than asked for");
  }
  const std::unique_ptr<nl_msg, decltype(&nlmsg_free)> converted(
      nlmsg_convert(const_cast<nlmsghdr*>(message)), nlmsg_free);
  if (!converted) throw Error(ENOMEM, "decode", "netlink message");
  nlmsg_set_proto(converted.get(), NETLINK_ROUTE);
  const int failed = nl_msg_parse(
      converted.get(), [](nl_object* object, void* arg) { (*static_cast<F*>(arg))(object); }, &use);
  if (failed < 0) throw Error(EPROTO, "decode", "netlink message").reason(nl_geterror(failed));
}

LinkState to_link(rtnl_link* link) {
  LinkState out;
  const char* kind = rtnl_link_get_type(link);
  const unsigned flags = rtnl_link_get_flags(link);
  out.ifindex = static_cast<std::uint32_t>(rtnl_link_get_ifindex(link));
  const char* name = rtnl_link_get_name(link);
  out.name = name != nullptr ? name : "";
  out.kind = kind != nullptr ? kind : "";
  out.mac = to_mac(rtnl_link_get_addr(link));
  out.mtu = rtnl_link_get_mtu(link);
  out.up = (flags & IFF_UP) != 0;
  out.flags = flags;
  out.operstate = static_cast<OperState>(rtnl_link_get_operstate(link));
  out.master = static_cast<std::uint32_t>(rtnl_link_get_master(link));
  out.parent = static_cast<std::uint32_t>(rtnl_link_get_link(link));
  int nsid = 0;
  if (rtnl_link_get_link_netnsid(link, &nsid) == 0) out.parent_nsid = nsid;
  return out;
}

AddressDetails details_of(rtnl_addr* address, unsigned flags) {
  AddressDetails out;
  out.peer = to_ip(rtnl_addr_get_peer(address));
  out.broadcast = to_ip(rtnl_addr_get_broadcast(address));
  if (const char* label = rtnl_addr_get_label(address)) out.label = label;
  out.scope = static_cast<std::uint8_t>(rtnl_addr_get_scope(address));
  if ((flags & IFA_F_PERMANENT) == 0) out.valid = rtnl_addr_get_valid_lifetime(address);
  out.preferred = rtnl_addr_get_preferred_lifetime(address);
  out.noprefixroute = (flags & IFA_F_NOPREFIXROUTE) != 0;
  out.home = (flags & IFA_F_HOMEADDRESS) != 0;
  out.mngtmpaddr = (flags & IFA_F_MANAGETEMPADDR) != 0;
  out.autojoin = (flags & IFA_F_MCAUTOJOIN) != 0;
  return out;
}

std::optional<AddressState> to_address(rtnl_addr* address) {
  nl_addr* local = rtnl_addr_get_local(address);
  const auto ip = to_ip(local);
  if (!ip) return {};
  const unsigned flags = rtnl_addr_get_flags(address);
  AddressState out;
  out.ifindex = static_cast<std::uint32_t>(rtnl_addr_get_ifindex(address));
  out.prefix = {*ip, static_cast<std::uint8_t>(rtnl_addr_get_prefixlen(address))};
  out.tentative = (flags & IFA_F_TENTATIVE) != 0;
  out.permanent = (flags & IFA_F_PERMANENT) != 0;
  out.duplicate = (flags & IFA_F_DADFAILED) != 0;
  out.nodad = (flags & IFA_F_NODAD) != 0;
  out.link_local = rtnl_addr_get_scope(address) == RT_SCOPE_LINK;
  out.details = details_of(address, flags);
  return out;
}

template <class T, class F>
std::vector<T> collect(Socket& socket, Message&& request, std::uint16_t type, F decode) {
  std::vector<T> out;
  socket.dump(
      std::move(request),
      [&](const nlmsghdr* message) {
        with_object(message, type, [&](nl_object* object) {
          if (auto value = decode(object, message)) out.push_back(std::move(*value));
        });
      },
      [&] { out.clear(); });
  return out;
}

std::optional<LinkState> link_of(nl_object* object, const nlmsghdr* message) {
  LinkState out = to_link(reinterpret_cast<rtnl_link*>(object));
  out.details = link_details(message);
  return out;
}

// libnl-route 3.7 does not know the attribute.
std::uint32_t address_metric(const nlmsghdr* message) {
  return Attributes(message, sizeof(ifaddrmsg)).number(IFA_RT_PRIORITY).value_or(0);
}

}  // namespace

std::vector<LinkState> observe_links(Socket& socket) {
  return collect<LinkState>(socket, get_link(), RTM_NEWLINK, link_of);
}

std::vector<AddressState> observe_addresses(Socket& socket) {
  return collect<AddressState>(socket, get_addresses(), RTM_NEWADDR,
                               [](nl_object* object, const nlmsghdr* m) {
                                 auto out = to_address(reinterpret_cast<rtnl_addr*>(object));
                                 if (out) out->details.metric = address_metric(m);
                                 return out;
                               });
}

std::optional<LinkState> observe_link(Socket& socket, const std::string& name) {
  std::optional<LinkState> out;
  const Ack ack = socket.get(get_link(name), [&](const nlmsghdr* message) {
    with_object(message, RTM_NEWLINK, [&](nl_object* object) { out = link_of(object, message); });
  });
  if (!ack.ok() && ack.error != ENODEV) throw_refused(ack, "look at link", name);
  return out;
}

}  // namespace netyard
