// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/diagnostics.h"
#include "topology/traffic.h"

namespace netyard {

/// The messages that make a `qdisc:` of the file: root 1:, its classes, what waits in them,
/// filters. Mistakes go to diagnostics. mtu in bytes; 0: 1500.
std::vector<ShapingStep> make_qdisc_tree(const spec::QdiscUse& qdisc, std::uint32_t ifindex,
                                         std::uint32_t mtu, Diagnostics& diagnostics);

}  // namespace netyard
