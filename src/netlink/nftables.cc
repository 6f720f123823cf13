// SPDX-License-Identifier: Apache-2.0
#include "netlink/nftables.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>

#include "base/error.h"

namespace netyard {

bool has_nft_tables(Socket& socket) {
  Message request(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, 0);
  nfgenmsg header{};
  header.nfgen_family = NFPROTO_UNSPEC;
  header.version = NFNETLINK_V0;
  request.header(header);
  bool found = false;
  try {
    socket.dump(
        std::move(request), [&](const nlmsghdr*) { found = true; }, [&] { found = false; });
  } catch (const Error& error) {
    if (error.code() != EOPNOTSUPP && error.code() != EINVAL) throw;
  }
  return found;
}

}  // namespace netyard
