// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace netyard {

/// Whether the calling thread's namespace has IPsec policies or states; false on a kernel without
/// IPsec. net/xfrm/xfrm_user.c.
bool has_ipsec();

}  // namespace netyard
