// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/seccomp_profile.h"
#include "process/workload.h"

namespace netyard {

/// The program that keeps a policy; empty for `unconfined`. Our own profile was compiled when
/// netyard was built, and the lists of a policy are put in front of it: nothing is compiled here
/// but an OCI profile or a bare list, once: seccomp_cache.h. Throws Error.
SeccompFilter make_seccomp_filter(const SeccompPolicy& policy, CapabilitySet capabilities);

}  // namespace netyard
