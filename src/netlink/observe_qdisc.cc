// SPDX-License-Identifier: Apache-2.0
#include "netlink/observe_qdisc.h"

#include <linux/gen_stats.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "netlink/attributes.h"

namespace netyard {
namespace {

template <class T>
T value_in(const nlattr* attribute) {
  return attribute != nullptr ? payload<T>(attribute) : T{};
}

QdiscCounters counters_in(const nlattr* attribute) {
  QdiscCounters out;
  if (attribute == nullptr) return out;
  const Attributes stats(attribute);
  const auto basic = value_in<gnet_stats_basic>(stats.find(TCA_STATS_BASIC));
  const auto queue = value_in<gnet_stats_queue>(stats.find(TCA_STATS_QUEUE));
  const nlattr* packets = stats.find(TCA_STATS_PKT64);
  out.bytes = basic.bytes;
  out.packets = packets != nullptr ? payload<std::uint64_t>(packets) : basic.packets;
  out.dropped = queue.drops;
  out.overlimits = queue.overlimits;
  out.requeues = queue.requeues;
  out.backlog_bytes = queue.backlog;
  out.backlog_packets = queue.qlen;
  return out;
}

QdiscState decode(const nlmsghdr* message) {
  const auto header = family_header<tcmsg>(message);
  const Attributes attributes(message, sizeof header);
  QdiscState out;
  out.name = attributes.text(TCA_KIND);
  Qdisc& qdisc = out.qdisc;
  qdisc.kind = find_qdisc_kind(out.name);
  qdisc.is_class = message->nlmsg_type == RTM_NEWTCLASS;
  qdisc.ifindex = static_cast<std::uint32_t>(header.tcm_ifindex);
  qdisc.parent = header.tcm_parent;
  qdisc.handle = header.tcm_handle;
  out.counters = counters_in(attributes.find(TCA_STATS2));
  const nlattr* options = attributes.find(TCA_OPTIONS);
  if (qdisc.kind == nullptr || options == nullptr) return out;
  const OptionsCode& code = qdisc.is_class ? qdisc.kind->class_options : qdisc.kind->options;
  if (code.decode != nullptr) code.decode(options, qdisc.settings);
  return out;
}

std::vector<QdiscState> dump(Socket& socket, std::uint16_t type, std::uint32_t ifindex) {
  Message request(type, 0);
  tcmsg header{};
  header.tcm_ifindex = static_cast<int>(ifindex);
  request.header(header);
  std::vector<QdiscState> out;
  socket.dump(
      std::move(request), [&](const nlmsghdr* message) { out.push_back(decode(message)); },
      [&] { out.clear(); });
  return out;
}

}  // namespace

std::vector<QdiscState> observe_qdiscs(Socket& socket) {
  return dump(socket, RTM_GETQDISC, 0);
}

std::vector<QdiscState> observe_classes(Socket& socket, std::uint32_t ifindex) {
  return dump(socket, RTM_GETTCLASS, ifindex);
}

std::vector<LinkCounters> observe_link_counters(Socket& socket) {
  Message request(RTM_GETLINK, 0);
  request.header(ifinfomsg{});
  std::vector<LinkCounters> out;
  const auto take = [&](const nlmsghdr* message) {
    const auto header = family_header<ifinfomsg>(message);
    const auto stats =
        value_in<rtnl_link_stats64>(Attributes(message, sizeof header).find(IFLA_STATS64));
    out.push_back({static_cast<std::uint32_t>(header.ifi_index), stats.rx_bytes, stats.rx_packets,
                   stats.rx_dropped, stats.rx_errors, stats.tx_bytes, stats.tx_packets,
                   stats.tx_dropped, stats.tx_errors});
  };
  socket.dump(std::move(request), take, [&] { out.clear(); });
  return out;
}

}  // namespace netyard
