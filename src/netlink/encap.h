// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ip.h"

struct nlattr;

namespace netyard {

class Message;

/// MPLS labels, outermost first. include/uapi/linux/mpls_iptunnel.h.
struct MplsEncap {
  std::vector<std::uint32_t> labels;  // 16 to 1048575; 0 to 15 are reserved
  std::uint8_t ttl = 0;               // 0: the kernel's rule
  friend bool operator==(const MplsEncap&, const MplsEncap&) = default;
};

enum class Seg6Mode : std::uint8_t { inline_, encap, l2encap };

/// A segment routing header, segments in the order they are travelled.
/// include/uapi/linux/seg6_iptunnel.h.
struct Seg6Encap {
  Seg6Mode mode = Seg6Mode::encap;
  std::vector<IpAddress> segments;
  friend bool operator==(const Seg6Encap&, const Seg6Encap&) = default;
};

/// What a next hop wraps packets in.
using Encap = std::variant<std::monostate, MplsEncap, Seg6Encap>;

inline bool has_encap(const Encap& encap) {
  return encap.index() != 0;
}

/// Reads the words of ip-route(8) behind "encap": "mpls 100/200 ttl 64", "seg6 mode encap segs
/// 2001:db8::1,2001:db8::2". On a mistake returns false and says in `problem` what is wrong.
bool parse_encap(std::string_view text, Encap& encap, std::string& problem);
/// parse_encap read backwards.
std::string to_string(const Encap& encap);
/// Labels as "100/200"; false when one is no label that packets may have.
bool parse_labels(std::string_view text, std::vector<std::uint32_t>& labels);
std::string labels_to_string(const std::vector<std::uint32_t>& labels);
/// Label stack entries as they go on the wire, the last with the bottom bit.
std::vector<std::uint32_t> label_stack(const std::vector<std::uint32_t>& labels);

/// Appends the attribute of the type and the one of the data; nothing without an encapsulation.
void put_encap(Message& message, const Encap& encap, std::uint16_t type_attribute,
               std::uint16_t data_attribute);
/// Decodes the two; monostate for a type that is not known here.
Encap read_encap(std::uint16_t type, const nlattr* data);

}  // namespace netyard
