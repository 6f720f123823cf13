// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace netyard {

/// The init program (init/init.cc), an ELF file.
std::string_view embedded_init();
/// The default seccomp profile (profiles/default.json) as BPF instructions.
std::string_view embedded_seccomp();

}  // namespace netyard
