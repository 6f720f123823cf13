// SPDX-License-Identifier: Apache-2.0
#include "netlink/observe_filter.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include <bit>
#include <cstring>
#include <map>

#include "netlink/attributes.h"
#include "netlink/filter_layout.h"

namespace netyard {
namespace {

struct Word {
  std::uint32_t value = 0;
  std::uint32_t mask = 0;
};

/// What a selector compares, a word of 32 bits at a time; what has been told of is taken out.
class Selector {
 public:
  /// False when it has keys at other places than words of the header.
  bool read(std::string_view bytes) {
    tc_u32_sel head{};
    if (bytes.size() < sizeof head) return false;
    std::memcpy(&head, bytes.data(), sizeof head);
    // Offsets are those of links to further tables.
    if ((head.flags & TC_U32_TERMINAL) == 0 || head.offmask != 0 || head.off != 0) return false;
    for (std::size_t index = 0; index < head.nkeys; ++index) {
      tc_u32_key key{};
      const std::size_t at = sizeof head + index * sizeof key;
      if (bytes.size() < at + sizeof key) return false;
      std::memcpy(&key, bytes.data() + at, sizeof key);
      if (key.offmask != 0 || key.off < 0 || key.off % 4 != 0) return false;
      words_[key.off].value |= ntohl(key.val);
      words_[key.off].mask |= ntohl(key.mask);
    }
    return true;
  }

  /// The bits of a mask, when it compares all of them.
  std::optional<std::uint32_t> take(int offset, std::uint32_t mask, unsigned shift) {
    Word& word = words_[offset];
    if ((word.mask & mask) != mask) return {};
    word.mask &= ~mask;
    return (word.value & mask) >> shift;
  }

  /// The first bits from an offset on, as many as it compares.
  std::optional<IpPrefix> take_prefix(int offset, Family family) {
    IpPrefix out;
    out.address.family = family;
    bool ended = false;
    const std::size_t size = family == Family::ipv4 ? 4 : 16;
    for (std::size_t at = 0; at < size && !ended; at += 4) {
      Word& word = words_[offset + static_cast<int>(at)];
      const auto length = static_cast<unsigned>(std::countl_one(word.mask));
      if (length < 32 && word.mask << length != 0) break;  // bits in the middle
      const std::uint32_t value = htonl(word.value);
      std::memcpy(out.address.bytes.data() + at, &value, sizeof value);
      out.length = static_cast<std::uint8_t>(out.length + length);
      word.mask = 0;
      ended = length < 32;
    }
    if (out.length == 0) return {};
    return out;
  }

  bool is_told() const {
    for (const auto& [offset, word] : words_) {
      if (word.mask != 0) return false;
    }
    return true;
  }

