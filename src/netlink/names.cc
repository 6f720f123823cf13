// SPDX-License-Identifier: Apache-2.0
#include "netlink/names.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

namespace netyard {
namespace {

constexpr NumberName kScopes[] = {{"global", RT_SCOPE_UNIVERSE},
                                  {"site", RT_SCOPE_SITE},
                                  {"link", RT_SCOPE_LINK},
                                  {"host", RT_SCOPE_HOST},
                                  {"nowhere", RT_SCOPE_NOWHERE}};
constexpr NumberName kTables[] = {
    {"default", kDefaultTable}, {"main", kMainTable}, {"local", kLocalTable}};
constexpr NumberName kProtocols[] = {
    {"unspec", RTPROT_UNSPEC}, {"redirect", RTPROT_REDIRECT}, {"kernel", RTPROT_KERNEL},
    {"boot", RTPROT_BOOT},     {"static", RTPROT_STATIC},     {"ra", RTPROT_RA},
    {"zebra", RTPROT_ZEBRA},   {"bird", RTPROT_BIRD},         {"dhcp", RTPROT_DHCP},
    {"babel", RTPROT_BABEL},   {"bgp", RTPROT_BGP},           {"isis", RTPROT_ISIS},
    {"ospf", RTPROT_OSPF},     {"rip", RTPROT_RIP},           {"eigrp", RTPROT_EIGRP}};
constexpr NumberName kIpProtocols[] = {{"icmp", IPPROTO_ICMP}, {"tcp", IPPROTO_TCP},
                                       {"udp", IPPROTO_UDP},   {"gre", IPPROTO_GRE},
                                       {"esp", IPPROTO_ESP},   {"ipv6-icmp", IPPROTO_ICMPV6},
                                       {"sctp", IPPROTO_SCTP}, {"icmpv6", IPPROTO_ICMPV6}};

}  // namespace

std::optional<std::uint32_t> number_of(std::span<const NumberName> names, std::string_view word) {
  for (const auto& name : names) {
    if (word == name.word) return name.number;
  }
  std::uint32_t out = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), out);
  if (failed != std::errc() || end != word.data() + word.size()) return {};
  return out;
}

std::string name_of(std::span<const NumberName> names, std::uint32_t number) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const NumberName& name) { return name.number == number; });
  return found != names.end() ? found->word : std::to_string(number);
}

std::span<const NumberName> scope_names() {
  return kScopes;
}
std::span<const NumberName> table_names() {
  return kTables;
}
std::span<const NumberName> protocol_names() {
  return kProtocols;
}
std::span<const NumberName> ip_protocol_names() {
  return kIpProtocols;
}

std::uint8_t family_number(Family family) {
  return family == Family::ipv4 ? AF_INET : AF_INET6;
}

std::uint8_t short_table(std::uint32_t table) {
  return static_cast<std::uint8_t>(table < 256 ? table
                                               : static_cast<std::uint32_t>(RT_TABLE_UNSPEC));
}

}  // namespace netyard
