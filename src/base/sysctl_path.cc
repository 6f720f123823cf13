// SPDX-License-Identifier: Apache-2.0
#include "base/sysctl_path.h"

#include <algorithm>

namespace netyard {
namespace {

struct Span {
  std::size_t begin = 0;
  std::size_t size = 0;
};

// Of "IF" in net/FAMILY/conf/IF/… and net/FAMILY/neigh/IF/…; empty when it is none of these.
Span link_in(std::string_view path) {
  for (const std::string_view table : {"/conf/", "/neigh/"}) {
    const std::size_t at = path.find(table);
    if (at == std::string_view::npos) continue;
    const std::size_t begin = at + table.size();
    const std::size_t end = path.find('/', begin);
    if (end != std::string_view::npos) return {begin, end - begin};
  }
  return {};
}

}  // namespace

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

std::string link_of_sysctl(std::string_view path) {
  const Span link = link_in(path);
  const std::string_view name = path.substr(link.begin, link.size);
  return std::string(name == "all" || name == "default" ? "" : name);
}

std::string sysctl_of_link(std::string_view path, std::string_view link) {
  const Span span = link_in(path);
  return std::string(path).replace(span.begin, span.size, span.size != 0 ? link : "");
}

std::string default_of_sysctl(std::string_view path) {
  if (link_of_sysctl(path).empty()) return std::string(path);
  if (path.starts_with("net/mpls/")) return {};
  const bool is_neigh = path.substr(0, link_in(path).begin).ends_with("/neigh/");
  return sysctl_of_link(path, is_neigh ? "lo" : "default");
}

}  // namespace netyard
