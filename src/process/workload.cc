// SPDX-License-Identifier: Apache-2.0
#include "process/workload.h"

#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "base/suggest.h"
#include "base/units.h"
#include "process/capabilities.h"
#include "process/seccomp_profile.h"

namespace netyard {
namespace {

constexpr std::array<std::pair<const char*, int>, 16> kRlimits = {
    {{"as", RLIMIT_AS},
     {"core", RLIMIT_CORE},
     {"cpu", RLIMIT_CPU},
     {"data", RLIMIT_DATA},
     {"fsize", RLIMIT_FSIZE},
     {"locks", RLIMIT_LOCKS},
     {"memlock", RLIMIT_MEMLOCK},
     {"msgqueue", RLIMIT_MSGQUEUE},
     {"nice", RLIMIT_NICE},
     {"nofile", RLIMIT_NOFILE},
     {"nproc", RLIMIT_NPROC},
     {"rss", RLIMIT_RSS},
     {"rtprio", RLIMIT_RTPRIO},
     {"rttime", RLIMIT_RTTIME},
     {"sigpending", RLIMIT_SIGPENDING},
     {"stack", RLIMIT_STACK}}};

const std::vector<std::string> kNamespaces = {"pid", "mount", "uts", "ipc", "cgroup"};

// A process is at least its first pages; less kills it before it is one.
constexpr std::uint64_t kLeastMemory = std::uint64_t{512} << 10;

std::vector<std::string> split(const std::string& text, const char* separators) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool is_cpu_list(const std::string& text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) == 0) return false;
  return text.find_first_not_of("0123456789,-") == std::string::npos &&
         std::isdigit(static_cast<unsigned char>(text.back())) != 0;
}

class WordChecker {
 public:
  explicit WordChecker(const Workload& workload) : workload_(workload) {}

  std::vector<WorkloadProblem> run() {
    const bool images = workload_.argv.empty() && !workload_.rootfs.empty();
    if (!images && (workload_.argv.empty() || workload_.argv.front().empty())) {
      problem("command", "", "there is no command");
    }
    check_capabilities();
    check_seccomp();
    check_limits();
    check_namespaces();
    check_paths();
    check_environment();
    return std::move(out_);
  }

 private:
  void problem(const char* key, const std::string& word, std::string message,
               std::string hint = {}) {
    out_.push_back({key, word, std::move(message), std::move(hint)});
  }

  void check_capabilities() {
    for (const auto& name : workload_.capabilities) {
      if (name == "ALL" || name == "all" || capability_number(name)) continue;
      problem("capabilities", name, fmt::format("there is no capability '{}'", name),
              did_you_mean(name, capability_names()));
    }
  }

  void check_seccomp() {
    const SeccompPolicy& policy = workload_.seccomp;
    for (const auto* list : {&policy.allow, &policy.deny}) {
      for (const auto& name : *list) {
        if (is_system_call(name)) continue;
        problem("seccomp", name, fmt::format("there is no system call '{}'", name),
                did_you_mean(name, system_call_names()));
      }
    }
    if (!workload_.no_new_privs && policy != SeccompPolicy{} &&
        policy.base != SeccompPolicy::Base::unconfined) {
      problem("no_new_privs", "", "a seccomp filter needs no_new_privs");
    }
    if (!workload_.no_new_privs && policy == SeccompPolicy{}) {
      problem("no_new_privs", "", "the default seccomp filter needs no_new_privs",
              "say 'seccomp: unconfined' as well if that is meant");
    }
    if (policy.report && policy.action) {
      problem("seccomp", "",
              "'report' answers refused calls with EPERM: there is no other 'action'");
    }
  }

  void check_limits() {
    const Limits& limits = workload_.limits;
    if (limits.memory && *limits.memory < kLeastMemory) {
      problem(
          "limits", "memory",
          fmt::format("{} of memory are less than a process needs", format_size(*limits.memory)),
          "at least 512K; most programs need some megabytes");
    }
    if (limits.swap && !limits.memory)
      problem("limits", "swap", "a swap limit needs a memory limit");
    // The init of the workload is one, the program another.
    const std::uint32_t least = workload_.shares("pid") ? 1 : 2;
    if (limits.pids && *limits.pids < least) {
      problem(
          "limits", "pids",
          fmt::format("{} is less than the {} processes that it begins with", *limits.pids, least));
    }
    if (limits.cpu_weight && (*limits.cpu_weight < 1 || *limits.cpu_weight > 10000)) {
      problem("limits", "cpu_weight", "a weight is from 1 to 10000");
    }
    if (!limits.cpus.empty() && !is_cpu_list(limits.cpus)) {
      problem("limits", "cpus", fmt::format("'{}' is no list of processors", limits.cpus),
              "as in 0-1,3");
    }
    for (const auto& limit : workload_.rlimits) {
      if (limit.soft > limit.hard) {
        problem("rlimits", limit.name, limit.name + ": the soft limit is above the hard one");
      }
    }
    if (workload_.nice && (*workload_.nice < -20 || *workload_.nice > 19)) {
      problem("nice", "", "nice is from -20 to 19");
    }
    if (workload_.oom_score_adj &&
        (*workload_.oom_score_adj < -1000 || *workload_.oom_score_adj > 1000)) {
      problem("oom_score_adj", "", "oom_score_adj is from -1000 to 1000");
    }
    if (workload_.umask && *workload_.umask > 0777)
      problem("umask", "", "umask is from 000 to 777");
  }

