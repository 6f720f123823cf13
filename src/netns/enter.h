// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace netyard {

/// Puts the calling process into a network namespace the way `ip netns exec NAME` does: setns, a
/// mount namespace of its own that does not propagate back, /sys of that namespace, and every file
/// of /etc/netns/NAME bound over /etc; and, unless it is "", with a host name of its own. For use
/// right before exec; there is no way back. Throws Error.
void enter_for_exec(int namespace_fd, const std::string& name, const std::string& hostname = {});

}  // namespace netyard
