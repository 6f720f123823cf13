// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/confinement.h"

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/units.h"
#include "cli/command.h"

namespace netyard::cli {
namespace {

[[noreturn]] void refuse(const char* option, const std::string& why) {
  wrong_use(option, why);
}

template <class Parse>
auto parsed(const char* option, const std::string& text, Parse parse, const char* expected) {
  const auto value = parse(text);
  if (!value) refuse(option, "expected " + std::string(expected) + ", found '" + text + "'");
  return *value;
}

std::string absolute(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

Mount read_bind(const std::string& text) {
  std::string problem;
  auto mount = parse_bind(text, problem);
  if (!mount) refuse("--bind", problem);
  mount->source = absolute(mount->source);
  return *mount;
}

// PATH or PATH:SIZE.
Mount read_tmpfs(const std::string& text) {
  Mount out;
  out.kind = Mount::Kind::tmpfs;
  const std::size_t colon = text.find(':');
  out.target = text.substr(0, colon);
  if (colon != std::string::npos) {
    out.size = parsed("--tmpfs", text.substr(colon + 1), parse_size, "a size: 64M");
  }
  return out;
}

// /dev/vda:read=1M,write=2M
Limits::Io read_io(const std::string& text) {
  const std::size_t colon = text.find(':');
  Limits::Io out{text.substr(0, colon), {}, {}};
  std::size_t at = colon == std::string::npos ? text.size() : colon + 1;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string word = text.substr(at, end - at);
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    if (equals == std::string::npos || (key != "read" && key != "write")) {
      refuse("--io", "expected DEVICE:read=SIZE,write=SIZE, found '" + text + "'");
    }
    const auto rate = parsed("--io", word.substr(equals + 1), parse_size, "bytes a second: 1M");
    (key == "read" ? out.read : out.write) = rate;
    at = end + 1;
  }
  if (!out.read && !out.write) refuse("--io", "expected DEVICE:read=SIZE,write=SIZE");
  return out;
}

IdRange read_range(const char* option, const std::string& text) {
  std::string problem;
  const auto range = parse_id_range(text, problem);
  if (!range) refuse(option, problem);
  return *range;
}

unsigned read_umask(const std::string& text) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value, 8);
  if (failed != std::errc() || stop != end) refuse("--umask", "expected octal digits: 022");
  return value;
}

// "KEY" alone takes the caller's value.
std::string read_env(const std::string& text) {
  if (text.find('=') != std::string::npos) return text;
  const char* value = std::getenv(text.c_str());
  if (value == nullptr) refuse("--env", text + " is not set here");
  return text + "=" + value;
}

SeccompPolicy::Action read_action(const std::string& word) {
  static const std::map<std::string, SeccompPolicy::Action> kActions = {
      {"errno", SeccompPolicy::Action::errno_},
      {"kill", SeccompPolicy::Action::kill},
      {"log", SeccompPolicy::Action::log},
      {"trap", SeccompPolicy::Action::trap}};
  const auto found = kActions.find(word);
  if (found == kActions.end()) refuse("--seccomp-action", "there are errno, kill, log and trap");
  return found->second;
}

}  // namespace

