// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netlink/link.h"
#include "netlink/socket.h"

namespace netyard {

/// What the kernel shows of a link, field by field, as a file would say it. Read when it is asked
/// for: looking at a link costs but a copy of the bytes.
Settings kind_settings(const LinkState& link);    // of the kind, in the order of its table
Settings port_settings(const LinkState& link);    // as a port of its master
Settings common_settings(const LinkState& link);  // of link_fields()

/// The ifindex of what a link stands on: LinkState::parent, or what its kind shows instead; 0:
/// none.
std::uint32_t parent_of(const LinkState& link);

std::vector<std::string> alternative_names(const LinkState& link);

/// How large what TCP hands down may be: IFLA_GSO_MAX_SEGS and IFLA_GSO_MAX_SIZE (bytes).
struct SegmentLimits {
  std::uint32_t segments = 0;
  std::uint32_t size = 0;
};
SegmentLimits segment_limits(const LinkState& link);

/// What kind_settings() and port_settings() give once the settings are there, as far as that is
/// certain: `ikey` and `okey` of one number are a `key`.
Settings as_read_back(const LinkKind& kind, const Settings& settings);
Settings port_as_read_back(const LinkKind& master, const Settings& settings);

/// The bytes of a kernel's answer that the above read: for LinkState::details.
std::string link_details(const nlmsghdr* answer);

/// The attributes that the kernel shows of a link's kind (IFLA_INFO_DATA), or of it as a port of
/// its master (IFLA_INFO_SLAVE_DATA). Empty when there is no such link. Throws Error.
std::vector<std::uint16_t> shown_attributes(Socket& socket, const std::string& name, bool as_port);

}  // namespace netyard
