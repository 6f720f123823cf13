// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "netlink/kind.h"

namespace netyard::kinds {

// One table a file in this directory; src/netlink/kind.cc lists them.
extern const LinkKind bond, bridge, dummy, erspan, geneve, gre, gretap, ifb, ip6gre, ip6gretap,
    ip6tnl, ipip, ipvlan, ipvtap, macsec, macvlan, macvtap, netkit, nlmon, sit, tap, tun, vcan,
    veth, vlan, vrf, vti, vti6, vxcan, vxlan, wireguard, xfrm;

}  // namespace netyard::kinds