void ConfinementOptions::add_to(Command& app) {
  const auto list = [&app](const char* names, std::vector<std::string>& to, const char* help) {
    app.add_option(names, to, help).one_at_a_time();
  };
  app.add_option("--user,-u", plain.user, "NAME[:GROUP], or numbers; root when not given");
  list("--group", plain.groups, "supplementary group; may be repeated");
  app.add_option("--umask", umask, "022 when not given");
  app.add_option("--cwd", plain.cwd, "working directory; / when not given");
  app.add_option("--hostname", plain.hostname, "host name");
  list("--env,-e", env, "KEY=VALUE, or KEY to pass the caller's; may be repeated");
  list("--env-file", plain.env_files, "file with lines of KEY=VALUE");
  list("--cap-add", plain.capabilities, "capability to keep, with or without CAP_; ALL");
  app.add_flag("--new-privileges", new_privileges,
               "let setuid programs work (needs --seccomp unconfined)");
  app.add_option("--seccomp", seccomp, "default, unconfined, or a file with an OCI profile");
  list("--allow", allow, "system call to allow on top of that; may be repeated");
  list("--deny", deny, "system call to refuse; may be repeated");
  list("--only", only, "allow these system calls and no others");
  app.add_option("--seccomp-action", action, "what refused calls meet: errno, kill, log, trap");
  app.add_flag("--seccomp-report", report, "tell which system calls were refused");
  app.add_option("--memory,-m", memory, "most memory: 64M. Swap is none unless --swap");
  app.add_option("--swap", swap, "swap on top of --memory");
  app.add_option("--cpu", cpu, "most processor time: 0.5 of one, 150%");
  app.add_option("--cpu-weight", plain.limits.cpu_weight, "share against others, 1 to 10000");
  app.add_option("--cpus", plain.limits.cpus, "processors to use: 0-1,3");
  app.add_option("--pids", plain.limits.pids, "most processes and threads");
  list("--io", io, "DEVICE:read=SIZE,write=SIZE bytes a second");
  list("--rlimit", rlimits, "NAME=SOFT[:HARD], as nofile=1024");
  app.add_option("--nice", plain.nice, "-20 to 19");
  app.add_option("--oom-score-adj", plain.oom_score_adj, "-1000 to 1000");
  app.add_flag("--writable", writable, "leave the root file system writable");
  app.add_option("--rootfs", plain.rootfs, "directory, OCI image layout or image archive as /");
  list("--bind", binds, "SOURCE:TARGET[:ro], or PATH[:ro]; may be repeated");
  list("--tmpfs", tmpfs, "PATH[:SIZE]; may be repeated");
  list("--device", devices, "device to let in; may be repeated");
  list("--uid-map", uid_map, "INSIDE:OUTSIDE:COUNT: a user namespace of its own");
  list("--gid-map", gid_map, "the same for groups");
  list("--share", plain.share, "namespace not to be its own: pid, mount, uts, ipc, cgroup");
  list("--landlock-read", landlock_read, "with Landlock: path that may be read and executed");
  list("--landlock-write", landlock_write, "with Landlock: path that may be written, too");
  app.add_option("--boottime-offset", plain.boottime_offset, "seconds added to the boot time");
  app.add_option("--monotonic-offset", plain.monotonic_offset, "seconds added to that clock");
}

Workload ConfinementOptions::workload() const {
  Workload out = plain;
  out.argv = command;
  for (const auto& one : env) out.env.push_back(read_env(one));
  for (auto& file : out.env_files) file = absolute(file);
  out.rootfs = absolute(out.rootfs);
  if (!umask.empty()) out.umask = read_umask(umask);
  out.no_new_privs = !new_privileges;
  out.read_only = !writable;
  if (!memory.empty()) out.limits.memory = parsed("--memory", memory, parse_size, "a size: 64M");
  if (!swap.empty()) out.limits.swap = parsed("--swap", swap, parse_size, "a size: 64M");
  if (!cpu.empty()) out.limits.cpu = parsed("--cpu", cpu, parse_thousandths, "a number: 0.5");
  for (const auto& one : io) out.limits.io.push_back(read_io(one));
  for (const auto& one : rlimits) {
    std::string problem;
    const auto limit = parse_rlimit(one, problem);
    if (!limit) refuse("--rlimit", problem);
    out.rlimits.push_back(*limit);
  }
  for (const auto& one : binds) out.mounts.push_back(read_bind(one));
  for (const auto& one : tmpfs) out.mounts.push_back(read_tmpfs(one));
  for (const auto& one : devices) {
    Mount device = read_bind(one);
    device.kind = Mount::Kind::device;
    out.mounts.push_back(std::move(device));
  }
  for (const auto& one : uid_map) out.uid_map.push_back(read_range("--uid-map", one));
  for (const auto& one : gid_map) out.gid_map.push_back(read_range("--gid-map", one));
  if (!landlock_read.empty() || !landlock_write.empty()) {
    out.landlock = LandlockPolicy{landlock_read, landlock_write};
  }
  SeccompPolicy& policy = out.seccomp;
  policy.allow = allow;
  policy.deny = deny;
  policy.report = report;
  if (!action.empty()) policy.action = read_action(action);
  if (!only.empty()) {
    if (!seccomp.empty() || !allow.empty()) refuse("--only", "goes without --seccomp and --allow");
    policy.base = SeccompPolicy::Base::none;
    policy.allow = only;
  } else if (seccomp == "unconfined") {
    policy.base = SeccompPolicy::Base::unconfined;
  } else if (!seccomp.empty() && seccomp != "default") {
    policy.base = SeccompPolicy::Base::file;
    policy.file = absolute(seccomp);
  }
  return out;
}

}  // namespace netyard::cli
