// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/table.h"

namespace netyard::kinds {
// drivers/net/ifb.c
const LinkKind ifb = {
    .name = "ifb",
    .ordering = LinkClass::standalone,
    .fields = {},
    .help = "intermediate functional block: a queue that traffic is redirected into",
    .kernel_option = "CONFIG_IFB",
    .example = "{type: ifb, endpoint: a:ifb0}",
};

}  // namespace netyard::kinds
