// SPDX-License-Identifier: Apache-2.0
#include "netlink/filter.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include <cstring>
#include <vector>

#include "netlink/filter_layout.h"

namespace netyard {
namespace {

tc_u32_key key(int offset, std::uint32_t value, std::uint32_t mask) {
  tc_u32_key out{};
  out.off = offset;
  out.val = htonl(value & mask);
  out.mask = htonl(mask);
  return out;
}

void add_prefix(std::vector<tc_u32_key>& keys, int offset, const IpPrefix& prefix) {
  for (unsigned word = 0; word * 32 < prefix.length; ++word) {
    const unsigned bits = std::min(prefix.length - word * 32, 32U);
    const std::uint32_t mask = bits == 32 ? UINT32_MAX : ~(UINT32_MAX >> bits);
    std::uint32_t value = 0;
    std::memcpy(&value, prefix.address.bytes.data() + std::size_t{word} * 4, sizeof value);
    keys.push_back(key(offset + static_cast<int>(word) * 4, ntohl(value), mask));
  }
}

std::vector<tc_u32_key> keys_of(const PacketMatch& match) {
  const HeaderLayout& at = header_layout(match.family);
  std::vector<tc_u32_key> keys;
  if (match.dscp) {
    keys.push_back(key(at.traffic_class_word, std::uint32_t{*match.dscp} << at.dscp_shift,
                       0x3FU << at.dscp_shift));
  }
  if (match.protocol) {
    keys.push_back(key(at.protocol_word, std::uint32_t{*match.protocol} << at.protocol_shift,
                       0xFFU << at.protocol_shift));
  }
  if (match.source) add_prefix(keys, at.source, *match.source);
  if (match.destination) add_prefix(keys, at.destination, *match.destination);
  if (match.source_port || match.destination_port) {
    const std::uint32_t ports =
        std::uint32_t{match.source_port.value_or(0)} << 16 | match.destination_port.value_or(0);
    const std::uint32_t mask =
        (match.source_port ? 0xFFFF0000 : 0) | (match.destination_port ? 0xFFFF : 0);
    keys.push_back(key(at.ports, ports, mask));
  }
  if (keys.empty()) keys.push_back(key(0, 0, 0));
  return keys;
}

void put_selector(Message& message, const PacketMatch& match) {
  const std::vector<tc_u32_key> keys = keys_of(match);
  tc_u32_sel selector{};
  selector.flags = TC_U32_TERMINAL;
  selector.nkeys = static_cast<unsigned char>(keys.size());
  std::vector<char> bytes(sizeof selector + keys.size() * sizeof keys.front());
  std::memcpy(bytes.data(), &selector, sizeof selector);
  std::memcpy(bytes.data() + sizeof selector, keys.data(), keys.size() * sizeof keys.front());
  message.put_bytes(TCA_U32_SEL, bytes.data(), bytes.size());
}

std::uint16_t protocol_of(const TrafficFilter& filter) {
  if (filter.mark != 0) return ETH_P_ALL;
  return static_cast<std::uint16_t>(filter.match.family == Family::ipv4 ? ETH_P_IP : ETH_P_IPV6);
}

}  // namespace

Message new_filter(const TrafficFilter& filter) {
  Message message(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL);
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = static_cast<int>(filter.ifindex);
  header.tcm_parent = filter.parent;
  header.tcm_handle = filter.mark;
  header.tcm_info = std::uint32_t{filter.priority} << 16 | htons(protocol_of(filter));
  message.header(header);
  message.put_string(TCA_KIND, filter.kind());
  const std::size_t options = message.open_nest(TCA_OPTIONS);
  message.put_u32(
      static_cast<std::uint16_t>(filter.mark != 0 ? int{TCA_FW_CLASSID} : int{TCA_U32_CLASSID}),
      filter.class_id);
  if (filter.mark == 0) put_selector(message, filter.match);
  message.close_nest(options);
  return message;
}

std::string describe_match(const TrafficFilter& filter) {
  if (filter.mark != 0) return fmt::format("mark {}", filter.mark);
  const PacketMatch& match = filter.match;
  std::string out = to_string(match.family);
  if (match.dscp) out += fmt::format(" dscp {}", *match.dscp);
  if (match.protocol) out += fmt::format(" protocol {}", *match.protocol);
  if (match.source) out += " src " + match.source->to_string();
  if (match.destination) out += " dst " + match.destination->to_string();
  if (match.source_port) out += fmt::format(" sport {}", *match.source_port);
  if (match.destination_port) out += fmt::format(" dport {}", *match.destination_port);
  return out;
}

}  // namespace netyard
