// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace netyard {

/// Who a workload runs as, in numbers.
struct Identity {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;
  std::string name;  // "" when the number has none
  std::string home = "/";
};

/// Resolves "NAME[:GROUP]", or numbers, by the passwd and group files of a root file system ("":
/// the host's, by its name service). "" is root. Throws Error for a name that is none, and for
/// numbers in odd clothes: signs, blanks, hexadecimal, 4294967295.
Identity resolve_identity(const std::string& user, const std::vector<std::string>& groups,
                          const std::string& rootfs);

/// False in a user namespace, where root is none: devices cannot be made, nor cgroups of others
/// written.
bool in_initial_user_namespace();

}  // namespace netyard
