// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ip.h"

namespace netyard {

class Message;

inline constexpr std::uint32_t kForever = UINT32_MAX;

/// What may be said of an address beside itself. ip-address(8).
struct AddressDetails {
  std::optional<IpAddress> peer;       // the far end; the prefix length is then its
  std::optional<IpAddress> broadcast;  // IPv4; nullopt: that of the prefix
  bool no_broadcast = false;
  std::string label;                   // IPv4; "" for the name of the link
  std::optional<std::uint8_t> scope;   // IPv4; nullopt: found from the address
  std::uint32_t valid = kForever;      // seconds
  std::uint32_t preferred = kForever;  // seconds
  std::uint32_t metric = 0;            // of the route that comes along; 0: the kernel's
  bool noprefixroute = false;          // no route comes along
  bool home = false;                   // IPv6
  bool mngtmpaddr = false;             // IPv6: temporary addresses are made from it
  bool autojoin = false;               // joins the multicast group that it is
  friend bool operator==(const AddressDetails&, const AddressDetails&) = default;
};

/// An address of a link. Added without duplicate address detection (IFA_F_NODAD) unless dad is set.
struct Address {
  std::uint32_t ifindex = 0;
  IpPrefix prefix;
  bool dad = false;
  AddressDetails details = {};
  friend bool operator==(const Address&, const Address&) = default;
};

/// Words of ip-address(8) behind the address: "peer 10.0.0.2 label eth0:x"; "" without details.
std::string to_string(const AddressDetails& details);

/// An address as the kernel shows it.
struct AddressState {
  std::uint32_t ifindex = 0;
  IpPrefix prefix;
  bool tentative = false;
  bool link_local = false;  // scope link
  bool permanent = false;
  bool duplicate = false;  // IFA_F_DADFAILED
  bool nodad = false;      // IFA_F_NODAD
  AddressDetails details;  // lifetimes as they are now
};

/// RTM_NEWADDR, NLM_F_CREATE|NLM_F_EXCL; IPv4 gets its broadcast address.
Message new_address(const Address& address);
/// RTM_DELADDR.
Message delete_address(const Address& address);
/// RTM_GETADDR dump of both families.
Message get_addresses();

}  // namespace netyard
