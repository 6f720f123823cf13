// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "netlink/field.h"

struct nlattr;

namespace netyard {

class Message;

/// Lays out what stands in TCA_OPTIONS, and reads it back. A hook may be nullptr: there is nothing.
struct OptionsCode {
  void (*encode)(Message& message, const Settings& settings) = nullptr;
  void (*decode)(const nlattr* options, Settings& settings) = nullptr;
};

/// A queueing discipline as one const table. src/netlink/qdiscs/NAME.cc holds one each.
struct QdiscKind {
  const char* name;  // the kernel's and the file's word: "fq_codel"
  const char* help;
  const char* kernel_option;  // "CONFIG_NET_SCH_FQ_CODEL"
  std::span<const Field> fields;
  OptionsCode options;
  bool has_classes = false;  // made by the file
  std::span<const Field> class_fields = {};
  OptionsCode class_options = {};

  const Field* find(std::string_view key) const { return find_field(fields, key); }
  const Field* find_class(std::string_view key) const { return find_field(class_fields, key); }
};

/// All kinds, in the order in which they are listed.
std::span<const QdiscKind* const> qdisc_kinds();
/// nullptr when there is no such kind.
const QdiscKind* find_qdisc_kind(std::string_view name);

/// True for the distributions of netem that need no file.
bool is_netem_distribution(std::string_view name);

/// Handles and class ids are MAJOR:MINOR, 16 bits each (linux/pkt_sched.h).
constexpr std::uint32_t traffic_handle(std::uint32_t major, std::uint32_t minor = 0) {
  return major << 16 | minor;
}
/// "1:10", "8001:"; "root", "ingress".
std::string format_handle(std::uint32_t handle);
inline constexpr std::uint32_t kRootParent = 0xFFFFFFFF;     // TC_H_ROOT
inline constexpr std::uint32_t kIngressParent = 0xFFFFFFF1;  // TC_H_INGRESS, TC_H_CLSACT

/// A queueing discipline of an interface, or a class of one.
struct Qdisc {
  const QdiscKind* kind = nullptr;
  bool is_class = false;
  std::uint32_t ifindex = 0;
  std::uint32_t parent = kRootParent;
  std::uint32_t handle = 0;  // 0: the kernel chooses, and a root of the same kind is changed
  Settings settings;
  friend bool operator==(const Qdisc&, const Qdisc&) = default;
};

/// RTM_NEWQDISC or RTM_NEWTCLASS that creates, or replaces what is there (net/sched/sch_api.c). A
/// qdisc of the same kind and handle is changed, and keeps its packets.
Message new_qdisc(const Qdisc& qdisc);
/// RTM_DELQDISC.
Message delete_qdisc(std::uint32_t ifindex, std::uint32_t parent = kRootParent);
/// What the kernel will show of the settings once they are there: in its own precision.
Settings as_read_back(const Qdisc& qdisc);
/// The value that has to be written for the kernel to show this one: CoDel and PIE cut times to
/// their own units (include/net/codel.h, net/sched/sch_pie.c).
FieldSetting to_be_read_back(const QdiscKind& kind, const FieldSetting& shown);
/// True when two values of a field are the same to the kernel's precision.
bool same_setting(const FieldSetting& a, const FieldSetting& b);

/// Bytes of a packet of the MTU with its Ethernet header, as queueing disciplines count.
constexpr std::uint64_t frame_size(std::uint64_t mtu) {
  return (mtu != 0 ? mtu : 1500) + 14;
}
/// Bytes that a token bucket needs for a rate in bit/s: what comes in a tick of 4 ms, the longest
/// that kernels commonly have (CONFIG_HZ=250), and at least two packets.
std::uint64_t token_bucket(std::uint64_t rate, std::uint64_t mtu);

}  // namespace netyard
