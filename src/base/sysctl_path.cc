// SPDX-License-Identifier: Apache-2.0
#include "base/sysctl_path.h"

#include <algorithm>

namespace netyard {

std::string sysctl_path(std::string_view key) {
  std::string path(key);
  const std::size_t separator = path.find_first_of("./");
  if (separator != std::string::npos && path[separator] == '.') {
    // sysctl(8) swaps the two, so that net.ipv4.conf.eth0/1.x names eth0.1.
    for (char& c : path) c = c == '.' ? '/' : (c == '/' ? '.' : c);
  }
  const bool control = std::any_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
  });
  const std::string framed = "/" + path + "/";
  const bool bad_part = framed.find("//") != std::string::npos ||
                        framed.find("/../") != std::string::npos ||
                        framed.find("/./") != std::string::npos;
  if (control || bad_part || !path.starts_with("net/")) return {};
  return path;
}

}  // namespace netyard
