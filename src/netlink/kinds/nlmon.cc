// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/table.h"

namespace netyard::kinds {
// drivers/net/nlmon.c
const LinkKind nlmon = {
    .name = "nlmon",
    .ordering = LinkClass::standalone,
    .fields = {},
    .help = "shows the netlink messages of the machine to packet captures",
    .kernel_option = "CONFIG_NLMON",
    .example = "{type: nlmon, endpoint: a:nlmon0}",
    .own_mac = false,
};

}  // namespace netyard::kinds
