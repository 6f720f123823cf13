// SPDX-License-Identifier: Apache-2.0
// At build time: compiles the default seccomp profile. Usage: compile_default PROFILE OUTPUT
#include <fcntl.h>

#include <cstdio>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "process/seccomp_profile.h"
#include "process/seccomp_shorten.h"

int main(int argc, char** argv) {
  using namespace netyard;
  if (argc != 3) return 2;
  try {
    constexpr std::size_t kLargest = 1 << 20;
    const SeccompFilter filter = shorten(
        compile_seccomp_profile(parse_seccomp_profile(read_file(argv[1], kLargest), argv[1], 0)));
    const FileDescriptor out = open_file(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
    write_all(out.get(),
              std::string(reinterpret_cast<const char*>(filter.data()),
                          filter.size() * sizeof(sock_filter)),
              argv[2]);
    std::printf("%zu instructions\n", filter.size());
    return 0;
  } catch (const Error& error) {
    std::fputs(error.render().c_str(), stderr);
    return 1;
  }
}
