// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace netyard {

/// "net.ipv4.ip_forward" or "net/ipv4/ip_forward" as the path "net/ipv4/ip_forward". As in
/// sysctl(8) the first separator decides, so net/ipv4/conf/eth0.1/rp_filter can name eth0.1. ""
/// when the key is malformed: "..", empty parts, control bytes, or not under net.
std::string sysctl_path(std::string_view key);

/// The interface that a path is about ("net/ipv4/conf/eth0/rp_filter"); "" when it is about none.
std::string link_of_sysctl(std::string_view path);
/// The same of another interface: "net/ipv4/conf/lo/rp_filter" and "eth0" give
/// "net/ipv4/conf/eth0/rp_filter". The path itself when it is about no interface.
std::string sysctl_of_link(std::string_view path, std::string_view link);
/// Where a new namespace has the value that a new interface gets:
/// "net/ipv4/conf/default/rp_filter"; of neigh, which has no default there, that of lo. The path
/// itself when it is about no interface, "" when there is no such place (net/mpls).
std::string default_of_sysctl(std::string_view path);

}  // namespace netyard
