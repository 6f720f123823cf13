// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/kinds.h"

namespace netyard::kinds {

// drivers/net/veth.c
const LinkKind veth = {
    "veth", LinkClass::pair, {}, "two ends joined by a virtual cable", "CONFIG_VETH"};

}  // namespace netyard::kinds
