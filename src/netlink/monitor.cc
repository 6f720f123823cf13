// SPDX-License-Identifier: Apache-2.0
#include "netlink/monitor.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/error.h"

namespace netyard {
namespace {

constexpr int kLinkGroups[] = {RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                               RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_RULE,
                               RTNLGRP_IPV6_RULE,  RTNLGRP_NEXTHOP,     RTNLGRP_TC};
constexpr int kNftGroups[] = {NFNLGRP_NFTABLES};

}  // namespace

void Monitor::Closer::operator()(mnl_socket* socket) const {
  mnl_socket_close(socket);
}

Monitor Monitor::of_links() {
  return {NETLINK_ROUTE, kLinkGroups};
}

Monitor Monitor::of_nftables() {
  return {NETLINK_NETFILTER, kNftGroups};
}

Monitor::Monitor(int protocol, std::span<const int> groups)
    : socket_(mnl_socket_open2(protocol, SOCK_CLOEXEC | SOCK_NONBLOCK)) {
  if (!socket_ || mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
    throw system_error("open", "netlink socket");
  }
  for (int group : groups) {
    // EINVAL: a kernel older than the group.
    if (mnl_socket_setsockopt(socket_.get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0 &&
        errno != EINVAL) {
      throw system_error("listen to", "netlink events");
    }
  }
}

int Monitor::fd() const {
  return mnl_socket_get_fd(socket_.get());
}

bool Monitor::drain() {
  char buffer[8192];
  bool any = false;
  while (true) {
    const ssize_t got = recv(fd(), buffer, sizeof buffer, 0);
    if (got < 0 && errno != EINTR && errno != ENOBUFS) return any;
    any |= got > 0 || errno == ENOBUFS;
  }
}

}  // namespace netyard