 private:
  std::map<int, Word> words_;
};

template <class T>
void put(std::optional<T>& out, const std::optional<std::uint32_t>& value) {
  if (value) out = static_cast<T>(*value);
}

void read_u32(const Attributes& options, std::uint16_t protocol, FilterState& out) {
  if (protocol != ETH_P_IP && protocol != ETH_P_IPV6) {
    out.unsaid = fmt::format("packets of the protocol {:#06x}", protocol);
    return;
  }
  PacketMatch& match = out.filter.match;
  match.family = protocol == ETH_P_IP ? Family::ipv4 : Family::ipv6;
  const HeaderLayout& at = header_layout(match.family);
  const nlattr* bytes = options.find(TCA_U32_SEL);
  Selector selector;
  if (bytes == nullptr || !selector.read(bytes_of(bytes))) {
    out.unsaid = "what it looks at";
    return;
  }
  put(match.dscp, selector.take(at.traffic_class_word, 0x3FU << at.dscp_shift, at.dscp_shift));
  put(match.protocol,
      selector.take(at.protocol_word, 0xFFU << at.protocol_shift, at.protocol_shift));
  match.source = selector.take_prefix(at.source, match.family);
  match.destination = selector.take_prefix(at.destination, match.family);
  put(match.source_port, selector.take(at.ports, 0xFFFF0000, 16));
  put(match.destination_port, selector.take(at.ports, 0xFFFF, 0));
  if (!selector.is_told()) out.unsaid = "what it looks at";
}

struct Unsaid {
  std::uint16_t attribute;
  const char* what;
};
constexpr Unsaid kUnsaidOfU32[] = {{TCA_U32_LINK, "a further table"},
                                   {TCA_U32_ACT, "its actions"},
                                   {TCA_U32_POLICE, "its policing"},
                                   {TCA_U32_INDEV, "the interface that packets come in by"},
                                   {TCA_U32_MARK, "the mark"}};
constexpr Unsaid kUnsaidOfFw[] = {{TCA_FW_ACT, "its actions"},
                                  {TCA_FW_POLICE, "its policing"},
                                  {TCA_FW_INDEV, "the interface that packets come in by"}};

template <std::size_t N>
void note_unsaid(const Attributes& options, const Unsaid (&table)[N], FilterState& out) {
  for (const auto& [attribute, what] : table) {
    if (!options.has(attribute)) continue;
    // An empty list of actions is none.
    if (bytes_of(options.find(attribute)).empty()) continue;
    out.unsaid = what;
  }
}

void read_fw(const Attributes& options, std::uint16_t protocol, FilterState& out) {
  if (protocol != ETH_P_ALL) out.unsaid = "its protocol";
  if (options.number(TCA_FW_MASK).value_or(UINT32_MAX) != UINT32_MAX) out.unsaid = "its mask";
  if (out.filter.mark == 0) out.unsaid = "that the mark is the class";
}

FilterState decode(const tcmsg& header, const Attributes& attributes) {
  FilterState out;
  out.name = attributes.text(TCA_KIND);
  out.filter.ifindex = static_cast<std::uint32_t>(header.tcm_ifindex);
  out.filter.parent = header.tcm_parent;
  out.filter.priority = static_cast<std::uint16_t>(header.tcm_info >> 16);
  const std::uint16_t protocol = ntohs(static_cast<std::uint16_t>(header.tcm_info & 0xFFFF));
  const Attributes options(attributes.find(TCA_OPTIONS));
  if (out.name == "u32") {
    out.filter.class_id = options.number(TCA_U32_CLASSID).value_or(0);
    read_u32(options, protocol, out);
    note_unsaid(options, kUnsaidOfU32, out);
  } else if (out.name == "fw") {
    out.filter.mark = header.tcm_handle;
    out.filter.class_id = options.number(TCA_FW_CLASSID).value_or(0);
    read_fw(options, protocol, out);
    note_unsaid(options, kUnsaidOfFw, out);
  } else {
    out.unsaid = "its kind";
  }
  if (attributes.number(TCA_CHAIN).value_or(0) != 0) out.unsaid = "its chain";
  return out;
}

}  // namespace

std::vector<FilterState> observe_filters(Socket& socket, std::uint32_t ifindex,
                                         std::uint32_t parent) {
  Message request(RTM_GETTFILTER, 0);
  tcmsg asked{};
  asked.tcm_ifindex = static_cast<int>(ifindex);
  asked.tcm_parent = parent;
  request.header(asked);
  std::vector<FilterState> out;
  const auto take = [&](const nlmsghdr* message) {
    const auto header = family_header<tcmsg>(message);
    const Attributes attributes(message, sizeof header);
    const nlattr* options = attributes.find(TCA_OPTIONS);
    // Without options, or with a table's size: what filters stand in.
    if (options == nullptr) return;
    if (attributes.text(TCA_KIND) == "u32" && !Attributes(options).has(TCA_U32_SEL)) return;
    out.push_back(decode(header, attributes));
  };
  socket.dump(std::move(request), take, [&] { out.clear(); });
  return out;
}

}  // namespace netyard
