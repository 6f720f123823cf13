// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "netlink/kind.h"

namespace netyard {

class Message;

/// The other end of a link pair.
struct LinkPeer {
  std::string name;
  std::uint32_t ifindex = 0;  // 0: the kernel chooses
  std::optional<MacAddress> mac;
  friend bool operator==(const LinkPeer&, const LinkPeer&) = default;
};

/// A link to be made. Both ends of a pair get the same MTU.
struct NewLink {
  const LinkKind* kind = nullptr;
  std::string name;
  std::uint32_t ifindex = 0;  // 0: the kernel chooses
  std::optional<MacAddress> mac;
  std::uint32_t mtu = 0;     // bytes; 0: the kernel's default
  std::uint32_t parent = 0;  // ifindex the link stands on; 0: none
  std::uint32_t master = 0;  // ifindex in the link's own namespace; 0: none
  bool up = false;           // sets the first end up; the kernel refuses it for the peer
  std::vector<FieldSetting> settings;
  std::optional<LinkPeer> peer;
  friend bool operator==(const NewLink&, const NewLink&) = default;
};

/// How a link makes its IPv6 addresses: IN6_ADDR_GEN_MODE_… of include/uapi/linux/if_link.h.
enum class AddressGeneration : std::uint8_t { eui64, none, stable_secret, random };
/// The word of ip-link(8).
const char* to_string(AddressGeneration mode);

/// What to change of a link that is there.
struct LinkChange {
  std::uint32_t ifindex = 0;
  std::optional<bool> up;
  std::optional<std::uint32_t> master;  // 0: no master
  std::optional<std::uint32_t> mtu;     // bytes
  std::optional<MacAddress> mac;
  std::optional<std::string> name;
  std::optional<AddressGeneration> address_generation;  // IFLA_INET6_ADDR_GEN_MODE
  std::optional<IpAddress> token;                       // IFLA_INET6_TOKEN
  std::vector<FieldSetting> common;                     // of link_fields()
  const LinkKind* kind = nullptr;                       // of `settings`
  std::vector<FieldSetting> settings;
  const LinkKind* master_kind = nullptr;  // of `port`; the link has its master already
  std::vector<FieldSetting> port;
  std::optional<std::uint32_t> gso_max_segs;  // segments in what TCP hands down; 1: packets
  std::optional<std::uint32_t> gso_max_size;  // bytes
  friend bool operator==(const LinkChange&, const LinkChange&) = default;
};

/// Operational state, RFC 2863 (IFLA_OPERSTATE).
enum class OperState : std::uint8_t {
  unknown,
  not_present,
  down,
  lower_layer_down,
  testing,
  dormant,
  up
};
const char* to_string(OperState state);

/// The ifindex of lo, in every namespace.
constexpr std::uint32_t kLoopback = 1;

/// A link as the kernel shows it.
struct LinkState {
  std::uint32_t ifindex = 0;
  std::string name;
  std::string kind;  // "" for hardware and lo
  std::optional<MacAddress> mac;
  std::uint32_t mtu = 0;
  bool up = false;          // IFF_UP
  std::uint32_t flags = 0;  // IFF_…
  OperState operstate = OperState::unknown;
  std::uint32_t master = 0;
  std::uint32_t parent = 0;        // IFLA_LINK: the peer of a veth
  std::optional<int> parent_nsid;  // IFLA_LINK_NETNSID: parent is in another namespace
  std::string details;             // attributes of the kernel's answer, for netlink/link_data.h
};

/// RTM_NEWLINK that creates (NLM_F_CREATE|NLM_F_EXCL). Descriptors: -1 is the socket's own
/// namespace. namespace_fd is where the first end is made, peer_namespace_fd where the peer is
/// (rtnetlink(7), drivers/net/veth.c).
Message new_link(const NewLink& link, int namespace_fd = -1, int peer_namespace_fd = -1);
/// RTM_SETLINK; with settings of a kind or a port RTM_NEWLINK, which alone heeds them.
Message change_link(const LinkChange& change);
/// RTM_SETLINK that moves a link into namespace_fd under a new name; new_ifindex 0 keeps the
/// number. Costs 20-50 ms under RTNL: never used for links that netyard makes.
Message move_link(std::uint32_t ifindex, int namespace_fd, const std::string& new_name,
                  std::uint32_t new_ifindex);
/// RTM_DELLINK.
Message delete_link(std::uint32_t ifindex);
/// RTM_GETLINK for one link by name, or a dump of all when name is "".
Message get_link(const std::string& name = {});

/// Empty when the name will do for an interface (dev_valid_name in net/core/dev.c: 1 to 15 bytes,
/// not
/// "." or "..", no '/', ':' or white space); else what is wrong with it. '%' is refused: a
/// template.
std::string interface_name_problem(std::string_view name);

}  // namespace netyard
