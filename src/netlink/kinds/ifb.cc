// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/kinds.h"

namespace netyard::kinds {

// drivers/net/ifb.c
const LinkKind ifb = {"ifb",
                      LinkClass::standalone,
                      {},
                      "intermediate functional block: a queue that traffic is redirected into",
                      "CONFIG_IFB"};

}  // namespace netyard::kinds
