// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "netlink/socket.h"

namespace netyard {

/// Whether there is any nftables table in the namespace of a socket of NETLINK_NETFILTER. A kernel
/// without nftables has none. net/netfilter/nf_tables_api.c.
bool has_nft_tables(Socket& socket);

}  // namespace netyard
