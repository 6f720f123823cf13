// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ip.h"

namespace netyard {

/// Where things are in a header, in bytes. Ports: behind one without options.
struct HeaderLayout {
  int traffic_class_word;
  unsigned dscp_shift;  // from the right end of that word of 32 bits
  int protocol_word;
  unsigned protocol_shift;
  int source;
  int destination;
  int ports;
};

inline constexpr HeaderLayout kIpv4Layout = {0, 18, 8, 16, 12, 16, 20};
inline constexpr HeaderLayout kIpv6Layout = {0, 22, 4, 8, 8, 24, 40};

constexpr const HeaderLayout& header_layout(Family family) {
  return family == Family::ipv4 ? kIpv4Layout : kIpv6Layout;
}

}  // namespace netyard
