// SPDX-License-Identifier: Apache-2.0
#include "netlink/encap.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/lwtunnel.h>
#include <linux/mpls.h>
#include <linux/mpls_iptunnel.h>
#include <linux/seg6.h>
#include <linux/seg6_iptunnel.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/words.h"
#include "netlink/attributes.h"
#include "netlink/message.h"

namespace netyard {
namespace {

constexpr const char* kModes[] = {"inline", "encap", "l2encap"};
constexpr std::uint32_t kFirstLabel = 16;  // below they are reserved, RFC 3032
constexpr std::uint32_t kLastLabel = (1U << 20) - 1;
constexpr std::size_t kMostSegments = 16;
constexpr std::uint8_t kRoutingType = 4;  // IPV6_SRCRT_TYPE_4, RFC 8754
constexpr std::size_t kMostLabels = 30;   // MAX_NEW_LABELS in net/mpls/internal.h

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == separator) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t min, std::uint32_t max) {
  std::uint32_t out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed != std::errc() || end != text.data() + text.size()) return {};
  if (out < min || out > max) return {};
  return out;
}

using Words = std::vector<std::string>;

bool parse_mpls(const Words& words, MplsEncap& out, std::string& problem) {
  if (words.size() < 2 || !parse_labels(words[1], out.labels)) {
    problem =
        fmt::format("expected labels from {} to {}, as in mpls 100/200", kFirstLabel, kLastLabel);
    return false;
  }
  if (words.size() == 2) return true;
  const auto ttl = words.size() == 4 && words[2] == "ttl" ? number(words[3], 1, 255) : std::nullopt;
  if (!ttl) problem = "behind the labels only 'ttl' with a number from 1 to 255 can stand";
  if (ttl) out.ttl = static_cast<std::uint8_t>(*ttl);
  return ttl.has_value();
}

bool parse_seg6(const Words& words, Seg6Encap& out, std::string& problem) {
  const bool shaped = words.size() == 5 && words[1] == "mode" && words[3] == "segs";
  const auto* const mode =
      shaped ? std::find(std::begin(kModes), std::end(kModes), words[2]) : std::end(kModes);
  if (mode == std::end(kModes)) {
    problem = "expected seg6 mode inline|encap|l2encap segs ADDRESS,ADDRESS…";
    return false;
  }
  out.mode = static_cast<Seg6Mode>(mode - std::begin(kModes));
  for (const auto& word : split(words[4], ',')) {
    const auto segment = IpAddress::parse(word);
    if (!segment || segment->family != Family::ipv6) {
      problem = fmt::format("segment '{}' is no IPv6 address", word);
      return false;
    }
    out.segments.push_back(*segment);
  }
  if (out.segments.size() > kMostSegments) {
    problem =
        fmt::format("there are {} segments, at most {} go", out.segments.size(), kMostSegments);
  }
  return out.segments.size() <= kMostSegments;
}

void put(Message& message, const MplsEncap& mpls) {
  const auto stack = label_stack(mpls.labels);
  message.put_bytes(MPLS_IPTUNNEL_DST, stack.data(), stack.size() * sizeof stack[0]);
  if (mpls.ttl != 0) message.put_u8(MPLS_IPTUNNEL_TTL, mpls.ttl);
}

// Segments stand backwards in the header. Inline, the kernel fills the last one (the first in the
// header) with the packet's own destination.
void put(Message& message, const Seg6Encap& seg6) {
  const std::size_t spare = seg6.mode == Seg6Mode::inline_ ? 1 : 0;
  const std::size_t count = seg6.segments.size() + spare;
  std::vector<std::uint8_t> out(sizeof(int) + sizeof(ipv6_sr_hdr) + count * 16, 0);
  const int mode = static_cast<int>(seg6.mode);
  std::memcpy(out.data(), &mode, sizeof mode);
  ipv6_sr_hdr header{};
  header.hdrlen = static_cast<std::uint8_t>(count * 2);
  header.type = kRoutingType;
  header.segments_left = header.first_segment = static_cast<std::uint8_t>(count - 1);
  std::memcpy(out.data() + sizeof mode, &header, sizeof header);
  std::uint8_t* at = out.data() + out.size();
  for (const auto& segment : seg6.segments) {
    at -= 16;
    std::copy(segment.bytes.begin(), segment.bytes.end(), at);
  }
  message.put_bytes(SEG6_IPTUNNEL_SRH, out.data(), out.size());
}

