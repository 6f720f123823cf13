// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace netyard {

/// "net.ipv4.ip_forward" or "net/ipv4/ip_forward" as the path "net/ipv4/ip_forward". As in
/// sysctl(8) the first separator decides, so net/ipv4/conf/eth0.1/rp_filter can name eth0.1. ""
/// when the key is malformed: "..", empty parts, control bytes, or not under net.
std::string sysctl_path(std::string_view key);

}  // namespace netyard
