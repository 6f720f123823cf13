// SPDX-License-Identifier: Apache-2.0
#include "process/prepared.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace netyard {
namespace {

constexpr const char* kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::size_t kLargestEnvFile = std::size_t{1} << 20;

std::vector<std::string> environment(const Workload& workload, const Identity& identity) {
  std::map<std::string, std::string> values = {{"PATH", kPath}, {"HOME", identity.home}};
  if (!identity.name.empty()) values["USER"] = values["LOGNAME"] = identity.name;
  const auto set = [&values](const std::string& entry) {
    const std::size_t equals = entry.find('=');
    values[entry.substr(0, equals)] = entry.substr(equals + 1);
  };
  for (const auto& path : workload.env_files) {
    std::istringstream lines(read_file(path, kLargestEnvFile));
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (line.empty() || line.front() == '#') continue;
      if (line.find('=') == std::string::npos || line.front() == '=') {
        throw Error(0, "read env file", path + ":" + std::to_string(number))
            .reason("expected KEY=VALUE");
      }
      set(line);
    }
  }
  for (const auto& entry : workload.env) set(entry);
  std::vector<std::string> out;
  out.reserve(values.size());
  for (const auto& [key, value] : values) out.push_back(key + "=" + value);
  return out;
}

std::vector<std::string> candidates(const std::string& program,
                                    const std::vector<std::string>& env) {
  if (program.find('/') != std::string::npos) return {program};
  std::string path;
  for (const auto& entry : env) {
    if (entry.starts_with("PATH=")) path = entry.substr(5);
  }
  std::vector<std::string> out;
  std::istringstream directories(path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    if (!directory.empty()) out.push_back(directory + "/" + program);
  }
  return out;
}

}  // namespace

const std::vector<std::string>& private_directories() {
  static const std::vector<std::string> kDirectories = {"/tmp", "/run", "/var/tmp", "/dev/shm"};
  return kDirectories;
}

bool is_private(const Workload& workload, const std::string& path) {
  const auto holds = [&path](const std::string& directory) {
    return path.starts_with(directory + "/");
  };
  const auto& ours = private_directories();
  if (holds("/dev") || std::any_of(ours.begin(), ours.end(), holds)) return true;
  return std::any_of(workload.mounts.begin(), workload.mounts.end(), [&](const Mount& mount) {
    return mount.kind == Mount::Kind::tmpfs && holds(mount.target);
  });
}

Prepared prepare(const Workload& workload) {
  Prepared out;
  out.workload = workload;
  if (workload.argv.empty() || workload.argv.front().empty()) {
    throw Error(0, "start", "workload").reason("there is no command");
  }
  out.identity = resolve_identity(workload.user, workload.groups, workload.rootfs);
  out.capabilities = capability_set(workload.capabilities);
  const CapabilitySet every = capability_set({"ALL"});
  // What a caller of less than full rights calls all is what it has to give.
  if (out.capabilities == every && !workload.has_user_namespace()) {
    out.capabilities &= own_capabilities();
  }
  out.filter = make_seccomp_filter(workload.seccomp, out.capabilities);
  out.env = environment(workload, out.identity);
  out.candidates = candidates(workload.argv.front(), out.env);
  return out;
}

}  // namespace netyard
