// SPDX-License-Identifier: Apache-2.0
// Fields of tun and tap: flags and calls of ioctl(2), src/netns/tun.cc.
#pragma once

#include "netlink/kinds/table.h"

namespace netyard::kinds {

inline constexpr Field kTunFields[] = {
    {
        .key = "owner",
        .attribute = 0,
        .attribute_name = "",
        .syntax = Syntax::text,
        .wire = Wire::own,
        .min = 1,
        .max = 64,
        .help = "user, by name or number, who may attach to it without privilege",
        .fallback = "root",
    },
    {
        .key = "group",
        .attribute = 0,
        .attribute_name = "",
        .syntax = Syntax::text,
        .wire = Wire::own,
        .min = 1,
        .max = 64,
        .help = "group that may",
        .fallback = "none",
    },
    {
        .key = "multi_queue",
        .attribute = 0,
        .attribute_name = "",
        .syntax = Syntax::flag,
        .wire = Wire::own,
        .help = "several descriptors may attach, a queue each",
        .fallback = "false",
    },
    {
        .key = "pi",
        .attribute = 0,
        .attribute_name = "",
        .syntax = Syntax::flag,
        .wire = Wire::own,
        .help = "four bytes of flags and protocol before each packet",
        .fallback = "false",
    },
    {
        .key = "vnet_hdr",
        .attribute = 0,
        .attribute_name = "",
        .syntax = Syntax::flag,
        .wire = Wire::own,
        .help = "a virtio_net_hdr before each packet",
        .fallback = "false",
    },
};

}  // namespace netyard::kinds
