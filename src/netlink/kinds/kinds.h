// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "netlink/kind.h"

namespace netyard::kinds {

// One table a file in this directory; src/netlink/kind.cc lists them.
extern const LinkKind veth;
extern const LinkKind bridge;
extern const LinkKind vxlan;
extern const LinkKind macvlan;
extern const LinkKind ifb;

}  // namespace netyard::kinds
