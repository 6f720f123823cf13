// SPDX-License-Identifier: Apache-2.0
#include "netlink/link.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <fmt/format.h>

#include "netlink/link_fields.h"
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

void put_peer(Message& message, const LinkKind& kind, const LinkPeer& peer, std::uint32_t mtu,
              int namespace_fd) {
  const std::size_t nest = message.open_nest(kind.peer_attribute);
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

void put_settings(Message& message, const LinkKind& kind, std::vector<FieldSetting> settings) {
  if (kind.complete != nullptr) kind.complete(settings);
  put_fields(message, settings);
}

// NOARP is the opposite of what the file says.
void put_flags(ifinfomsg& header, std::span<const FieldSetting> settings) {
  for (const auto& [field, value] : settings) {
    if (!is_link_flag(*field)) continue;
    const auto bit = static_cast<unsigned>(field->bit);
    const bool set = (std::get<std::uint64_t>(value) != 0) != (bit == IFF_NOARP);
    header.ifi_change |= bit;
    if (set) header.ifi_flags |= bit;
  }
}

void put_change_info(Message& message, const LinkChange& change) {
  if (change.settings.empty() && change.port.empty()) return;
  const std::size_t info = message.open_nest(IFLA_LINKINFO);
  if (!change.settings.empty()) {
    message.put_string(IFLA_INFO_KIND, change.kind->name);
    const std::size_t data = message.open_nest(IFLA_INFO_DATA);
    put_settings(message, *change.kind, change.settings);
    message.close_nest(data);
  }
  if (!change.port.empty()) {
    message.put_string(IFLA_INFO_SLAVE_KIND, change.master_kind->name);
    const std::size_t data = message.open_nest(IFLA_INFO_SLAVE_DATA);
    put_fields(message, change.port);
    message.close_nest(data);
  }
  message.close_nest(info);
}

void put_kind(Message& message, const NewLink& link, int peer_namespace_fd) {
  const std::size_t info = message.open_nest(IFLA_LINKINFO);
  message.put_string(IFLA_INFO_KIND, link.kind->name);
  const bool inner_parent = link.parent != 0 && link.kind->parent_attribute != 0;
  if (!link.settings.empty() || link.peer || inner_parent) {
    const std::size_t data = message.open_nest(IFLA_INFO_DATA);
    if (inner_parent) message.put_u32(link.kind->parent_attribute, link.parent);
    put_settings(message, *link.kind, link.settings);
    if (link.peer) put_peer(message, *link.kind, *link.peer, link.mtu, peer_namespace_fd);
    message.close_nest(data);
  }
  message.close_nest(info);
}

void put_ipv6(Message& message, const LinkChange& change) {
  if (!change.address_generation && !change.token) return;
  const std::size_t families = message.open_nest(IFLA_AF_SPEC);
  const std::size_t six = message.open_nest(AF_INET6);
  if (change.address_generation) {
    message.put_u8(IFLA_INET6_ADDR_GEN_MODE, static_cast<std::uint8_t>(*change.address_generation));
  }
  if (change.token) message.put(IFLA_INET6_TOKEN, *change.token);
  message.close_nest(six);
  message.close_nest(families);
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

const char* to_string(AddressGeneration mode) {
  static constexpr const char* kWords[] = {"eui64", "none", "stable_secret", "random"};
  const auto index = static_cast<std::size_t>(mode);
  return index < std::size(kWords) ? kWords[index] : "unknown";
}

Message change_link(const LinkChange& change) {
  const bool plain = change.settings.empty() && change.port.empty();
  Message message(plain ? RTM_SETLINK : RTM_NEWLINK, 0);
  ifinfomsg header = link_header(change.ifindex);
  if (change.up) put_admin_state(header, *change.up);
  put_flags(header, change.common);
  message.header(header);
  if (change.name) message.put_string(IFLA_IFNAME, *change.name);
  if (change.mac) message.put(IFLA_ADDRESS, *change.mac);
  if (change.mtu) message.put_u32(IFLA_MTU, *change.mtu);
  if (change.master) message.put_u32(IFLA_MASTER, *change.master);
  for (const auto& setting : change.common) {
    if (!is_link_flag(*setting.field)) put_field(message, setting);
  }
  put_change_info(message, change);
  put_ipv6(message, change);
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
