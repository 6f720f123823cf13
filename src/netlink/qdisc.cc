// SPDX-License-Identifier: Apache-2.0
#include "netlink/qdisc.h"

#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "netlink/message.h"
#include "netlink/qdiscs/qdiscs.h"

namespace netyard {
namespace {

constexpr const QdiscKind* kQdiscKinds[] = {
    &qdiscs::netem, &qdiscs::tbf,   &qdiscs::htb,  &qdiscs::fq_codel, &qdiscs::codel,
    &qdiscs::cake,  &qdiscs::fq,    &qdiscs::sfq,  &qdiscs::prio,     &qdiscs::red,
    &qdiscs::pie,   &qdiscs::pfifo, &qdiscs::bfifo};

constexpr std::uint64_t kTicksPerSecond = 250;

tcmsg traffic_header(std::uint32_t ifindex, std::uint32_t parent, std::uint32_t handle) {
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = static_cast<int>(ifindex);
  header.tcm_parent = parent;
  header.tcm_handle = handle;
  return header;
}

const OptionsCode& code_of(const Qdisc& qdisc) {
  return qdisc.is_class ? qdisc.kind->class_options : qdisc.kind->options;
}

int find_options(const nlattr* attribute, void* found) {
  if (mnl_attr_get_type(attribute) == TCA_OPTIONS) {
    *static_cast<const nlattr**>(found) = attribute;
  }
  return MNL_CB_OK;
}

}  // namespace

std::span<const QdiscKind* const> qdisc_kinds() {
  return kQdiscKinds;
}

const QdiscKind* find_qdisc_kind(std::string_view name) {
  for (const QdiscKind* kind : kQdiscKinds) {
    if (name == kind->name) return kind;
  }
  return nullptr;
}

std::string format_handle(std::uint32_t handle) {
  if (handle == kRootParent) return "root";
  if (handle == kIngressParent) return "ingress";
  const std::uint32_t minor = handle & 0xFFFF;
  return minor != 0 ? fmt::format("{:x}:{:x}", handle >> 16, minor)
                    : fmt::format("{:x}:", handle >> 16);
}

Message new_qdisc(const Qdisc& qdisc) {
  Message message(qdisc.is_class ? RTM_NEWTCLASS : RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
  message.header(traffic_header(qdisc.ifindex, qdisc.parent, qdisc.handle));
  message.put_string(TCA_KIND, qdisc.kind->name);
  if (code_of(qdisc).encode != nullptr) {
    const std::size_t options = message.open_nest(TCA_OPTIONS);
    code_of(qdisc).encode(message, qdisc.settings);
    message.close_nest(options);
  }
  return message;
}

Message delete_qdisc(std::uint32_t ifindex, std::uint32_t parent) {
  Message message(RTM_DELQDISC, 0);
  message.header(traffic_header(ifindex, parent, 0));
  return message;
}

Settings as_read_back(const Qdisc& qdisc) {
  const Message message = new_qdisc(qdisc);
  const nlattr* options = nullptr;
  mnl_attr_parse(message.raw(), sizeof(tcmsg), find_options, static_cast<void*>(&options));
  Settings out;
  if (options != nullptr && code_of(qdisc).decode != nullptr) {
    code_of(qdisc).decode(options, out);
  }
  return out;
}

FieldSetting to_be_read_back(const QdiscKind& kind, const FieldSetting& shown) {
  static constexpr std::string_view kCutTimes[] = {
      "codel target",      "codel interval",        "codel ce_threshold", "fq_codel target",
      "fq_codel interval", "fq_codel ce_threshold", "pie target"};
  constexpr std::uint64_t kMicrosecond = 1000;
  const std::string name = std::string(kind.name) + " " + shown.field->key;
  const bool cut =
      std::find(std::begin(kCutTimes), std::end(kCutTimes), name) != std::end(kCutTimes);
  FieldSetting out = shown;
  if (!cut) return out;
  // Units of CoDel are 1,024 ns, of PIE 64 ns. A time that is cut to less is shown a microsecond
  // too short.
  const std::uint64_t unit = kind.name == std::string_view("pie") ? 64 : 1024;
  auto& time = std::get<std::uint64_t>(out.value);
  if (time / unit * unit / kMicrosecond != time / kMicrosecond) time += kMicrosecond;
  return out;
}

// A bucket is kept as the time that it takes at the rate, in ticks of 64 ns; times in us by CoDel
// in units of 1,024 ns (include/net/codel.h), two of them in timer ticks of at most 10 ms, as those
// of bridges.
bool same_setting(const FieldSetting& a, const FieldSetting& b) {
  if (a.value == b.value) return true;
  constexpr double kMicroseconds = 2000;
  constexpr double kTick = 10'000'000;
  const std::string_view key = a.field->key;
  const bool jiffies = a.field->syntax == Syntax::duration && a.field->scale == 10'000'000;
  const bool bucket = key == "burst" || key == "cburst" || key == "mtu";
  const bool time = a.field->syntax == Syntax::duration && a.field->scale == 1000;
  if (!bucket && !time && !jiffies) return false;
  const auto left = static_cast<double>(std::get<std::uint64_t>(a.value));
  const auto right = static_cast<double>(std::get<std::uint64_t>(b.value));
  const bool ticks = key == "refill_delay" || key == "tupdate";
  if (jiffies) return std::abs(left - right) <= kTick;
  if (time) return std::abs(left - right) <= (ticks ? kTick : kMicroseconds);
  return std::abs(left - right) <= std::max(2.0, left / 1000);
}

std::uint64_t token_bucket(std::uint64_t rate, std::uint64_t mtu) {
  return std::max(rate / 8 / kTicksPerSecond, 2 * frame_size(mtu));
}

}  // namespace netyard
