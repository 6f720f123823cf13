// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>

#include "base/error.h"
#include "base/sysctl_path.h"
#include "engine/export_view.h"
#include "engine/preflight.h"
#include "netlink/observe_link6.h"
#include "netns/namespace.h"
#include "netns/sysctl.h"

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

std::string tidy(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text;
}

bool is_setting(const fs::directory_entry& entry) {
  std::error_code failed;
  if (!entry.is_regular_file(failed)) return false;
  const auto mode = entry.status(failed).permissions();
  return (mode & fs::perms::owner_read) != fs::perms::none &&
         (mode & fs::perms::owner_write) != fs::perms::none;
}

// All that a namespace has, with what they are when nobody has written them.
Sysctls read_fresh() {
  const FileDescriptor fresh = scratch_namespace();
  const NamespaceScope inside(fresh.get());
  Sysctls out;
  std::error_code failed;
  // Looked up by the thread that reads: the directory of another namespace would be stale.
  for (fs::recursive_directory_iterator at("/proc/sys/net", failed), end; !failed && at != end;
       at.increment(failed)) {
    const std::string path = at->path().string().substr(std::string("/proc/sys/").size());
    if (!is_setting(*at) || is_passed_over(path)) continue;
    try {
      out[path] = tidy(read_file(at->path().string(), 64 << 10));
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

// What a link has, by a table that has no `default`.
constexpr const char* kMplsTable = "net/mpls/conf/";
constexpr const char* kMplsInput = "/input";

class SysctlReader {
 public:
  explicit SysctlReader(const Sysctls& fresh) : fresh_(fresh) {
    for (const auto& [path, value] : fresh) {
      const Place place = place_of(path);
      if (place.interface == "default") of_links_.push_back(place);
    }
  }

  Sysctls read(const NamespaceView& view) {
    const NamespaceScope inside(view.fd.get());
    files_.next_namespace();
    Sysctls out;
    for (const auto& [path, value] : fresh_) read_one(path, out);
    for (const auto& link : view.links) {
      if (link.ifindex == 1 || view.left_out.contains(link.name)) continue;
      for (const Place& place : of_links_) read_one(place.table + link.name + place.rest, out);
      if (fresh_.contains("net/mpls/platform_labels")) {
        read_one(kMplsTable + link.name + kMplsInput, out);
      }
    }
    return out;
  }

 private:
  void read_one(const std::string& path, Sysctls& out) {
    try {
      out[path] = tidy(files_.read(path));
    } catch (const Error&) {  // of links without IPv6, say
    }
  }

  const Sysctls& fresh_;
  std::vector<Place> of_links_;
  SysctlWriter files_;
};

// What it is when nobody has written it; nullptr when that is not known.
const std::string* usual_value(const std::string& path, const Sysctls& now, const Sysctls& fresh) {
  static const std::string kOff = "0";
  const Place place = place_of(path);
  // A new link has what `default` has; lo was there before.
  const bool is_new = !place.interface.empty() && place.interface != "default" &&
                      place.interface != "all" && place.interface != "lo";
  if (is_new && place.table == kMplsTable) return &kOff;
  const Sysctls& before = is_new ? now : fresh;
  const auto found = before.find(is_new ? place.table + "default" + place.rest : path);
  return found != before.end() ? &found->second : nullptr;
}

}  // namespace

void export_sysctls(std::vector<NamespaceView>& views) {
  const Sysctls fresh = read_fresh();
  SysctlReader reader(fresh);
  for (auto& view : views) {
    const Sysctls now = reader.read(view);
    OrderedJson out = OrderedJson::object();
    for (const auto& [path, value] : now) {
      const std::string* usual = usual_value(path, now, fresh);
      if (usual != nullptr && *usual != value) out[key_of(path)] = value;
    }
    if (!out.empty()) view.node["sysctls"] = std::move(out);
    export_address_making(view, now);
  }
}

}  // namespace netyard
