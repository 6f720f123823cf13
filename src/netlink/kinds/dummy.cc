// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/table.h"

namespace netyard::kinds {
// drivers/net/dummy.c
const LinkKind dummy = {
    .name = "dummy",
    .ordering = LinkClass::standalone,
    .fields = {},
    .help = "an interface that drops what is sent to it: for addresses and routes",
    .kernel_option = "CONFIG_DUMMY",
    .example = "{type: dummy, endpoint: a:dummy0, ipv4: 10.1.0.1/32}",
};

}  // namespace netyard::kinds
