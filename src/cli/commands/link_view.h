// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/link.h"

namespace netyard::cli {

/// Adds the other end, where it is in a node.
void add_peer(const std::string& lab, std::vector<LinkEnd>& ends);
void print_links(const std::string& lab, const std::vector<LinkView>& links, bool json);

}  // namespace netyard::cli
