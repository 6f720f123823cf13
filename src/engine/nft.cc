// SPDX-License-Identifier: Apache-2.0
#include "engine/nft.h"

#include <cstdint>

#include "engine/preflight.h"
#include "netlink/link.h"
#include "netlink/socket.h"
#include "netns/namespace.h"

namespace netyard {
namespace {

constexpr std::size_t kMostOutput = std::size_t{64} << 20;  // large rulesets are listed, too

}  // namespace

Command nft(std::vector<std::string> words, int namespace_fd, std::string input) {
  Command command;
  command.argv = std::move(words);
  command.argv.insert(command.argv.begin(), "nft");
  command.namespace_fd = namespace_fd;
  command.only_network = true;
  command.input = std::move(input);
  command.most_output = kMostOutput;
  return command;
}

FileDescriptor stand_in(const Node& node) {
  FileDescriptor made = scratch_namespace();
  Socket socket = socket_in(made.get());
  std::uint32_t number = 0;
  for (const auto& interface : node.interfaces) {
    if (interface.name == "lo") continue;
    NewLink link;
    link.kind = find_link_kind("veth");
    link.name = interface.name;
    link.peer = LinkPeer{"ny!" + std::to_string(number++), 0, {}};
    const Ack ack = socket.request(new_link(link));
    if (!ack.ok()) break;  // then nft says what it misses
  }
  return made;
}

std::string drop_table_text(const std::string& table) {
  // Adding it first makes one that is gone no failure; both are one transaction.
  return "add table " + table + "; delete table " + table;
}

}  // namespace netyard
