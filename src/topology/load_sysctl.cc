// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/sysctl_path.h"
#include "topology/layer3_reader.h"

namespace netyard::spec {
namespace {

// A family in front of a name, and the directory of the interface that it means.
struct Short {
  const char* prefix;
  const char* directory;
};
constexpr Short kShorts[] = {
    {"ipv4.neigh.", "net/ipv4/neigh/*/"}, {"ipv6.neigh.", "net/ipv6/neigh/*/"},
    {"ipv4.conf.", "net/ipv4/conf/*/"},   {"ipv6.conf.", "net/ipv6/conf/*/"},
    {"ipv4.", "net/ipv4/conf/*/"},        {"ipv6.", "net/ipv6/conf/*/"},
    {"mpls.", "net/mpls/conf/*/"},        {"", "net/ipv4/conf/*/"}};

// "rp_filter" and "ipv6.accept_ra" of an interface; a full name stays what it is.
std::string path_in_interface(const std::string& key) {
  if (key.starts_with("net.") || key.starts_with("net/")) return sysctl_path(key);
  for (const auto& form : kShorts) {
    const std::string prefix = form.prefix;
    if (!key.starts_with(prefix)) continue;
    const std::string leaf = key.substr(prefix.size());
    const bool plain = !leaf.empty() && leaf.find_first_of("./ ") == std::string::npos;
    return plain ? form.directory + leaf : "";
  }
  return {};
}

}  // namespace

std::vector<Sysctl> read_sysctls(Reader& reader, const Tree& value, bool of_interface) {
  std::vector<Sysctl> out;
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping of sysctls")) {
    return out;
  }
  for (const auto& entry : value.entries) {
    const std::string key = reader.expand(entry.key->text, entry.key->at);
    const std::string path = of_interface ? path_in_interface(key) : sysctl_path(key);
    if (path.empty()) {
      reader.error(entry.key->at,
                   fmt::format("'{}' is no sysctl of {}", key,
                               of_interface ? "an interface" : "a network namespace"),
                   of_interface ? "as in rp_filter, ipv6.accept_ra or ipv4.neigh.gc_stale_time"
                                : "they begin with net., as in net.ipv4.ip_forward");
      continue;
    }
    const auto word = reader.text(*entry.value, "a value");
    if (!word) continue;
    // YAML's words for numbers that sysctls know.
    const std::string& said = word->value;
    const std::string number = said == "true" ? "1" : (said == "false" ? "0" : said);
    out.push_back({key, path, number, entry.key->at});
  }
  return out;
}

}  // namespace netyard::spec
