// SPDX-License-Identifier: Apache-2.0
// A seccomp profile as OCI and moby have them, read and compiled.
#include "fuzz/input.h"
#include "process/seccomp_profile.h"

using namespace netyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::may_refuse([&] {
    const SeccompProfile profile =
        parse_seccomp_profile(fuzz::text_of(data, size), "profile.json", {});
    // Compiling is libseccomp's, and too slow for profiles of the full size.
    if (profile.rules.size() <= 4) compile_seccomp_profile(profile);
  });
  return 0;
}
