// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ip.h"
#include "netlink/message.h"

namespace netyard {

/// What packets a filter takes. All that is given must hold; ports are looked for behind a header
/// without options.
struct PacketMatch {
  Family family = Family::ipv4;
  std::optional<std::uint8_t> dscp;
  std::optional<std::uint8_t> protocol;
  std::optional<IpPrefix> source;
  std::optional<IpPrefix> destination;
  std::optional<std::uint16_t> source_port;
  std::optional<std::uint16_t> destination_port;
  friend bool operator==(const PacketMatch&, const PacketMatch&) = default;
};

/// A filter that puts packets into a class: by their headers (u32), or by their mark (fw). The mark
/// of u32 is passed over by kernels without CONFIG_CLS_U32_MARK, and so is not used.
struct TrafficFilter {
  std::uint32_t ifindex = 0;
  std::uint32_t parent = 0;
  std::uint16_t priority = 0;  // filters are tried from the lowest on
  PacketMatch match;
  std::uint32_t mark = 0;  // not 0: the mark instead of the match
  std::uint32_t class_id = 0;
  friend bool operator==(const TrafficFilter&, const TrafficFilter&) = default;

  const char* kind() const { return mark != 0 ? "fw" : "u32"; }
  const char* kernel_option() const {
    return mark != 0 ? "CONFIG_NET_CLS_FW" : "CONFIG_NET_CLS_U32";
  }
};

/// RTM_NEWTFILTER (net/sched/cls_u32.c, cls_fw.c).
Message new_filter(const TrafficFilter& filter);
/// "dscp 46 dport 53", "mark 5".
std::string describe_match(const TrafficFilter& filter);

}  // namespace netyard
