// SPDX-License-Identifier: Apache-2.0
#include "netlink/address.h"

#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "netlink/message.h"
#include "netlink/names.h"

namespace netyard {
namespace {

std::uint8_t scope_of(const Address& address) {
  if (address.details.scope) return *address.details.scope;
  if (address.prefix.address.is_loopback()) return RT_SCOPE_HOST;
  return address.prefix.address.is_link_local() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

std::optional<IpAddress> broadcast_of(const Address& address) {
  const AddressDetails& details = address.details;
  if (details.broadcast) return details.broadcast;
  const bool none = details.no_broadcast || details.peer || address.prefix.address.is_loopback();
  return none ? std::nullopt : address.prefix.broadcast();
}

std::uint32_t flags_of(const Address& address) {
  const AddressDetails& details = address.details;
  const bool nodad = !address.dad && address.prefix.family() == Family::ipv6;
  return (nodad ? IFA_F_NODAD : 0U) | (details.noprefixroute ? IFA_F_NOPREFIXROUTE : 0U) |
         (details.home ? IFA_F_HOMEADDRESS : 0U) |
         (details.mngtmpaddr ? IFA_F_MANAGETEMPADDR : 0U) |
         (details.autojoin ? IFA_F_MCAUTOJOIN : 0U);
}

Message address_message(std::uint16_t type, std::uint16_t flags, const Address& address) {
  Message message(type, flags);
  const IpPrefix& prefix = address.prefix;
  ifaddrmsg header{};
  header.ifa_family = family_number(prefix.family());
  header.ifa_prefixlen = prefix.length;
  header.ifa_scope = scope_of(address);
  header.ifa_index = address.ifindex;
  message.header(header);
  message.put(IFA_LOCAL, prefix.address);
  message.put(IFA_ADDRESS, address.details.peer.value_or(prefix.address));
  return message;
}

void put_lifetimes(Message& message, const AddressDetails& details) {
  if (details.valid == kForever && details.preferred == kForever) return;
  ifa_cacheinfo times{};
  times.ifa_valid = details.valid;
  times.ifa_prefered = details.preferred;
  message.put_bytes(IFA_CACHEINFO, &times, sizeof times);
}

std::string lifetime(const char* word, std::uint32_t seconds) {
  return seconds == kForever ? std::string() : fmt::format(" {} {}s", word, seconds);
}

}  // namespace

std::string to_string(const AddressDetails& details) {
  std::string out;
  if (details.peer) out += " peer " + details.peer->to_string();
  if (details.broadcast) out += " broadcast " + details.broadcast->to_string();
  if (details.no_broadcast) out += " broadcast none";
  if (!details.label.empty()) out += " label " + details.label;
  if (details.scope) out += " scope " + name_of(scope_names(), *details.scope);
  out += lifetime("valid", details.valid) + lifetime("preferred", details.preferred);
  if (details.metric != 0) out += fmt::format(" metric {}", details.metric);
  if (details.noprefixroute) out += " noprefixroute";
  if (details.home) out += " home";
  if (details.mngtmpaddr) out += " mngtmpaddr";
  if (details.autojoin) out += " autojoin";
  return out.empty() ? out : out.substr(1);
}

Message new_address(const Address& address) {
  Message message = address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address);
  const AddressDetails& details = address.details;
  if (const auto broadcast = broadcast_of(address)) message.put(IFA_BROADCAST, *broadcast);
  if (!details.label.empty()) message.put_string(IFA_LABEL, details.label);
  if (const std::uint32_t flags = flags_of(address); flags != 0) {
    message.put_u32(IFA_FLAGS, flags);
  }
  if (details.metric != 0) message.put_u32(IFA_RT_PRIORITY, details.metric);
  put_lifetimes(message, details);
  return message;
}

Message delete_address(const Address& address) {
  return address_message(RTM_DELADDR, 0, address);
}

Message get_addresses() {
  Message message(RTM_GETADDR, 0);
  message.header(ifaddrmsg{});
  return message;
}

}  // namespace netyard
