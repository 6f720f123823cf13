// SPDX-License-Identifier: Apache-2.0
#include "netlink/link.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include <fmt/format.h>

#include "netlink/message.h"

namespace netyard {
namespace {

ifinfomsg link_header(std::uint32_t ifindex) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = static_cast<int>(ifindex);
  return header;
}

void put_admin_state(ifinfomsg& header, bool up) {
  header.ifi_change = IFF_UP;
  header.ifi_flags = up ? static_cast<unsigned>(IFF_UP) : 0U;
}

void put_fd(Message& message, int fd) {
  if (fd >= 0) message.put_u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(fd));
}

// A veth has a queue for every possible CPU unless told otherwise: each is a kobject in sysfs.
void put_one_queue(Message& message) {
  message.put_u32(IFLA_NUM_TX_QUEUES, 1);
  message.put_u32(IFLA_NUM_RX_QUEUES, 1);
}

void put_peer(Message& message, const LinkPeer& peer, std::uint32_t mtu, int namespace_fd) {
  const std::size_t nest = message.open_nest(VETH_INFO_PEER);
  // Not up: the kernel answers ENOTCONN, and makes nothing, as long as the first end is not there.
  const ifinfomsg header = link_header(peer.ifindex);
  message.append_raw(&header, sizeof header);
  message.put_string(IFLA_IFNAME, peer.name);
  if (peer.mac) message.put(IFLA_ADDRESS, *peer.mac);
  if (mtu != 0) message.put_u32(IFLA_MTU, mtu);
  put_one_queue(message);
  put_fd(message, namespace_fd);
  message.close_nest(nest);
}

void put_kind(Message& message, const NewLink& link, int peer_namespace_fd) {
  const std::size_t info = message.open_nest(IFLA_LINKINFO);
  message.put_string(IFLA_INFO_KIND, link.kind->name);
  const bool inner_parent = link.parent != 0 && link.kind->parent_attribute != 0;
  if (!link.settings.empty() || link.peer || inner_parent) {
    const std::size_t data = message.open_nest(IFLA_INFO_DATA);
    if (inner_parent) message.put_u32(link.kind->parent_attribute, link.parent);
    for (const auto& setting : link.settings) put_field(message, setting);
    if (link.peer) put_peer(message, *link.peer, link.mtu, peer_namespace_fd);
    message.close_nest(data);
  }
  message.close_nest(info);
}

}  // namespace

const char* to_string(OperState state) {
  static constexpr const char* kWords[] = {"unknown", "notpresent", "down", "lowerlayerdown",
                                           "testing", "dormant",    "up"};
  const auto index = static_cast<std::size_t>(state);
  return index < std::size(kWords) ? kWords[index] : "unknown";
}

Message new_link(const NewLink& link, int namespace_fd, int peer_namespace_fd) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  ifinfomsg header = link_header(link.ifindex);
  if (link.up) put_admin_state(header, true);
  message.header(header);
  message.put_string(IFLA_IFNAME, link.name);
  if (link.mac) message.put(IFLA_ADDRESS, *link.mac);
  if (link.mtu != 0) message.put_u32(IFLA_MTU, link.mtu);
  if (link.parent != 0 && link.kind->parent_attribute == 0) {
    message.put_u32(IFLA_LINK, link.parent);
  }
  if (link.master != 0) message.put_u32(IFLA_MASTER, link.master);
  if (link.peer) put_one_queue(message);
  put_fd(message, namespace_fd);
  put_kind(message, link, peer_namespace_fd);
  return message;
}

Message change_link(const LinkChange& change) {
  Message message(RTM_SETLINK, 0);
  ifinfomsg header = link_header(change.ifindex);
  if (change.up) put_admin_state(header, *change.up);
  message.header(header);
  if (change.name) message.put_string(IFLA_IFNAME, *change.name);
  if (change.mac) message.put(IFLA_ADDRESS, *change.mac);
  if (change.mtu) message.put_u32(IFLA_MTU, *change.mtu);
  if (change.master) message.put_u32(IFLA_MASTER, *change.master);
  if (change.gso_max_segs) message.put_u32(IFLA_GSO_MAX_SEGS, *change.gso_max_segs);
  if (change.gso_max_size) message.put_u32(IFLA_GSO_MAX_SIZE, *change.gso_max_size);
  return message;
}

Message move_link(std::uint32_t ifindex, int namespace_fd, const std::string& new_name,
                  std::uint32_t new_ifindex) {
  Message message(RTM_SETLINK, 0);
  message.header(link_header(ifindex));
  put_fd(message, namespace_fd);
  message.put_string(IFLA_IFNAME, new_name);
  if (new_ifindex != 0) message.put_u32(IFLA_NEW_IFINDEX, new_ifindex);
  return message;
}

Message delete_link(std::uint32_t ifindex) {
  Message message(RTM_DELLINK, 0);
  message.header(link_header(ifindex));
  return message;
}

Message get_link(const std::string& name) {
  Message message(RTM_GETLINK, 0);
  message.header(link_header(0));
  if (!name.empty()) message.put_string(IFLA_IFNAME, name);
  message.put_u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return message;
}

std::string interface_name_problem(std::string_view name) {
  if (name.empty()) return "an interface name is empty";
  if (name.size() >= IFNAMSIZ) {
    return fmt::format("interface name '{}' has {} bytes; the kernel takes at most {}", name,
                       name.size(), IFNAMSIZ - 1);
  }
  if (name == "." || name == "..") return "an interface cannot be called '.' or '..'";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7f) return "an interface name has no white space or control bytes";
    if (c == '/' || c == ':' || c == '%') {
      return fmt::format("an interface name has no '{}': '{}'", c, name);
    }
  }
  return {};
}

}  // namespace netyard
