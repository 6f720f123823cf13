// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "netlink/offload.h"
#include "netlink/socket.h"

namespace netyard {

/// The ethtool family of generic netlink, in one namespace (Documentation/networking/
/// ethtool-netlink.rst).
class EthtoolSocket {
 public:
  /// Opens the socket in the calling thread's namespace. Throws Error where the kernel has no
  /// ethtool netlink (CONFIG_ETHTOOL_NETLINK).
  EthtoolSocket();

  /// Turns features of a link on or off, and makes sure that they are. Throws Error naming `link`
  /// and the feature that the driver has fixed, or the kernel does not know.
  void set(std::uint32_t ifindex, const std::string& link,
           std::span<const OffloadSetting> settings);
  /// The features that are on.
  std::set<std::string> active(std::uint32_t ifindex, const std::string& link);
  /// Those that are asked for, whether others let them be on or not.
  std::set<std::string> wanted(std::uint32_t ifindex, const std::string& link);

 private:
  std::set<std::string> features(std::uint32_t ifindex, const std::string& link,
                                 std::uint16_t attribute);
  Message message(std::uint8_t command, std::uint32_t ifindex, std::uint32_t flags) const;

  Socket socket_;
  std::uint16_t family_ = 0;
};

}  // namespace netyard
