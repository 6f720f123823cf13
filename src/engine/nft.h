// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "process/command.h"
#include "topology/topology.h"

namespace netyard {

/// nft(8) in a network namespace; -1: the caller's.
Command nft(std::vector<std::string> words, int namespace_fd, std::string input = {});

/// A network namespace of its own, and links in it that are called like those of a node: nft looks
/// for the interfaces that `iif` names. It is gone with its descriptor. Throws Error.
FileDescriptor stand_in(const Node& node);

/// A line of nft that takes a table ("inet filter") away, whether it is there or not.
std::string drop_table_text(const std::string& table);

}  // namespace netyard
