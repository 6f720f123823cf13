// SPDX-License-Identifier: Apache-2.0
#include "netlink/xfrm.h"

#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "base/error.h"
#include "base/log.h"
#include "netlink/socket.h"

namespace netyard {
namespace {

// A dump has no family header: the kernel would take it for attributes.
bool has_any(Socket& socket, std::uint16_t type) {
  Message request(type, 0);
  bool found = false;
  socket.dump(
      std::move(request), [&](const nlmsghdr*) { found = true; }, [&] { found = false; });
  return found;
}

}  // namespace

bool has_ipsec() {
  try {
    Socket socket(NETLINK_XFRM);
    return has_any(socket, XFRM_MSG_GETPOLICY) || has_any(socket, XFRM_MSG_GETSA);
  } catch (const Error& error) {
    log::debug(error.what());
    return false;
  }
}

}  // namespace netyard
