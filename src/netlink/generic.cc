// SPDX-License-Identifier: Apache-2.0
#include "netlink/generic.h"

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "netlink/attributes.h"

namespace netyard {

Message generic_message(std::uint16_t family, std::uint8_t command, std::uint8_t version) {
  Message message(family, 0);
  genlmsghdr header{};
  header.cmd = command;
  header.version = version;
  message.header(header);
  return message;
}

std::optional<std::uint16_t> find_generic_family(Socket& socket, const char* name) {
  Message request = generic_message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
  request.put_string(CTRL_ATTR_FAMILY_NAME, name);
  std::optional<std::uint16_t> found;
  socket.get(std::move(request), [&](const nlmsghdr* answer) {
    const auto take = [](const nlattr* attribute, void* out) -> int {
      if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID) {
        *static_cast<std::optional<std::uint16_t>*>(out) = payload<std::uint16_t>(attribute);
      }
      return MNL_CB_OK;
    };
    mnl_attr_parse(answer, sizeof(genlmsghdr), take, &found);
  });
  return found;
}

}  // namespace netyard
