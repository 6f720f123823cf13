// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

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
    if (found == links6.end() || link.ifindex == kLoopback || view.left_out.contains(link.name))
      continue;
    const auto& [generation, token] = found->second;
    if (std::to_string(static_cast<int>(generation)) != usual) {
      view.interface(link)["addr_gen_mode"] = to_string(generation);
    }
    if (token) view.interface(link)["token"] = token->to_string();
  }
}

class SysctlReader {
 public:
  // lo has what every link has.
  explicit SysctlReader(const Sysctls& fresh) : fresh_(fresh) {
    for (const auto& [path, value] : fresh) {
      if (link_of_sysctl(path) == "lo") of_links_.push_back(path);
    }
  }

  Sysctls read(const NamespaceView& view) {
    const NamespaceScope inside(view.fd.get());
    files_.next_namespace();
    Sysctls out;
    for (const auto& [path, value] : fresh_) read_one(path, out);
    for (const auto& link : view.links) {
      if (link.ifindex == kLoopback || view.left_out.contains(link.name)) continue;
      for (const auto& path : of_links_) read_one(sysctl_of_link(path, link.name), out);
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
  std::vector<std::string> of_links_;
  SysctlWriter files_;
};

// What it is when nobody has written it. A namespace is new with some links (lo, sit0); other links
// begin with what `default` has now, or with 0 where there is no such thing.
std::string usual_value(const std::string& path, const Sysctls& now, const Sysctls& fresh) {
  if (const auto found = fresh.find(path); found != fresh.end()) return found->second;
  const std::string source = default_of_sysctl(path);
  if (source.empty()) return "0";
  // That of neigh is lo's, which may have been written.
  const Sysctls& known = link_of_sysctl(source).empty() ? now : fresh;
  const auto found = known.find(source);
  return found != known.end() ? found->second : now.at(path);
}

}  // namespace

void export_sysctls(std::vector<NamespaceView>& views, const Note& note) {
  const Sysctls fresh = read_fresh();
  SysctlReader reader(fresh);
  for (auto& view : views) {
    const Sysctls now = reader.read(view);
    OrderedJson out = OrderedJson::object();
    for (const auto& [path, value] : now) {
      if (usual_value(path, now, fresh) == value) continue;
      if (view.left_out.contains(link_of_sysctl(path))) {
        note(fmt::format("{}: sysctl {} is left out with its interface", view.name, key_of(path)));
      } else {
        out[key_of(path)] = value;
      }
    }
    if (!out.empty()) view.node["sysctls"] = std::move(out);
    export_address_making(view, now);
  }
}

}  // namespace netyard
