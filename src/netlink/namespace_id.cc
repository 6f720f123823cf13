// SPDX-License-Identifier: Apache-2.0
#include "netlink/namespace_id.h"

#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "netlink/attributes.h"

namespace netyard {

std::optional<int> namespace_id(Socket& socket, int namespace_fd) {
  Message request(RTM_GETNSID, 0);
  request.header(rtgenmsg{});
  request.put_u32(NETNSA_FD, static_cast<std::uint32_t>(namespace_fd));
  int id = NETNSA_NSID_NOT_ASSIGNED;
  const Ack ack = socket.get(std::move(request), [&](const nlmsghdr* message) {
    const nlattr* found = Attributes(message, sizeof(rtgenmsg)).find(NETNSA_NSID);
    if (found != nullptr) id = payload<int>(found);
  });
  if (!ack.ok()) throw_refused(ack, "look up", "namespace id");
  if (id == NETNSA_NSID_NOT_ASSIGNED) return {};
  return id;
}

}  // namespace netyard
