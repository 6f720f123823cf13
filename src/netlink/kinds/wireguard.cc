// SPDX-License-Identifier: Apache-2.0
#include <linux/wireguard.h>

#include "netlink/kinds/table.h"

namespace netyard::kinds {
namespace {

constexpr Field kDeviceFields[] = {
    {
        .key = "listen_port",
        NETYARD_ATTRIBUTE(WGDEVICE_A_LISTEN_PORT),
        .syntax = Syntax::number,
        .wire = Wire::u16,
        .min = 1,
        .max = UINT16_MAX,
        .help = "UDP port",
        .fallback = "51820, one more for each further of the node",
    },
    {
        .key = "fwmark",
        NETYARD_ATTRIBUTE(WGDEVICE_A_FWMARK),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = UINT32_MAX,
        .help = "mark of the outer packets",
        .fallback = "0",
    },
};

constexpr StructuredKey kStructured[] = {
    {"private_key", "base64 of 32 bytes", "its private key; made anew by each up when not given",
     true},
    {"private_key_file", "path", "a file that holds it"},
    {"peers", "list of mappings", "who it speaks with: keys below"},
    {"peers: peer", "NODE:INTERFACE", "a wireguard link of the lab"},
    {"peers: public_key", "base64 of 32 bytes", "somebody outside of the lab, instead of peer"},
    {"peers: endpoint", "ADDRESS:PORT or none", "where it is; found from the lab for a peer"},
    {"peers: allowed_ips", "list of prefixes",
     "what is sent to it and taken from it; a peer's addresses"},
    {"peers: keepalive", "a time from 0 to 65535s", "how often to say something"},
    {"peers: preshared_key", "base64 of 32 bytes", "a further key that both know", true},
    {"peers: preshared_key_file", "path", "a file that holds it"},
};

}  // namespace

// drivers/net/wireguard/netlink.c
const LinkKind wireguard = {
    .name = "wireguard",
    .ordering = LinkClass::standalone,
    .fields = {},
    .help = "IP over UDP, authenticated and encrypted",
    .kernel_option = "CONFIG_WIREGUARD",
    .example = "{type: wireguard, endpoint: a:wg0, ipv4: 10.8.0.1/24, peers: [{peer: \"b:wg0\"}]}",
    .own_mac = false,
    .overhead = 60,
    .overhead_words = "20 IPv4, 8 UDP, 32 WireGuard",
    .device_fields = kDeviceFields,
    .structured = kStructured,
};

}  // namespace netyard::kinds
