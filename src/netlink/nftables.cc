// SPDX-License-Identifier: Apache-2.0
#include "netlink/nftables.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <cerrno>
#include <map>
#include <optional>

#include "base/error.h"
#include "netlink/attributes.h"
#include "netlink/socket.h"

namespace netyard {
namespace {

const std::map<std::uint8_t, const char*> kFamilies = {
    {NFPROTO_INET, "inet"}, {NFPROTO_IPV4, "ip"},       {NFPROTO_IPV6, "ip6"},
    {NFPROTO_ARP, "arp"},   {NFPROTO_BRIDGE, "bridge"}, {NFPROTO_NETDEV, "netdev"}};

Message request_of(int type) {
  Message out(static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | type), 0);
  nfgenmsg header{};
  header.nfgen_family = NFPROTO_UNSPEC;
  header.version = NFNETLINK_V0;
  out.header(header);
  return out;
}

// nullopt: the kernel has no nfnetlink.
std::optional<Socket> open_socket() {
  try {
    return Socket(NETLINK_NETFILTER);
  } catch (const Error& error) {
    if (error.code() == EPROTONOSUPPORT) return {};
    throw;
  }
}

// What a kernel with nfnetlink and without nf_tables says.
bool has_no_nftables(int error) {
  return error == EINVAL || error == EOPNOTSUPP;
}

}  // namespace

std::uint32_t nft_generation() {
  auto socket = open_socket();
  if (!socket) return 0;
  std::uint32_t generation = 0;
  const Ack ack = socket->get(request_of(NFT_MSG_GETGEN), [&](const nlmsghdr* message) {
    const nlattr* id = Attributes(message, sizeof(nfgenmsg)).find(NFTA_GEN_ID);
    if (id != nullptr) generation = ntohl(payload<std::uint32_t>(id));
  });
  if (!ack.ok() && !has_no_nftables(ack.error)) throw_refused(ack, "look at", "nftables");
  return generation;
}

std::vector<std::string> nft_tables() {
  auto socket = open_socket();
  std::vector<std::string> out;
  if (!socket) return out;
  const auto take = [&](const nlmsghdr* message) {
    const auto family = kFamilies.find(family_header<nfgenmsg>(message).nfgen_family);
    const nlattr* name = Attributes(message, sizeof(nfgenmsg)).find(NFTA_TABLE_NAME);
    if (family == kFamilies.end() || name == nullptr) return;
    out.push_back(std::string(family->second) + " " + text_of(name));
  };
  try {
    socket->dump(request_of(NFT_MSG_GETTABLE), take, [&] { out.clear(); });
  } catch (const Error& error) {
    if (!has_no_nftables(error.code())) throw;
  }
  return out;
}

}  // namespace netyard
