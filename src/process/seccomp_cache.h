// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "process/seccomp_profile.h"

namespace netyard {

/// The program that `compile` makes of a profile, which `text` says in full; kept below
/// image_cache() for the next time: compiling takes 10 to 20 ms. A cache that is not ours alone, or
/// cannot be written, is not used. Throws what `compile` throws.
SeccompFilter cached_seccomp_program(const std::string& text,
                                     const std::function<SeccompFilter()>& compile);

}  // namespace netyard
