// SPDX-License-Identifier: Apache-2.0
// Fields of tun and tap: set by flags and calls of ioctl(2), src/netns/tun.cc; shown by rtnetlink.
#pragma once

#include <grp.h>
#include <pwd.h>

#include <string>

#include "netlink/attributes.h"
#include "netlink/kinds/table.h"

namespace netyard::kinds {

/// Users and groups by name where they have one, as files say them.
inline std::optional<FieldValue> get_user(const Attributes& attributes, const Field& field) {
  const auto id = attributes.number(field.attribute);
  if (!id) return {};
  const passwd* user = getpwuid(*id);
  return user != nullptr ? std::string(user->pw_name) : std::to_string(*id);
}
inline std::optional<FieldValue> get_group(const Attributes& attributes, const Field& field) {
  const auto id = attributes.number(field.attribute);
  if (!id) return {};
  const group* found = getgrgid(*id);
  return found != nullptr ? std::string(found->gr_name) : std::to_string(*id);
}
inline std::optional<FieldValue> get_flag(const Attributes& attributes, const Field& field) {
  const nlattr* attribute = attributes.find(field.attribute);
  if (attribute == nullptr) return {};
  return std::uint64_t{payload<std::uint8_t>(attribute) != 0 ? 1U : 0U};
}

inline constexpr Field kTunFields[] = {
    {
        .key = "owner",
        NETYARD_ATTRIBUTE(IFLA_TUN_OWNER),
        .syntax = Syntax::text,
        .wire = Wire::own,
        .min = 1,
        .max = 64,
        .help = "user, by name or number, who may attach to it without privilege",
        .fallback = "root",
        .get = get_user,
    },
    {
        .key = "group",
        NETYARD_ATTRIBUTE(IFLA_TUN_GROUP),
        .syntax = Syntax::text,
        .wire = Wire::own,
        .min = 1,
        .max = 64,
        .help = "group that may",
        .fallback = "none",
        .get = get_group,
    },
    {
        .key = "multi_queue",
        NETYARD_ATTRIBUTE(IFLA_TUN_MULTI_QUEUE),
        .syntax = Syntax::flag,
        .wire = Wire::own,
        .help = "several descriptors may attach, a queue each",
        .fallback = "false",
        .get = get_flag,
    },
    {
        .key = "pi",
        NETYARD_ATTRIBUTE(IFLA_TUN_PI),
        .syntax = Syntax::flag,
        .wire = Wire::own,
        .help = "four bytes of flags and protocol before each packet",
        .fallback = "false",
        .get = get_flag,
    },
    {
        .key = "vnet_hdr",
        NETYARD_ATTRIBUTE(IFLA_TUN_VNET_HDR),
        .syntax = Syntax::flag,
        .wire = Wire::own,
        .help = "a virtio_net_hdr before each packet",
        .fallback = "false",
        .get = get_flag,
    },
};

}  // namespace netyard::kinds
