// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/seccomp.h>

#include "process/seccomp_profile.h"

namespace netyard {

/// A program of libseccomp's with the same decisions in a third of the instructions: the kernel
/// translates all of them each time that one is installed. Numbers that are next to one another and
/// decided alike are one comparison. What has other instructions than libseccomp makes, or would
/// not fit, comes back as it is.
SeccompFilter shorten(const SeccompFilter& filter);

/// What a program decides, as the kernel runs it.
SeccompReturn decide(const SeccompFilter& filter, const seccomp_data& data);

}  // namespace netyard
