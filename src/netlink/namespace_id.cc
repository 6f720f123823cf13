// SPDX-License-Identifier: Apache-2.0
#include "netlink/namespace_id.h"

#include <libmnl/libmnl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "netlink/attributes.h"

namespace netyard {

namespace {

int take_id(const nlattr* attribute, void* id) {
  if (mnl_attr_get_type(attribute) == NETNSA_NSID) {
    *static_cast<int*>(id) = payload<int>(attribute);
  }
  return MNL_CB_OK;
}

}  // namespace

std::optional<int> namespace_id(Socket& socket, int namespace_fd) {
  Message request(RTM_GETNSID, 0);
  request.header(rtgenmsg{});
  request.put_u32(NETNSA_FD, static_cast<std::uint32_t>(namespace_fd));
  int id = NETNSA_NSID_NOT_ASSIGNED;
  const Ack ack = socket.get(std::move(request), [&](const nlmsghdr* message) {
    mnl_attr_parse(message, sizeof(rtgenmsg), take_id, &id);
  });
  if (!ack.ok()) throw_refused(ack, "look up", "namespace id");
  if (id == NETNSA_NSID_NOT_ASSIGNED) return {};
  return id;
}

}  // namespace netyard
