// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/ip.h"

namespace netyard {

class Message;

/// An address of a link. Added without duplicate address detection (IFA_F_NODAD) unless dad is set.
struct Address {
  std::uint32_t ifindex = 0;
  IpPrefix prefix;
  bool dad = false;
  friend bool operator==(const Address&, const Address&) = default;
};

/// An address as the kernel shows it.
struct AddressState {
  std::uint32_t ifindex = 0;
  IpPrefix prefix;
  bool tentative = false;
  bool link_local = false;  // scope link
  bool permanent = false;
};

/// RTM_NEWADDR, NLM_F_CREATE|NLM_F_EXCL; IPv4 gets its broadcast address.
Message new_address(const Address& address);
/// RTM_DELADDR.
Message delete_address(const Address& address);
/// RTM_GETADDR dump of both families.
Message get_addresses();

}  // namespace netyard
