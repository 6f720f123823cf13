// SPDX-License-Identifier: Apache-2.0
#include "netlink/generic.h"

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
    const nlattr* id = Attributes(answer, sizeof(genlmsghdr)).find(CTRL_ATTR_FAMILY_ID);
    if (id != nullptr) found = payload<std::uint16_t>(id);
  });
  return found;
}

}  // namespace netyard