  void check_namespaces() {
    for (const auto& kind : workload_.share) {
      if (std::find(kNamespaces.begin(), kNamespaces.end(), kind) != kNamespaces.end()) continue;
      problem("share", kind, fmt::format("'{}' is no namespace that can be shared", kind),
              "pid, mount, uts, ipc, cgroup");
    }
    if (workload_.shares("mount") && (!workload_.rootfs.empty() || !workload_.mounts.empty())) {
      problem("share", "mount", "mounts and a rootfs need a mount namespace of their own");
    }
    if (workload_.shares("uts") && !workload_.hostname.empty()) {
      problem("share", "uts", "a hostname needs a uts namespace of its own");
    }
    if (workload_.hostname.size() > 64) problem("hostname", "", "a hostname has at most 64 bytes");
    if (workload_.uid_map.empty() != workload_.gid_map.empty()) {
      problem("uid_map", "", "uid_map and gid_map go together");
    }
    const bool times = workload_.boottime_offset || workload_.monotonic_offset;
    if (times && workload_.shares("pid")) {
      problem("share", "pid", "a time namespace needs a pid namespace of its own");
    }
  }

  void absolute(const char* key, const std::string& path) {
    if (path.empty() || path.front() == '/') return;
    problem(key, path, fmt::format("'{}' is not absolute", path));
  }

  void check_paths() {
    absolute("cwd", workload_.cwd);
    absolute("rootfs", workload_.rootfs);
    for (const auto& mount : workload_.mounts) {
      static constexpr const char* kKeys[] = {"binds", "tmpfs", "devices"};
      const char* key = kKeys[static_cast<std::size_t>(mount.kind)];
      absolute(key, mount.target);
      absolute(key, mount.source);
      const auto parts = split(mount.target, "/");
      if (std::find(parts.begin(), parts.end(), "..") != parts.end()) {
        problem(key, mount.target, fmt::format("'{}' leads upward", mount.target));
      }
      if (mount.target == "/") {
        problem(key, mount.target, "'/' cannot be mounted over", "that is what rootfs is for");
      }
    }
  }

  void check_environment() {
    for (const auto& entry : workload_.env) {
      if (entry.find('=') != std::string::npos && entry.front() != '=') continue;
      problem("env", entry, fmt::format("'{}' is not KEY=VALUE", entry));
    }
  }

  const Workload& workload_;
  std::vector<WorkloadProblem> out_;
};

std::optional<std::uint64_t> limit_value(const std::string& text) {
  if (text == "unlimited") return kUnlimited;
  return parse_size(text);
}

std::optional<std::uint32_t> plain(const std::string& text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stop != end) return {};
  return value;
}

}  // namespace

bool Workload::shares(const char* kind) const {
  return std::find(share.begin(), share.end(), kind) != share.end();
}

std::vector<WorkloadProblem> check_words(const Workload& workload) {
  return WordChecker(workload).run();
}

std::optional<Mount> parse_bind(const std::string& text, std::string& problem) {
  const auto parts = split(text, ":");
  Mount out;
  std::vector<std::string> paths = parts;
  if (paths.size() > 1 && (paths.back() == "ro" || paths.back() == "rw")) {
    out.read_only = paths.back() == "ro";
    paths.pop_back();
  }
  if (paths.empty() || paths.size() > 2 || paths.front().empty() || paths.back().empty()) {
    problem = fmt::format("'{}' is no bind: expected SOURCE:TARGET[:ro] or PATH[:ro]", text);
    return {};
  }
  out.source = paths.front();
  out.target = paths.back();
  return out;
}

std::optional<ResourceLimit> parse_rlimit(const std::string& text, std::string& problem) {
  const auto sides = split(text, "=");
  problem = fmt::format("'{}' is no resource limit: expected NAME=SOFT[:HARD]", text);
  if (sides.size() != 2) return {};
  if (rlimit_number(sides[0]) < 0) {
    problem = fmt::format("there is no resource limit '{}'", sides[0]);
    if (const auto near = did_you_mean(sides[0], rlimit_names()); !near.empty()) {
      problem += "; " + near;
    }
    return {};
  }
  const auto values = split(sides[1], ":");
  const auto soft = limit_value(values.front());
  const auto hard = limit_value(values.back());
  if (!soft || !hard || values.size() > 2) return {};
  problem.clear();
  return ResourceLimit{sides[0], *soft, *hard};
}

std::optional<IdRange> parse_id_range(const std::string& text, std::string& problem) {
  const auto words = split(text, " :");
  if (words.size() == 3) {
    const auto inside = plain(words[0]);
    const auto outside = plain(words[1]);
    const auto count = plain(words[2]);
    if (inside && outside && count && *count > 0) return IdRange{*inside, *outside, *count};
  }
  problem = fmt::format("'{}' is no range of ids: expected INSIDE:OUTSIDE:COUNT", text);
  return {};
}

std::vector<std::string> rlimit_names() {
  std::vector<std::string> out;
  out.reserve(kRlimits.size());
  for (const auto& [name, number] : kRlimits) out.emplace_back(name);
  return out;
}

int rlimit_number(const std::string& name) {
  for (const auto& [known, number] : kRlimits) {
    if (name == known) return number;
  }
  return -1;
}

int signal_number(const std::string& word) {
  std::string name = word;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (name.starts_with("SIG")) name.erase(0, 3);
  if (const auto number = plain(word)) return *number < NSIG ? static_cast<int>(*number) : 0;
  for (int number = 1; number < NSIG; ++number) {
    const char* known = sigabbrev_np(number);
    if (known != nullptr && name == known) return number;
  }
  return 0;
}

std::string signal_name(int number) {
  const char* known = sigabbrev_np(number);
  return known != nullptr ? std::string("SIG") + known : fmt::format("signal {}", number);
}

}  // namespace netyard