Encap read_mpls(const nlattr* data) {
  MplsEncap out;
  const Attributes attributes(data);
  const nlattr* labels = attributes.find(MPLS_IPTUNNEL_DST);
  if (labels == nullptr) return {};
  const auto* bytes = static_cast<const char*>(mnl_attr_get_payload(labels));
  for (std::size_t at = 0; at + 4 <= mnl_attr_get_payload_len(labels); at += 4) {
    std::uint32_t entry = 0;
    std::memcpy(&entry, bytes + at, sizeof entry);
    out.labels.push_back(ntohl(entry) >> MPLS_LS_LABEL_SHIFT);
  }
  if (const nlattr* ttl = attributes.find(MPLS_IPTUNNEL_TTL)) out.ttl = payload<std::uint8_t>(ttl);
  return out;
}

Encap read_seg6(const nlattr* data) {
  Seg6Encap out;
  const nlattr* srh = Attributes(data).find(SEG6_IPTUNNEL_SRH);
  constexpr std::size_t kHead = sizeof(int) + sizeof(ipv6_sr_hdr);
  if (srh == nullptr || mnl_attr_get_payload_len(srh) < kHead) return {};
  const auto* bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(srh));
  int mode = 0;
  std::memcpy(&mode, bytes, sizeof mode);
  if (mode < 0 || mode >= static_cast<int>(std::size(kModes))) return {};
  out.mode = static_cast<Seg6Mode>(mode);
  const std::size_t count = (mnl_attr_get_payload_len(srh) - kHead) / 16;
  const std::size_t spare = out.mode == Seg6Mode::inline_ ? 1 : 0;
  for (std::size_t i = count; i > spare; --i) {
    out.segments.push_back(IpAddress::from_bytes(Family::ipv6, bytes + kHead + (i - 1) * 16));
  }
  return out;
}

}  // namespace

bool parse_labels(std::string_view text, std::vector<std::uint32_t>& labels) {
  labels.clear();
  for (const auto& word : split(text, '/')) {
    const auto label = number(word, kFirstLabel, kLastLabel);
    if (!label) return false;
    labels.push_back(*label);
  }
  return labels.size() <= kMostLabels;
}

std::string labels_to_string(const std::vector<std::uint32_t>& labels) {
  return fmt::format("{}", fmt::join(labels, "/"));
}

std::vector<std::uint32_t> label_stack(const std::vector<std::uint32_t>& labels) {
  std::vector<std::uint32_t> out;
  out.reserve(labels.size());
  for (const std::uint32_t label : labels) out.push_back(htonl(label << MPLS_LS_LABEL_SHIFT));
  if (!out.empty()) out.back() |= htonl(MPLS_LS_S_MASK);
  return out;
}

bool parse_encap(std::string_view text, Encap& encap, std::string& problem) {
  Words words;
  if (!split_words(text, words, problem)) return false;
  if (!words.empty() && words[0] == "mpls") {
    return parse_mpls(words, encap.emplace<MplsEncap>(), problem);
  }
  if (!words.empty() && words[0] == "seg6") {
    return parse_seg6(words, encap.emplace<Seg6Encap>(), problem);
  }
  problem = "there are mpls and seg6, as in 'mpls 100/200'";
  return false;
}

std::string to_string(const Encap& encap) {
  if (const auto* mpls = std::get_if<MplsEncap>(&encap)) {
    const std::string out = "mpls " + labels_to_string(mpls->labels);
    return mpls->ttl != 0 ? fmt::format("{} ttl {}", out, mpls->ttl) : out;
  }
  if (const auto* seg6 = std::get_if<Seg6Encap>(&encap)) {
    std::string out = fmt::format("seg6 mode {} segs ", kModes[static_cast<int>(seg6->mode)]);
    for (std::size_t i = 0; i < seg6->segments.size(); ++i) {
      out += (i > 0 ? "," : "") + seg6->segments[i].to_string();
    }
    return out;
  }
  return {};
}

void put_encap(Message& message, const Encap& encap, std::uint16_t type_attribute,
               std::uint16_t data_attribute) {
  if (!has_encap(encap)) return;
  const auto* mpls = std::get_if<MplsEncap>(&encap);
  message.put_u16(type_attribute, mpls != nullptr ? LWTUNNEL_ENCAP_MPLS : LWTUNNEL_ENCAP_SEG6);
  const std::size_t nest = message.open_nest(data_attribute);
  if (mpls != nullptr) {
    put(message, *mpls);
  } else {
    put(message, std::get<Seg6Encap>(encap));
  }
  message.close_nest(nest);
}

Encap read_encap(std::uint16_t type, const nlattr* data) {
  if (data == nullptr) return {};
  if (type == LWTUNNEL_ENCAP_MPLS) return read_mpls(data);
  return type == LWTUNNEL_ENCAP_SEG6 ? read_seg6(data) : Encap();
}

}  // namespace netyard
