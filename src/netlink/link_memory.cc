// SPDX-License-Identifier: Apache-2.0
#include "netlink/link_memory.h"

#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/error.h"
#include "netlink/address.h"
#include "netlink/attributes.h"
#include "netlink/route.h"

namespace netyard {
namespace {

std::string to_digits(const nlmsghdr* message) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(message);
  std::string out;
  for (std::uint32_t i = 0; i < message->nlmsg_len; ++i) out += fmt::format("{:02x}", bytes[i]);
  return out;
}

// Digits of a whole message.
std::vector<char> from_digits(const std::string& digits) {
  std::vector<char> out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned char byte = 0;
    const char* end = digits.data() + i + 2;
    if (std::from_chars(digits.data() + i, end, byte, 16).ptr != end) break;
    out.push_back(static_cast<char>(byte));
  }
  if (out.size() >= sizeof(nlmsghdr) && out.size() * 2 == digits.size()) return out;
  throw Error(EBADMSG, "read", "what a link had").reason("the record is damaged");
}

bool has_hop(const nlattr* multipath, std::uint32_t ifindex) {
  const auto* at = static_cast<const char*>(mnl_attr_get_payload(multipath));
  std::size_t left = mnl_attr_get_payload_len(multipath);
  while (left >= sizeof(rtnexthop)) {
    rtnexthop hop{};
    std::memcpy(&hop, at, sizeof hop);
    if (hop.rtnh_len < sizeof hop || hop.rtnh_len > left) return false;
    if (static_cast<std::uint32_t>(hop.rtnh_ifindex) == ifindex) return true;
    const std::size_t step = netlink_align(hop.rtnh_len);
    if (step >= left) return false;
    at += step;
    left -= step;
  }
  return false;
}

bool leads_through(const nlmsghdr* message, std::uint32_t ifindex) {
  const Attributes attributes(message, sizeof(rtmsg));
  const nlattr* out = attributes.find(RTA_OIF);
  if (out != nullptr && payload<std::uint32_t>(out) == ifindex) return true;
  const nlattr* hops = attributes.find(RTA_MULTIPATH);
  return hops != nullptr && has_hop(hops, ifindex);
}

bool is_ours(const nlmsghdr* message, std::uint32_t ifindex) {
  const auto route = family_header<rtmsg>(message);
  const bool made = route.rtm_protocol != RTPROT_KERNEL && route.rtm_protocol != RTPROT_RA &&
                    route.rtm_table != RT_TABLE_LOCAL && (route.rtm_flags & RTM_F_CLONED) == 0;
  return made && leads_through(message, ifindex);
}

bool is_lost_address(const nlmsghdr* message, std::uint32_t ifindex) {
  const auto address = family_header<ifaddrmsg>(message);
  return address.ifa_family == AF_INET6 && address.ifa_index == ifindex &&
         address.ifa_scope != RT_SCOPE_LINK && (address.ifa_flags & IFA_F_PERMANENT) != 0;
}

// What the kernel said of the state of a route is no part of a request.
Message to_request(const std::string& digits) {
  std::vector<char> bytes = from_digits(digits);
  nlmsghdr header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  rtmsg route{};
  const std::size_t body = sizeof header;
  if (header.nlmsg_type == RTM_NEWROUTE && bytes.size() >= body + sizeof route) {
    std::memcpy(&route, bytes.data() + body, sizeof route);
    route.rtm_flags &= RTNH_F_ONLINK;
    std::memcpy(bytes.data() + body, &route, sizeof route);
  }
  Message out(header.nlmsg_type, NLM_F_CREATE | NLM_F_EXCL);
  out.append_raw(bytes.data() + body, bytes.size() - body);
  return out;
}

}  // namespace

std::vector<std::string> save_link_memory(Socket& socket, std::uint32_t ifindex) {
  std::vector<std::string> addresses;
  std::vector<std::string> routes;
  socket.dump(
      get_addresses(),
      [&](const nlmsghdr* message) {
        if (is_lost_address(message, ifindex)) addresses.push_back(to_digits(message));
      },
      [&] { addresses.clear(); });
  socket.dump(
      get_routes(),
      [&](const nlmsghdr* message) {
        if (is_ours(message, ifindex)) routes.push_back(to_digits(message));
      },
      [&] { routes.clear(); });
  addresses.insert(addresses.end(), routes.begin(), routes.end());
  return addresses;
}

std::vector<Ack> restore_link_memory(Socket& socket, const std::vector<std::string>& saved) {
  std::vector<std::string> left = saved;
  std::vector<Ack> refusals;
  // A second round for routes whose gateways only others of them reach.
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string> refused;
    refusals.clear();
    for (const auto& digits : left) {
      const Ack ack = socket.request(to_request(digits));
      if (ack.ok() || ack.error == EEXIST) continue;
      refused.push_back(digits);
      refusals.push_back(ack);
    }
    left = std::move(refused);
  }
  return refusals;
}

}  // namespace netyard
