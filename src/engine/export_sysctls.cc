// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/error.h"
#include "base/sysctl_path.h"
#include "engine/export_view.h"
#include "netlink/observe_link6.h"
#include "netns/namespace.h"

namespace netyard {
namespace {

namespace fs = std::filesystem;
using Sysctls = std::map<std::string, std::string>;  // "net/ipv4/ip_forward" to its text

// Each holds the sysctls of interfaces, "default" and "all" beside them.
constexpr const char* kByInterface[] = {"net/ipv4/conf/", "net/ipv6/conf/", "net/ipv4/neigh/",
                                        "net/ipv6/neigh/", "net/mpls/conf/"};
// Counters, actions, secrets, and one value under two names.
constexpr std::string_view kPassedOver[] = {
    "nf_conntrack_count",   "flush",      "stable_secret",   "retrans_time",
    "base_reachable_time",  "unres_qlen", "addr_gen_mode",   "mtu",
    "nf_conntrack_buckets", "accept_dad", "tcp_fastopen_key"};

bool is_passed_over(const std::string& path) {
  if (path.ends_with("/default/addr_gen_mode")) return false;
  const std::string name = path.substr(path.rfind('/') + 1);
  return std::find(std::begin(kPassedOver), std::end(kPassedOver), name) != std::end(kPassedOver);
}

Sysctls read_all(int namespace_fd) {
  const NamespaceScope inside(namespace_fd);
  Sysctls out;
  std::error_code failed;
  // Looked up by the thread that reads: the directory of another namespace would be stale.
  for (fs::recursive_directory_iterator at("/proc/sys/net", failed), end; !failed && at != end;
       at.increment(failed)) {
    if (!at->is_regular_file(failed)) continue;
    const auto mode = at->status(failed).permissions();
    const bool both = (mode & fs::perms::owner_read) != fs::perms::none &&
                      (mode & fs::perms::owner_write) != fs::perms::none;
    if (!both) continue;
    const std::string path = at->path().string().substr(std::string("/proc/sys/").size());
    if (is_passed_over(path)) continue;
    try {
      std::string text = read_file(at->path().string(), 64 << 10);
      while (!text.empty() && text.back() == '\n') text.pop_back();
      std::replace(text.begin(), text.end(), '\t', ' ');
      out[path] = text;
    } catch (const Error&) {  // some refuse to be read
    }
  }
  return out;
}

// "net/ipv4/conf/" of "net/ipv4/conf/eth0/rp_filter", and "eth0"; "" for others.
struct Place {
  std::string table, interface, rest;
};
Place place_of(const std::string& path) {
  for (const std::string table : kByInterface) {
    if (!path.starts_with(table)) continue;
    const std::size_t end = path.find('/', table.size());
    if (end == std::string::npos) continue;
    return {table, path.substr(table.size(), end - table.size()), path.substr(end)};
  }
  return {};
}

// In the words of a file: '.' between, unless an interface's name has one.
std::string key_of(const std::string& path) {
  if (path.find('.') != std::string::npos) return path;
  std::string out = path;
  std::replace(out.begin(), out.end(), '/', '.');
  return out;
}

// Keys of their own: sysctls would come too late.
void export_address_making(NamespaceView& view, const Sysctls& now) {
  const auto of_new = now.find("net/ipv6/conf/default/addr_gen_mode");
  const std::string usual = of_new != now.end() ? of_new->second : "0";
  const auto links6 = observe_links6(view.socket);
  for (const auto& link : view.links) {
    const auto found = links6.find(link.ifindex);
    if (found == links6.end() || link.ifindex == 1 || view.left_out.contains(link.name)) continue;
    const auto& [generation, token] = found->second;
    if (std::to_string(static_cast<int>(generation)) != usual) {
      view.interface(link)["addr_gen_mode"] = to_string(generation);
    }
    if (token) view.interface(link)["token"] = token->to_string();
  }
}

}  // namespace

void export_sysctls(NamespaceView& view, const Note&) {
  static const Sysctls fresh = read_all(fresh_namespace().get());
  const Sysctls now = read_all(view.fd.get());
  OrderedJson out = OrderedJson::object();
  for (const auto& [path, value] : now) {
    const Place place = place_of(path);
    const bool of_interface =
        !place.interface.empty() && place.interface != "default" && place.interface != "all";
    if (of_interface && view.left_out.contains(place.interface)) continue;
    // A new link has what `default` has; lo was there before.
    const bool is_new = of_interface && place.interface != "lo";
    const Sysctls& before = is_new ? now : fresh;
    const auto usual = before.find(is_new ? place.table + "default" + place.rest : path);
    if (usual == before.end() || usual->second == value) continue;
    out[key_of(path)] = value;
  }
  if (!out.empty()) view.node["sysctls"] = std::move(out);
  export_address_making(view, now);
}

}  // namespace netyard
