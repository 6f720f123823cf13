// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace netyard {

/// A tun or tap that stays when no program has it open.
struct TunDevice {
  std::string name;
  std::uint32_t ifindex = 0;  // 0: the kernel chooses
  bool tap = false;           // Ethernet frames, else IP packets
  bool multi_queue = false;
  bool packet_information = false;
  bool vnet_header = false;
  std::optional<std::uint32_t> owner;  // uid
  std::optional<std::uint32_t> group;  // gid
};

/// Makes it in the calling thread's network namespace, by /dev/net/tun. Throws Error.
/// Documentation/networking/tuntap.rst.
void create_tun(const TunDevice& device);

/// Throws Error when there is no /dev/net/tun that can be opened.
void require_tun();

}  // namespace netyard
