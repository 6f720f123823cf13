// SPDX-License-Identifier: Apache-2.0
#include "netlink/observe_link6.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "netlink/attributes.h"

namespace netyard {

std::map<std::uint32_t, Link6State> observe_links6(Socket& socket) {
  Message request(RTM_GETLINK, 0);
  ifinfomsg asked{};
  asked.ifi_family = AF_INET6;
  request.header(asked);
  std::map<std::uint32_t, Link6State> out;
  const auto take = [&](const nlmsghdr* message) {
    const auto header = family_header<ifinfomsg>(message);
    const nlattr* six = Attributes(message, sizeof header).find(IFLA_PROTINFO);
    // Without IPv6 the kernel answers with links of all families.
    if (six == nullptr || header.ifi_family != AF_INET6) return;
    const Attributes attributes(six);
    Link6State& state = out[static_cast<std::uint32_t>(header.ifi_index)];
    state.generation =
        static_cast<AddressGeneration>(attributes.number(IFLA_INET6_ADDR_GEN_MODE).value_or(0));
    state.token = attributes.address(IFLA_INET6_TOKEN);
    if (state.token && state.token->is_unspecified()) state.token.reset();
  };
  socket.dump(std::move(request), take, [&] { out.clear(); });
  return out;
}

}  // namespace netyard
